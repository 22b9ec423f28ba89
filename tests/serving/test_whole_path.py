"""The real parts together: MLflow, the history store, ONNX, the fitted models, HTTP."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient

from features.account.store import HistoryStore
from features.text.encoder import Encoder
from models.registry import SHARE_NAME, Registry
from models.settings import Home
from serving.answers import RankOut, ScoreOut
from serving.app import create_app
from serving.settings import Settings
from tests.serving.serving_here import Served, read_until_ready
from tests.serving.tiny_models import import_past

POLISH = "Udało się! Otwieramy dziś kino na Starówce, kocham to miasto."
ENGLISH = "We are so happy, the old cinema is new again today!"
POST = {
    "text": POLISH,
    "platform": "facebook",
    "account_id": "kino",
    "published_at": "2046-11-28T18:00:00+01:00",
}


@pytest.fixture(scope="module")
def client(home: Home) -> Iterator[TestClient]:
    app = create_app(Settings(home, poll_seconds=3600))
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


@pytest.mark.parametrize(("text", "language"), [(POLISH, "pl"), (ENGLISH, "en")])
def test_a_post_is_scored_by_the_real_models(client: TestClient, text: str, language: str) -> None:
    answer = client.post("/v1/score", json={"text": text})
    score = ScoreOut.model_validate(answer.json())
    assert (score.status, score.language) == ("ok", language)
    assert score.share is not None
    assert score.emotion is not None
    assert score.reasons is not None
    total = sum(reason.effect for reason in score.reasons)
    assert total == pytest.approx(score.share.score.value, abs=1e-6)
    for _, part in score.emotion:
        assert part.low <= part.value <= part.high
    assert score.share.population.kind == "reference"
    families = {reason.family for reason in score.reasons}
    who_and_when = {"clock", "context", "history"}
    assert families == {"text", "surface", "format", "recall", "start"} | who_and_when


def test_an_imported_account_is_measured_against_its_own_posts(client: TestClient) -> None:
    answer = client.post("/v1/score", json=POST).json()
    assert answer["warnings"] == []
    assert answer["share"]["population"]["kind"] == "account"
    assert answer["share"]["population"]["size"] == 40
    expected = answer["share"]["expected_shares"]
    assert 0 <= expected["low"] <= expected["value"] <= expected["high"]


def test_candidates_are_ranked_by_the_real_models(client: TestClient) -> None:
    posts = [POST, {**POST, "text": ENGLISH}, {**POST, "text": "ok"}]
    ranking = RankOut.model_validate(client.post("/v1/rank", json={"posts": posts}).json())
    assert [place.rank for place in ranking.candidates] == [1, 2, None]
    scored = [place.best for place in ranking.candidates if place.best is not None]
    assert sum(scored) == pytest.approx(1, abs=1e-3)


def test_ready_when_the_recorded_canaries_are_met(client: TestClient) -> None:
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["canary_difference"] < 1e-4


def test_a_locked_history_store_costs_a_warning(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    elsewhere = replace(home, database_url=f"sqlite:///{path}")
    import_past(elsewhere, tmp_path / "past.csv")
    app = create_app(
        Settings(elsewhere, poll_seconds=3600),
        store=lambda: HistoryStore(elsewhere.database_url, lock_seconds=0.01),
    )
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        with closing(sqlite3.connect(path, isolation_level=None)) as lock:
            lock.execute("PRAGMA locking_mode = EXCLUSIVE")
            lock.execute("BEGIN EXCLUSIVE")
            answer = client.post("/v1/score", json=POST)
        assert answer.status_code == 200
        codes = {note["code"] for note in answer.json()["warnings"]}
        assert codes == {"history_unavailable", "no_history"}
        assert client.post("/v1/score", json=POST).json()["warnings"] == []


def test_promotion_under_load_drops_and_mixes_nothing(home: Home) -> None:
    """Twenty swaps while four clients ask: every answer is whole and of one version."""
    registry = Registry(home)
    app = create_app(Settings(home, poll_seconds=3600), lambda: registry)
    with Served(app) as port:
        app.state.desk.champions.refresh()
        stop = threading.Event()
        seen: list[tuple[int, frozenset[str]]] = []
        clients = [threading.Thread(target=_ask, args=(port, stop, seen)) for _ in range(4)]
        for thread in clients:
            thread.start()
        for turn in range(20):
            registry.promote(SHARE_NAME, "2" if turn % 2 == 0 else "1")
            assert app.state.desk.champions.refresh() is True
        stop.set()
        for thread in clients:
            thread.join()
    assert {status for status, _ in seen} == {200}
    assert {len(versions) for _, versions in seen} == {1}
    assert frozenset.union(*(versions for _, versions in seen)) == {"1", "2"}


def _ask(port: int, stop: threading.Event, seen: list[tuple[int, frozenset[str]]]) -> None:
    posts = [{"text": f"{ENGLISH} {n}", "language": "en"} for n in range(24)]
    body = json.dumps({"posts": posts})
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while not stop.is_set():
            connection.request("POST", "/v1/score/batch", body, JSON)
            answer = connection.getresponse()
            scores = json.loads(answer.read())["scores"]
            versions = frozenset(score["models"]["share"]["version"] for score in scores)
            seen.append((answer.status, versions))


JSON = {"Content-Type": "application/json"}


def test_a_body_in_endless_pieces_is_refused(home: Home) -> None:
    app = create_app(Settings(home, poll_seconds=3600))
    with (
        Served(app) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
    ):
        pieces = iter([b"a" * 65_536] * 160)
        connection.request("POST", "/v1/score", pieces, JSON, encode_chunked=True)
        answer = connection.getresponse()
        assert answer.status == 413
        assert json.load(answer)["type"] == "urn:prescore:problem:too-large"


def test_a_client_that_sends_before_it_listens_still_gets_its_answer(home: Home) -> None:
    app = create_app(Settings(home, poll_seconds=3600))
    with (
        Served(app) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
    ):
        connection.request("POST", "/v1/score", b"a" * 10_000_000, JSON)
        answer = connection.getresponse()
        assert answer.status == 413
        assert json.load(answer)["status"] == 413


def test_a_client_that_hangs_up_takes_its_work_along(home: Home) -> None:
    app = create_app(Settings(home, poll_seconds=3600))
    batcher = app.state.desk.batcher
    with Served(app) as port:
        app.state.desk.champions.refresh()
        held = threading.Event()
        app.state.desk.champions.scorer._encode = _holding(held)
        with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
            body = json.dumps({"posts": [{"text": f"{ENGLISH} {n}"} for n in range(200)]}).encode()
            head = f"POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            wire.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
            _until(lambda: batcher.unfinished == 200)
        _until(lambda: batcher.unfinished == 0)
        held.set()


def _holding(held: threading.Event) -> Any:
    def encode(encoder: Encoder, texts: list[str]) -> Any:
        held.wait(30)
        return encoder.encode(texts)

    return encode


def _until(true: Any) -> None:
    waiting = threading.Event()
    for _ in range(3000):
        if true():
            return
        waiting.wait(0.01)
    pytest.fail("it never came about")


SERVE = """
import os
from models.settings import Home
from serving.main import serve
from serving.settings import Settings
serve(Settings(Home.from_environment(os.environ), port=0))
"""


def test_serve_says_its_address_when_ready_and_stops_when_told(
    home: Home,
) -> None:
    environment = {**os.environ, "PRESCORE_HOME": str(home.root), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process:
        address, said = read_until_ready(process.stderr)
        with urlopen(f"{address}/readyz") as answer:
            assert json.load(answer)["status"] == "ready"
        process.send_signal(signal.SIGTERM)
        said += process.stderr.read()
        process.wait()
    assert "Traceback" not in said
    assert process.returncode in (0, -signal.SIGTERM)
