import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from features.account.past import MOST_READ, AccountPast, to_ns
from features.errors import StoreError
from serving.app import create_app
from serving.pasts import GUESSES
from serving.settings import Settings
from tests.serving.standins import TinyRegistry

POST = {
    "text": "Our bakery burned down last night, and we will rebuild it!",
    "platform": "x",
    "account_id": "bakery",
    "published_at": "2090-11-28T18:00:00Z",
}
DAY = 86_400 * 10**9
FIRST = 20_000 * DAY
KNOWN = [("x", "bakery"), ("x", "mill"), ("x", "Kino Starówka"), ("facebook", "kino-elew")]


class Store:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.threads: set[int] = set()
        self.broken = False
        self.listed: int | None = None
        self.closed = False
        self.posts = 20

    def close(self) -> None:
        self.closed = True

    def past(
        self, platform: str, account_id: str, before: datetime | None = None
    ) -> AccountPast | None:
        self.asked.append((platform, account_id))
        self.threads.add(threading.get_ident())
        if self.broken:
            raise StoreError("The history store is locked.")
        if (platform, account_id) not in KNOWN:
            return AccountPast(np.array([], np.int64), np.array([]))
        times = np.arange(self.posts, dtype=np.int64) * DAY + FIRST
        times = times[times < to_ns(before)] if before else times
        return AccountPast(times[-MOST_READ:], np.log1p(np.full(len(times), 10.0))[-MOST_READ:])

    def accounts(self) -> pd.DataFrame:
        if self.broken:
            raise StoreError("The history store is locked.")
        known = pd.DataFrame(KNOWN[: self.listed], columns=["platform", "account_id"])
        first = pd.Timestamp(FIRST, tz="UTC")
        return known.assign(posts=self.posts, first_at=first, last_at=first)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def client(settings: Settings, registry: TinyRegistry, store: Store) -> Any:
    app = create_app(settings, lambda: registry, lambda: store)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def test_a_known_account_is_measured_against_its_own_posts(client: TestClient) -> None:
    answer = client.post("/v1/score", json=POST).json()
    assert answer["share"]["population"]["kind"] == "account"
    assert answer["share"]["expected_shares"] is not None
    assert answer["warnings"] == []


def test_each_account_is_read_once_a_request(client: TestClient, store: Store) -> None:
    other = {**POST, "account_id": "mill"}
    client.post("/v1/score/batch", json={"posts": [POST, other, POST, {"text": POST["text"]}]})
    assert store.asked == [("x", "bakery"), ("x", "mill")]


def test_without_account_or_platform_the_store_is_not_asked(
    client: TestClient, store: Store
) -> None:
    client.post("/v1/score", json={"text": POST["text"], "account_id": "bakery"})
    client.post("/v1/score", json={"text": POST["text"], "platform": "x"})
    assert store.asked == []


def test_a_locked_store_costs_a_warning_not_the_score(client: TestClient, store: Store) -> None:
    store.broken = True
    answer = client.post("/v1/score", json=POST)
    assert answer.status_code == 200
    codes = {note["code"] for note in answer.json()["warnings"]}
    assert codes == {"history_unavailable", "no_history"}
    assert "prescore_history_failures_total 1.0" in client.get("/metrics").text
    store.broken = False
    assert client.post("/v1/score", json=POST).json()["warnings"] == []


def test_a_locked_store_leaves_evidence_out_and_says_so(client: TestClient, store: Store) -> None:
    store.broken = True
    for path in ("/v1/explain", "/v1/similar", "/v1/when"):
        codes = {note["code"] for note in client.post(path, json=POST).json()["warnings"]}
        assert "history_unavailable" in codes, path
    assert client.get("/v1/accounts").status_code == 503
    store.broken = False
    assert len(client.get("/v1/accounts").json()["accounts"]) == len(KNOWN)


def test_the_store_is_let_go_at_the_end(
    settings: Settings, registry: TinyRegistry, store: Store
) -> None:
    app = create_app(settings, lambda: registry, lambda: store)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        client.post("/v1/score", json=POST)
        assert not store.closed
    assert store.closed


def warnings(client: TestClient, **changes: Any) -> dict[str, dict[str, str]]:
    answer = client.post("/v1/score", json={**POST, **changes}).json()
    return {note["code"]: note.get("values", {}) for note in answer["warnings"]}


@pytest.mark.parametrize("name", ["Bakery", " bakery ", "BAKERY"])
def test_case_and_spaces_of_an_account_do_not_matter(client: TestClient, name: str) -> None:
    assert warnings(client, account_id=name) == {}


@pytest.mark.parametrize(
    ("changes", "code", "values"),
    [
        ({"platform": None}, "account_without_platform", {}),
        ({"account_id": "bakeri"}, "unknown_account", {"nearest": "bakery"}),
        ({"account_id": "kino starowka"}, "unknown_account", {"nearest": "Kino Starówka"}),
        ({"account_id": "Kino-Elew"}, "unknown_account", {"nearest": "Kino-Elew (facebook)"}),
        ({"account_id": "zoo"}, "unknown_account", {}),
        ({"published_at": "2020-01-01T10:00:00Z"}, "before_history", {"first": "2024-10-04"}),
    ],
)
def test_why_nothing_of_the_past_counts(
    client: TestClient, changes: dict[str, Any], code: str, values: dict[str, str]
) -> None:
    found = warnings(client, **changes)
    assert "no_history" in found
    assert found[code] == values


@pytest.mark.parametrize("name", ["bakery", " Bakery"])
def test_a_time_before_the_last_posts_has_the_posts_before_it(
    client: TestClient, store: Store, name: str
) -> None:
    store.posts = 700
    at = "2025-03-20T18:00:00Z"
    answer = client.post("/v1/score", json={**POST, "account_id": name, "published_at": at}).json()
    assert answer["share"]["population"]["kind"] == "account"
    assert [note["code"] for note in answer["warnings"]] == ["planned_in_past"]


@pytest.mark.parametrize("name", ["bakery", " Bakery"])
def test_a_time_before_all_of_many_posts_is_told_the_first_of_all(
    client: TestClient, store: Store, name: str
) -> None:
    store.posts = 700
    found = warnings(client, account_id=name, published_at="2020-01-01T10:00:00Z")
    assert found["before_history"] == {"first": "2024-10-04"}


def test_where_nothing_is_imported_there_is_no_more_to_say(
    client: TestClient, store: Store
) -> None:
    store.listed = 0
    assert warnings(client, account_id="zoo").keys() == {"no_history"}


def test_names_are_asked_for_once_a_while(client: TestClient, store: Store) -> None:
    assert "unknown_account" in warnings(client, account_id="zoo")
    store.listed = 0
    assert "unknown_account" in warnings(client, account_id="zoo")


@pytest.mark.parametrize(("days", "told"), [(-400, True), (-2, True), (-0.5, False), (3, False)])
def test_a_draft_planned_in_the_past_is_told_so(
    client: TestClient, days: float, told: bool
) -> None:
    at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    assert ("planned_in_past" in warnings(client, published_at=at)) == told
    posts = [{**POST, "published_at": at}, POST]
    ranked = client.post("/v1/rank", json={"posts": posts}).json()["candidates"]
    codes = {note["code"] for one in ranked for note in one["score"]["warnings"]}
    assert ("planned_in_past" in codes) == told


def test_the_nearest_name_is_looked_for_once_an_account_and_for_the_first_few(
    client: TestClient,
) -> None:
    names = ["bakry", "bakery1", "bakery2", "bakery3", "bakery4", "bakery5"]
    posts = [{**POST, "account_id": name} for name in names for _ in range(2)]
    with patch("models.grounds.get_close_matches", wraps=get_close_matches) as looked:
        answer = client.post("/v1/score/batch", json={"posts": posts}).json()
    assert looked.call_count == GUESSES
    notes = [score["warnings"] for score in answer["scores"]]
    assert all("unknown_account" in [note["code"] for note in said] for said in notes)


def test_a_name_that_no_store_can_take_costs_no_other_account_its_past(
    settings: Settings, registry: TinyRegistry, database_url: str
) -> None:
    home = replace(settings.home, database_url=database_url)
    app = create_app(replace(settings, home=home), lambda: registry)
    posts = [POST, POST | {"account_id": "ba\0kery"}]
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        scores = client.post("/v1/score/batch", json={"posts": posts}).json()["scores"]
        past = client.get("/v1/page/past?platform=x&account_id=ba%00kery")
        metrics = client.get("/metrics").text
    codes = [[warning["code"] for warning in score["warnings"]] for score in scores]
    assert codes == [["no_history"], ["no_history"]]
    assert past.json() == {"posts": []}
    assert "prescore_history_failures_total 0.0" in metrics
