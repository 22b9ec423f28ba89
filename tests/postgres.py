"""A real PostgreSQL server of the test run's own: in a temporary folder, on a socket file alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

MISSING = (
    "No PostgreSQL server here. Install one: `apt-get install postgresql` on Debian, "
    "`brew install postgresql` on a Mac."
)
LIBRARIES = Path("/usr/lib/postgresql")
OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c max_connections=60"


class Postgres:
    """A running server that makes databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def url(self, database: str, driver: str = "postgresql+psycopg") -> str:
        """The SQLAlchemy URL of a database."""
        return f"{driver}://prescore@/{database}?host={self._folder}"

    def fresh(self, template: str = "template1") -> str:
        """Make a database, a copy of another, and return its name."""
        name = f"test_{next(self._numbers)}"
        where = f"host={self._folder} user=prescore dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server and stop it at the end; as another user where this one is root."""
    initdb, control = program("initdb"), program("pg_ctl")
    user = "postgres" if os.geteuid() == 0 else None
    # Not pytest's own folder, into which no other user may look.
    with tempfile.TemporaryDirectory(prefix="prescore-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        data, log = folder / "data", folder / "log"
        options = f"{OPTIONS} -c unix_socket_directories={folder}"

        def call(*words: str | Path) -> None:
            subprocess.run(words, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

        call(initdb, "-D", data, "-U", "prescore", "--auth=trust", "-E", "UTF8", "--no-sync")
        call(control, "start", "-w", "-D", data, "-l", log, "-o", options)
        try:
            yield Postgres(folder)
        finally:
            call(control, "stop", "-w", "-m", "immediate", "-D", data)


def program(name: str) -> str:
    """Find a program of the server: on the path, or where Debian keeps it.

    Where there is none, CI fails, and other runs say what to install.
    """
    versions = sorted(LIBRARIES.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)
