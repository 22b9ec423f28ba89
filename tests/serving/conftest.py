from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from models.settings import Home
from serving.app import create_app
from serving.settings import Settings
from tests.serving.standins import TinyRegistry
from tests.serving.tiny_models import whole_home


class NoStore:
    def past(self, platform: str, account_id: str, before: Any = None) -> None:
        return None

    def accounts(self) -> pd.DataFrame:
        return pd.DataFrame(columns=["platform", "account_id", "posts", "first_at", "last_at"])

    def close(self) -> None:
        return None


def settings_at(folder: Path) -> Settings:
    home = Home.from_environment({"PRESCORE_HOME": str(folder / "home")})
    return Settings(home, poll_seconds=0.02)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path)


@pytest.fixture
def registry() -> TinyRegistry:
    return TinyRegistry()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service with models whose forecasts a person can predict; one for a whole file."""
    settings = settings_at(tmp_path_factory.mktemp("client"))
    app = create_app(replace(settings, poll_seconds=3600), TinyRegistry, NoStore)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, tiny_encoder_folder: Path) -> Home:
    """A state folder with a champion of each kind, a challenger, and one account's past."""
    return whole_home(tmp_path_factory.mktemp("whole"), tiny_encoder_folder)
