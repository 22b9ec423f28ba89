import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from models import sqlite_file
from models.settings import Home
from serving.app import create_app
from serving.page.room import as_html
from serving.settings import Settings
from tests.serving.tiny_models import whole_home

SHARE = "/v1/page/room/prescore-share"


@pytest.fixture(scope="module")
def room(
    tmp_path_factory: pytest.TempPathFactory, tiny_encoder_folder: Path
) -> Iterator[TestClient]:
    home: Home = whole_home(tmp_path_factory.mktemp("room"), tiny_encoder_folder)
    app = create_app(Settings(home, poll_seconds=3600))
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def standing(room: TestClient, alias: str) -> str | None:
    models = {
        model["name"]: model["versions"] for model in room.get("/v1/page/room").json()["models"]
    }
    found = [one["version"] for one in models["prescore-share"] if alias in one["standings"]]
    return found[0] if found else None


def test_a_promotion_is_in_service_when_it_is_answered_and_can_be_taken_back(
    room: TestClient,
) -> None:
    answer = room.post(f"{SHARE}/2/promote").json()
    assert answer == {"name": "prescore-share", "version": "2", "serving": True, "refused": None}
    assert room.get("/v1/models").json()["models"][1]["version"] == "2"
    assert (standing(room, "champion"), standing(room, "previous")) == ("2", "1")
    assert room.post(f"{SHARE}/rollback").json()["version"] == "1"
    assert standing(room, "champion") == "1"
    again = room.post(f"{SHARE}/rollback")
    assert (again.status_code, again.json()["status"]) == (404, 404)


def test_a_champion_tells_who_made_it_one(room: TestClient) -> None:
    models = {one["name"]: one["versions"] for one in room.get("/v1/page/room").json()["models"]}
    told = {one["version"]: one["crowned_by"] for one in models["prescore-share"]}
    assert told == {"1": "person", "2": None}
    serving = room.get("/v1/models").json()["models"][1]
    assert (serving["crowned_by"], serving["objection"]) == ("person", None)


@pytest.mark.parametrize("path", [f"{SHARE}/99", f"{SHARE}/1/none.png", "/v1/page/room/nobody/1"])
def test_what_is_not_there_is_a_404(room: TestClient, path: str) -> None:
    assert room.get(path).status_code == 404


@pytest.fixture
def locked(room: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The room while another process writes to the registry."""
    monkeypatch.setattr(sqlite_file, "LOCK_SECONDS", 0.05)
    home: Home = room.app.state.desk.settings.home  # type: ignore[attr-defined]
    with closing(sqlite3.connect(home.root / "mlflow.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield room


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{SHARE}/98"),
        ("GET", f"{SHARE}/1/none.png"),
        ("POST", f"{SHARE}/1/promote"),
        ("POST", f"{SHARE}/rollback"),
    ],
)
def test_a_registry_that_cannot_be_asked_has_not_lost_its_versions(
    locked: TestClient, method: str, path: str
) -> None:
    answer = locked.request(method, path)
    assert answer.status_code == 503
    assert "locked by another process" in answer.json()["detail"]


def test_a_version_without_a_report_says_so_by_emptiness(room: TestClient) -> None:
    record = room.get(f"{SHARE}/1").json()
    assert (record["card"], record["measures"], record["figures"]) == ("", [], [])


def test_markup_in_a_card_is_text() -> None:
    html = as_html("# Title\n\n<script>alert(1)</script>\n\n[x](javascript:alert)")
    assert "<h3>Title</h3>" in html
    assert "<script>" not in html
    assert 'href="javascript' not in html
