"""What may go wrong around the service, with the real parts: it says so and scores on."""

import ast
import resource
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from features.account.store import HistoryStore
from models.registry import SHARE_NAME, Registry
from models.settings import Home
from serving import champions
from serving.app import create_app
from serving.settings import Limits, Settings
from tests.serving.serving_here import Served, ServedElsewhere
from tests.serving.tiny_models import import_past

ROOT = Path(__file__).parents[2]
POST = {
    "text": "We are so happy, the old cinema is new again today!",
    "platform": "facebook",
    "account_id": "kino",
    "published_at": "2046-11-28T18:00:00+01:00",
}
UNDER_LOAD = 12


@pytest.fixture
def own_home(home: Home, tmp_path: Path) -> Home:
    """A copy of the state folder that a test may break."""
    root = tmp_path / "home"
    shutil.copytree(home.root, root)
    with closing(sqlite3.connect(root / "mlflow.db")) as database, database:
        for table, column in (
            ("model_versions", "source"),
            ("model_versions", "storage_location"),
            ("experiments", "artifact_location"),
            ("runs", "artifact_uri"),
            ("logged_models", "artifact_location"),
        ):
            database.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)",
                (str(home.root), str(root)),
            )
    return Home.from_environment({"PRESCORE_HOME": str(root)})


@pytest.fixture
def app(own_home: Home) -> FastAPI:
    return create_app(Settings(own_home, poll_seconds=3600))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def score(client: TestClient) -> Any:
    answer = client.post("/v1/score", json=POST)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ok"
    return answer.json()


def test_a_history_store_that_cannot_be_written_is_read(own_home: Home, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    import_past(replace(own_home, database_url=f"sqlite:///{path}"), tmp_path / "past.csv")
    only_read = f"sqlite:///file:{path}?mode=ro&uri=true"
    app = create_app(Settings(own_home, poll_seconds=3600), store=lambda: HistoryStore(only_read))
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        assert score(client)["warnings"] == []
        assert score(client)["share"]["population"]["kind"] == "account"


def overwrite(path: Path, start: bytes) -> None:
    """Write over the beginning of a file: cut to nothing, it would be a new, sound database."""
    with path.open("r+b") as file:
        file.write(start)


def test_a_registry_that_is_damaged_stops_nothing_and_comes_back(
    app: FastAPI, client: TestClient, own_home: Home
) -> None:
    path = own_home.root / "mlflow.db"
    whole = path.read_bytes()
    overwrite(path, b"this is no database" * 1000)
    assert app.state.desk.champions.refresh() is False
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["registry"].startswith("Cannot find models:/prescore-emotion@champion: ")
    assert "prescore_registry_reachable 0.0" in client.get("/metrics").text
    score(client)
    overwrite(path, whole)
    app.state.desk.champions.refresh()
    assert client.get("/readyz").json()["registry"] == "reachable"
    assert "prescore_registry_reachable 1.0" in client.get("/metrics").text


def test_a_damaged_version_is_refused_until_it_is_whole_again(
    app: FastAPI, client: TestClient, own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(champions, "RETRY_SECONDS", 0.0)
    registry = Registry(own_home)
    trees = registry.folder(registry.resolve(f"{SHARE_NAME}/2")) / "trees.txt.gz"
    whole = trees.read_bytes()
    trees.write_bytes(whole[:-100])
    registry.promote(SHARE_NAME, "2")
    assert app.state.desk.champions.refresh() is False
    ready = client.get("/readyz").json()
    assert ready["refused"]["version"] == "models:/prescore-share/2"
    assert "was altered" in ready["refused"]["why"]
    assert score(client)["models"]["share"]["version"] == "1"
    assert 'prescore_swaps_total{result="refused"} 1.0' in client.get("/metrics").text
    trees.write_bytes(whole)
    assert app.state.desk.champions.refresh() is True
    assert score(client)["models"]["share"]["version"] == "2"


def test_a_clock_that_jumps_changes_no_answer_and_no_deadline(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = score(client)["share"]
    now, jumps = time.time(), iter(range(10_000))

    def jumping() -> float:
        return now + 86_400 * 400 * (1 if next(jumps) % 2 else -1)

    monkeypatch.setattr(time, "time", jumping)
    assert [score(client)["share"] for _ in range(5)] == [before] * 5


@pytest.mark.parametrize("package", ["serving", "models", "features"])
def test_no_duration_is_taken_from_the_wall_clock(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) != ("time", "time"), path


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process")
def test_on_a_full_disk_scores_and_promotions_go_on(own_home: Home) -> None:
    with ServedElsewhere(own_home) as service:
        # From here on no file can grow by a byte, whoever of the service writes to it.
        hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (0, hard))
        assert asked(service.port) == "1"
        Registry(own_home).promote(SHARE_NAME, "2")
        for _ in range(3000):
            if asked(service.port) == "2":
                break
            threading.Event().wait(0.02)
        else:
            pytest.fail("the promotion was not followed")
    assert not any("Traceback" in line for line in service.log)


def asked(port: int) -> str:
    """The share version that answers."""
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/score", json=POST, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["models"]["share"]["version"])


def test_under_a_rush_some_are_told_to_come_back_at_once_and_the_rest_is_served(
    own_home: Home,
) -> None:
    limits = Limits(queued_drafts=4)
    app = create_app(Settings(own_home, poll_seconds=3600, limits=limits, lanes=1))
    desk, held = app.state.desk, threading.Event()
    with Served(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        desk.champions.refresh()
        encode = desk.champions.scorer._encode

        def holding(encoder: Any, texts: Any) -> Any:
            assert held.wait(60)
            return encode(encoder, texts)

        desk.champions.scorer._encode = holding
        served: list[int] = []
        waiting = [
            threading.Thread(target=lambda n=n: served.append(_status(port, n)))
            for n in range(limits.queued_drafts)
        ]
        for thread in waiting:
            thread.start()
        while desk.batcher.unfinished < limits.queued_drafts:
            threading.Event().wait(0.01)
        for number in range(UNDER_LOAD):
            refused = client.post("/v1/score", json={**POST, "text": f"{POST['text']} {number}"})
            assert refused.status_code == 429
            assert int(refused.headers["Retry-After"]) >= 1
            assert refused.json()["type"] == "urn:prescore:problem:queue-full"
        assert client.get("/healthz").status_code == 200
        held.set()
        for thread in waiting:
            thread.join()
        assert served == [200] * limits.queued_drafts
        assert desk.batcher.unfinished == 0
        assert client.post("/v1/score", json=POST).status_code == 200
        told = client.get("/metrics").text
    assert f'prescore_turned_away_total{{reason="queue-full"}} {UNDER_LOAD:.1f}' in told


def _status(port: int, number: int) -> int:
    body = {**POST, "text": f"{POST['text']} and {number}"}
    return httpx.post(f"http://127.0.0.1:{port}/v1/score", json=body, timeout=60).status_code


def test_ids_of_scores_stay_in_order_within_a_batch_whatever_the_clock_does(
    client: TestClient,
) -> None:
    answer = client.post("/v1/score/batch", json={"posts": [POST] * 20}).json()
    ids = [score["id"] for score in answer["scores"]]
    assert len(set(ids)) == 20
    assert abs(datetime.now(UTC) - _moment(max(ids))) < timedelta(minutes=10)


def _moment(name: str) -> datetime:
    return datetime.fromtimestamp(int(name.replace("-", "")[:12], 16) / 1000, UTC)


def test_who_does_not_ask_for_reasons_does_not_wait_for_them(client: TestClient) -> None:
    before = _explained(client)
    for _ in range(3):
        answer = client.post("/v1/score?explain=false", json=POST).json()
        assert answer["reasons"] == []
    assert _explained(client) == before
    client.post("/v1/score", json=POST)
    assert _explained(client) == before + 1


def _explained(client: TestClient) -> float:
    """Steps in which reasons were worked out."""
    name = 'prescore_stage_seconds_count{stage="explain"} '
    lines = client.get("/metrics").text.splitlines()
    return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))
