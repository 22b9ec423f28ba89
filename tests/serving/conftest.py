from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.settings import Home
from serving.app import create_app
from serving.settings import Settings
from tests.serving.standins import TinyRegistry


class NoStore:
    def past(self, platform: str, account_id: str, before: Any = None) -> None:
        return None

    def close(self) -> None:
        return None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "home")})
    return Settings(home, poll_seconds=0.02)


@pytest.fixture
def registry() -> TinyRegistry:
    return TinyRegistry()


@pytest.fixture
def client(settings: Settings, registry: TinyRegistry) -> Iterator[TestClient]:
    app = create_app(settings, lambda: registry, NoStore)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client
