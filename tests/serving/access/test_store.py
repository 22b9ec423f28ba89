"""Keys in the history database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.database import Database
from features.errors import InputError, StoreError
from serving.access.keys import Wanted, digest_of, recognise
from serving.access.store import KeyStore

NOW = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SCORE = frozenset({"score"})


@pytest.fixture
def store(database_url: str) -> Iterator[KeyStore]:
    store = KeyStore(Database(database_url))
    yield store
    store.close()


def test_what_is_kept_of_a_key(store: KeyStore) -> None:
    wanted = Wanted("planner", frozenset({"score", "import"}), 60, LATER)
    made, written = store.create(wanted, NOW)
    (kept,) = store.all()
    assert kept == made
    assert (kept.scopes, kept.per_minute, kept.expires) == (wanted.scopes, 60, LATER)
    assert recognise(written, store.all()) == made


def test_the_secret_is_nowhere_in_the_database(tmp_path: Path) -> None:
    store = KeyStore(Database(f"sqlite:///{tmp_path / 'history.db'}"))
    key, written = store.create(Wanted("planner", SCORE), NOW)
    store.open_session(key, "token-of-a-session", NOW, timedelta(hours=1))
    secret = written.split("_", 2)[2].encode()
    files = list(tmp_path.glob("history.db*"))
    assert any(key.digest.encode() in file.read_bytes() for file in files)
    for file in files:
        assert secret not in file.read_bytes()
        assert b"token-of-a-session" not in file.read_bytes()


def test_an_error_of_keys_does_not_speak_of_history(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_text("no database")
    with pytest.raises(StoreError, match=r"^The database sqlite:.*keys\.db failed: file is not a"):
        KeyStore(Database(f"sqlite:///{tmp_path / 'keys.db'}"))


def test_a_name_is_in_use_until_its_key_is_revoked(store: KeyStore) -> None:
    store.create(Wanted("planner", SCORE), NOW)
    with pytest.raises(InputError, match="'planner' is in use"):
        store.create(Wanted("planner", SCORE), NOW)
    assert store.revoke("planner", LATER).name == "planner"
    store.create(Wanted("planner", SCORE), LATER)
    assert [key.revoked for key in store.all()] == [None, LATER]


def test_a_key_is_revoked_by_its_id_too(store: KeyStore) -> None:
    key, _ = store.create(Wanted("planner", SCORE), NOW)
    store.revoke(key.id, LATER)
    assert not store.all()[0].is_live(LATER)


def test_what_is_not_in_use_cannot_be_revoked(store: KeyStore) -> None:
    with pytest.raises(InputError, match="No key named 'nobody' is in use"):
        store.revoke("nobody", NOW)


def test_revoking_a_key_ends_its_sessions_only(store: KeyStore) -> None:
    first, _ = store.create(Wanted("first", SCORE), NOW)
    second, _ = store.create(Wanted("second", SCORE), NOW)
    for key in (first, second):
        store.open_session(key, f"token of {key.name}", NOW, timedelta(hours=1))
    store.revoke("first", NOW)
    assert store.known().sessions == {digest_of("token of second"): (second.id, LATER)}


def test_sessions_that_are_over_are_forgotten(store: KeyStore) -> None:
    key, _ = store.create(Wanted("planner", SCORE), NOW)
    store.open_session(key, "old", NOW, timedelta(minutes=1))
    store.open_session(key, "new", LATER, timedelta(hours=1))
    assert set(store.known().sessions) == {digest_of("new")}
    store.close_session("new")
    assert store.known().sessions == {}
