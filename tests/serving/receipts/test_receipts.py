"""Receipts with the real parts: the models, MLflow, either database, HTTP."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from features.account.store import HistoryStore
from features.database import Database
from models.registry import SHARE_NAME, Registry
from models.settings import Home
from models.versions import Loaded
from serving.access.keys import Wanted
from serving.access.store import KeyStore
from serving.answers import ReceiptOut, RecomputedOut
from serving.app import create_app
from serving.receipts.again import again
from serving.settings import Limits, Settings
from tests.serving.access.conftest import bearing
from tests.serving.tiny_models import import_past

TEXTS = (
    "Udało się! Otwieramy dziś kino na Starówce, kocham to miasto.",
    "We are so happy, the old cinema is new again today!",
    "Nie ma biletów, wstyd i strata dla wszystkich, którzy czekali.",
    "ok",
)
POSTS: list[dict[str, Any]] = [
    {"text": TEXTS[0], "platform": "facebook", "account_id": "kino"},
    {"text": TEXTS[1], "published_at": "2026-11-28T18:00:00", "timezone": "Europe/Warsaw"},
    {"text": TEXTS[2], "platform": "twitter", "followers": 1e6, "media_type": "image"},
    {"text": TEXTS[3]},
    *({"text": f"{TEXTS[1]} {'Love is great. ' * n}"} for n in range(20)),
]


@pytest.fixture
def place(home: Home, database_url: str, tmp_path: Path) -> Home:
    """The models of other tests beside a history of its own."""
    place = replace(home, database_url=database_url)
    import_past(place, tmp_path / "past.csv")
    return place


@pytest.fixture
def app(place: Home) -> FastAPI:
    return create_app(Settings(place, poll_seconds=3600, receipt_days=30))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def scored(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/score/batch", json={"posts": POSTS}, params=query)
    assert answer.status_code == 200, answer.text
    scores: list[dict[str, Any]] = answer.json()["scores"]
    return scores


def test_a_score_is_read_back(client: TestClient) -> None:
    for score, post in zip(scored(client), POSTS, strict=True):
        receipt = ReceiptOut.model_validate(client.get(f"/v1/receipts/{score['id']}").json())
        assert receipt.answer.model_dump(exclude_unset=True) == score
        assert receipt.post.text == post["text"]
    assert receipt.past_posts is None


@pytest.mark.parametrize("post", [POSTS[0], POSTS[3]])
def test_an_explanation_has_the_receipt_of_the_score_that_it_explains(
    client: TestClient, post: dict[str, Any]
) -> None:
    explained = client.post("/v1/explain", json=post).json()
    receipt = client.get(f"/v1/receipts/{explained['id']}")
    assert receipt.status_code == 200, receipt.text
    answer = receipt.json()["answer"]
    same = ("id", "status", "language", "reason", "warnings", "models")
    assert [answer.get(name) for name in same] == [explained.get(name) for name in same]
    made = client.post(f"/v1/receipts/{explained['id']}/recompute").json()
    assert (made["same"], made["answer"]) == (True, answer)


def test_scores_are_made_again_bit_for_bit_after_promotions(
    client: TestClient, app: FastAPI, place: Home
) -> None:
    """Whatever they were scored beside, and however the history has grown since."""
    registry = Registry(place)
    kept = [*scored(client), *scored(client, explain=False)]
    kept += [client.post("/v1/score", json=post).json() for post in POSTS[:4]]
    ranked = client.post("/v1/rank", json={"posts": POSTS}).json()["candidates"]
    kept += [candidate["score"] for candidate in ranked]
    with closing(HistoryStore(place.database_url)) as store:
        grown = store.posts().assign(post_id=lambda frame: frame["post_id"] + "b", shares=900.0)
        assert store.upsert(grown).added == 40
    registry.promote(SHARE_NAME, "2")
    try:
        assert app.state.desk.champions.refresh() is True
        other = client.post("/v1/score", json=POSTS[0]).json()
        assert other["share"] != kept[0]["share"]
        for score in kept:
            made = client.post(f"/v1/receipts/{score['id']}/recompute")
            again = RecomputedOut.model_validate(made.json())
            assert again.same, made.text
            assert made.json()["answer"] == score
            assert (again.encoder_difference is None) is (score["status"] == "abstained")
            assert (again.encoder_difference or 0.0) < 1e-6
    finally:
        registry.promote(SHARE_NAME, "1")


def test_scores_are_made_again_one_at_a_time_and_few_wait(
    place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        place, limits=Limits(queued_recomputes=1), poll_seconds=3600, receipt_days=30
    )
    app = create_app(settings)
    loading, go_on = threading.Event(), threading.Event()
    version = app.state.desk.champions.version

    def slow(uri: str) -> Loaded:
        loading.set()
        go_on.wait(30)
        loaded: Loaded = version(uri)
        return loaded

    monkeypatch.setattr(app.state.desk.champions, "version", slow)
    with TestClient(app) as client, ThreadPoolExecutor(1) as another:
        app.state.desk.champions.refresh()
        score = client.post("/v1/score", json=POSTS[0]).json()
        path = f"/v1/receipts/{score['id']}/recompute"
        first = another.submit(client.post, path)
        assert loading.wait(30)
        refused = client.post(path)
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
        go_on.set()
        assert first.result(30).json()["same"] is True
        assert client.post(path).json()["same"] is True


def test_a_short_draft_keeps_the_language_that_its_past_told(client: TestClient) -> None:
    short = {"text": "Repertuar kina", "platform": "facebook", "account_id": "kino"}
    score = client.post("/v1/score", json=short).json()
    alone = client.post("/v1/score", json={"text": short["text"]}).json()
    assert score["language"] == "pl"
    assert alone["language"] != "pl"

    made = client.post(f"/v1/receipts/{score['id']}/recompute").json()
    assert made["answer"] == score
    assert made["same"] is True


def test_receipts_outlive_the_service(client: TestClient, place: Home) -> None:
    score = client.post("/v1/score", json=POSTS[0]).json()
    client.app.state.desk.keeper.close(10)  # type: ignore[attr-defined]
    with TestClient(create_app(Settings(place, poll_seconds=3600, receipt_days=30))) as later:
        later.app.state.desk.champions.refresh()  # type: ignore[attr-defined]
        receipt = later.get(f"/v1/receipts/{score['id']}").json()
        assert receipt["answer"] == score
        assert later.post(f"/v1/receipts/{score['id']}/recompute").json()["same"] is True


def test_a_receipt_that_was_tampered_with_is_not_the_same(client: TestClient, app: FastAPI) -> None:
    score = client.post("/v1/score", json=POSTS[0]).json()
    keeper = app.state.desk.keeper
    found = keeper.find(score["id"])
    emotion, share = (app.state.desk.champions.version(uri) for uri in found.versions)
    other = replace(found, post=replace(found.post, text=TEXTS[1]))
    made = again(other, emotion, share)
    assert made.same is False
    assert made.encoder_difference is not None
    assert made.encoder_difference > 0.01


@pytest.mark.parametrize("name", ["01890000-0000-7000-8000-000000000000", "abc", "a%00b"])
def test_what_is_no_receipt(client: TestClient, name: str) -> None:
    asked = client.get(f"/v1/receipts/{name}"), client.post(f"/v1/receipts/{name}/recompute")
    for missing in asked:
        assert missing.status_code == 404
        assert missing.json()["type"] == "urn:prescore:problem:no-receipt"


def test_without_the_option_nothing_is_kept(home: Home, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'history.db'}"
    app = create_app(Settings(replace(home, database_url=url), poll_seconds=3600))
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        score = client.post("/v1/score", json=POSTS[0]).json()
        answer = client.get(f"/v1/receipts/{score['id']}")
    assert answer.status_code == 404
    assert "--receipts" in answer.json()["detail"]
    for file in tmp_path.glob("history.db*"):
        assert b"Otwieramy" not in file.read_bytes()


def test_a_receipt_is_for_the_key_that_asked(client: TestClient, place: Home) -> None:
    with closing(KeyStore(Database(place.database_url))) as keys:
        now = datetime.now(UTC)
        mine, theirs = (keys.create(Wanted(n, frozenset({"score"})), now)[1] for n in "ab")
        admin = keys.create(Wanted("c", frozenset({"admin"})), now)[1]
    client.app.state.desk.keyring._reading = None  # type: ignore[attr-defined]
    score = client.post("/v1/score", json=POSTS[0], headers=bearing(mine)).json()
    path = f"/v1/receipts/{score['id']}"
    statuses = [client.get(path, headers=bearing(key)).status_code for key in (mine, theirs, admin)]
    assert statuses == [200, 404, 200]
    assert client.get(path).status_code == 401


def test_a_failing_store_costs_no_score(
    client: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    from features.errors import StoreError

    def broken(*_: Any) -> None:
        raise StoreError("The database failed: disk full.")

    monkeypatch.setattr("serving.receipts.store.ReceiptStore.add", broken)
    assert scored(client)[0]["status"] == "ok"
    app.state.desk.keeper.close(10)
    dropped = 'prescore_receipts_total{result="dropped"} 24.0'
    assert dropped in client.get("/metrics").text
