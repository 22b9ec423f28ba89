from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from models.versions import Loaded
from tests.serving.standins import loaded

Run = Callable[..., Result]


class TinyRegistry:
    """Tiny models under the names that commands ask for."""

    def load(self, address: str, threads: int = 1) -> Loaded:
        return loaded("emotion" if "emotion" in address else "share")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own for each test."""
    for variable in ("MLFLOW_TRACKING_URI", "PRESCORE_DATABASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PRESCORE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    def invoke(*words: str | Path, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], input=stdin)

    return invoke


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiny models stand where the registry's would be loaded."""
    monkeypatch.setattr("models.registry.Registry", lambda _: TinyRegistry())
    monkeypatch.setattr("models.shipped.ensure_starter", lambda _: [])
