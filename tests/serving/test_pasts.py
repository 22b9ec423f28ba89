import threading
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from features.account.past import AccountPast
from features.errors import StoreError
from serving.app import create_app
from serving.settings import Settings
from tests.serving.standins import TinyRegistry

POST = {
    "text": "Our bakery burned down last night, and we will rebuild it!",
    "platform": "x",
    "account_id": "bakery",
    "published_at": "2026-11-28T18:00:00Z",
}
DAY = 86_400 * 10**9


class Store:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.threads: set[int] = set()
        self.broken = False
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def past(
        self, platform: str, account_id: str, before: datetime | None = None
    ) -> AccountPast | None:
        self.asked.append((platform, account_id))
        self.threads.add(threading.get_ident())
        if self.broken:
            raise StoreError("The history store is locked.")
        times = np.arange(20, dtype=np.int64) * DAY + 20_000 * DAY
        return AccountPast(times, np.log1p(np.full(20, 10.0)))

    def accounts(self) -> pd.DataFrame:
        if self.broken:
            raise StoreError("The history store is locked.")
        return pd.DataFrame(columns=["platform", "account_id", "posts", "first_at", "last_at"])


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
    assert client.get("/v1/accounts").json() == {"accounts": []}


def test_the_store_is_let_go_at_the_end(
    settings: Settings, registry: TinyRegistry, store: Store
) -> None:
    app = create_app(settings, lambda: registry, lambda: store)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        client.post("/v1/score", json=POST)
        assert not store.closed
    assert store.closed
