"""The embedded registry as a file: is it sound, and who may write to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from features.errors import ConfigError, RegistryError

LOCK_SECONDS = 10.0
"""How long to wait for another process that holds the embedded registry."""


def check_sqlite(uri: str, doing: str) -> None:
    """Find out in a millisecond what MLflow would retry for minutes.

    Raises
    ------
    RegistryError
        When the file is locked, or is no database.
    """
    path = sqlite_path(uri)
    if path is None or not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_SECONDS)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as err:
        raise RegistryError(sqlite_trouble(doing, path, err)) from err


def sqlite_path(uri: str) -> Path | None:
    """Return the file of a SQLite URL; None for another kind, or for one in memory.

    Raises
    ------
    ConfigError
        When the URL cannot be read.
    """
    if not uri.startswith("sqlite"):
        return None
    try:
        database = make_url(uri).database
    except ArgumentError as err:
        raise ConfigError("MLFLOW_TRACKING_URI is not a SQLite URL.") from err
    return Path(database) if database and database != ":memory:" else None


def locked(doing: str) -> str:
    """Say that somebody else holds the registry."""
    return f"Cannot {doing}: the registry is locked by another process. Try again in a moment."


def sqlite_trouble(doing: str, path: Path, err: sqlite3.DatabaseError) -> str:
    """Say in one line what is wrong with the file."""
    if not isinstance(err, sqlite3.OperationalError):
        return f"Cannot {doing}: {path} is not a SQLite file."
    return locked(doing) if "locked" in str(err) else f"Cannot {doing}: {path}: {err}."


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Let one process at a time into the block; a killed one lets go by itself.

    Raises
    ------
    RegistryError
        When another process stays in too long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=6 * LOCK_SECONDS, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.DatabaseError as err:
        connection.close()
        raise RegistryError(sqlite_trouble("write to the registry", path, err)) from err
    with closing(connection):
        yield
