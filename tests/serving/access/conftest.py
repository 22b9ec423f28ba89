"""A service that asks for keys, and the means to make them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from features.database import Database
from serving.access.keys import Wanted
from serving.access.store import KeyStore
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import NoStore, settings_at
from tests.serving.standins import TinyRegistry

Make = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(settings_at(tmp_path), poll_seconds=3600)


@pytest.fixture
def keys(settings: Settings) -> Iterator[KeyStore]:
    store = KeyStore(Database(settings.home.database_url))
    yield store
    store.close()


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings, TinyRegistry, NoStore)


@pytest.fixture
def make(keys: KeyStore, app: FastAPI) -> Make:
    """Makes a key, which the service knows at once, and returns it as it is presented."""

    def make(name: str, *scopes: str, rate: int | None = None) -> str:
        wanted = Wanted(name, frozenset(scopes or {"score"}), rate)
        written = keys.create(wanted, datetime.now(UTC))[1]
        app.state.desk.keyring._reading = None
        return written

    return make


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
