"""One database for what a service remembers: SQLite in a file by default, PostgreSQL by URL.

Whoever opens it finds the schema up to date. Times are whole microseconds since 1970 UTC, which
both keep exactly and compare as instants.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from features.account.migrations import STEPS, current_version, migrate
from features.errors import StoreError
from features.private import make_private_file, make_private_folder

LOCK_SECONDS = 10.0
CONNECT_SECONDS = 5

# Writers take turns, so that two imports of one post add it once: SQLite's own lock does that,
# PostgreSQL's needs a number of ours.
_WRITERS_QUEUE = 7_705_517_332


class Database:
    """The database of the history store, the keys and the receipts.

    Parameters
    ----------
    url
        A SQLAlchemy URL: `sqlite:///path/to/history.db` or `postgresql+psycopg://…`.
    lock_seconds
        How long to wait for another process that is writing.
    held
        Whether a SQLite file is kept open between uses, which keeps others from having it alone.

    Raises
    ------
    StoreError
        If the database cannot be opened, or is of a newer prescore.
    """

    def __init__(self, url: str, lock_seconds: float = LOCK_SECONDS, *, held: bool = True) -> None:
        self.engine = _engine(url, lock_seconds, None if held else sa.NullPool)
        # A query may hold a password, too, and no rule says under which name.
        self._name = self.engine.url.set(query={}).render_as_string(hide_password=True)
        try:
            self._bring_up_to_date()
        except StoreError:
            self.close()
            raise

    def _bring_up_to_date(self) -> None:
        with self.read() as connection:
            version = current_version(connection)
        if version != len(STEPS):
            self._let_readers_and_a_writer_meet()
            with self.write() as connection:
                migrate(connection)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection for reading.

        Raises
        ------
        StoreError
            If the database fails.
        """
        with self._explained(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction; writers take turns, and what fails leaves nothing behind.

        Raises
        ------
        StoreError
            If the database is locked, read-only, full or damaged; it is then as it was.
        """
        with (
            self._explained(),
            self.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITERS_QUEUE)))
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _let_readers_and_a_writer_meet(self) -> None:
        if self.engine.dialect.name == "sqlite":
            with self._explained(), closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA journal_mode = WAL")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as err:
            reason = str(getattr(err, "orig", None) or err).splitlines()[0]
            raise StoreError(f"The database {self._name} failed: {reason}.") from err


def _engine(url: str, lock_seconds: float, pool: type[sa.Pool] | None) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return sa.create_engine(
                parsed, pool_pre_ping=True, connect_args=_patience(parsed, lock_seconds)
            )
        # A database named by a file: URI is opened as it says, also read-only; its folder is there.
        if parsed.database and not parsed.database.startswith((":memory:", "file:")):
            path = Path(parsed.database)
            make_private_folder(path.parent)
            make_private_file(path)
        waiting = {"timeout": lock_seconds}
        engine = sa.create_engine(parsed, connect_args=waiting, poolclass=pool)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as err:
        raise StoreError(
            "The database's URL cannot be used; expected one like "
            "sqlite:///history.db or postgresql+psycopg://user@host/name with its driver installed."
        ) from err
    except OSError as err:
        raise StoreError(f"The database's folder cannot be made: {err.strerror}.") from err
    sa.event.listen(engine, "connect", _leave_transactions_to_us)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def knock(url: str) -> None:
    """Connect once to a PostgreSQL server, as its URL says, and let go of it.

    Where the URL names no `connect_timeout` it is `CONNECT_SECONDS` for each address that the
    server has. Only psycopg is asked: what other drivers need to connect is not known here.

    Raises
    ------
    SQLAlchemyError, ImportError, ValueError
        When it does not answer in time, or there is no way to reach it.
    """
    parsed = sa.make_url(url)
    if not _is_psycopg(parsed):
        return
    engine = sa.create_engine(parsed, poolclass=sa.NullPool, connect_args=_connecting(parsed))
    with engine.connect():
        pass


def _patience(url: sa.URL, lock_seconds: float) -> dict[str, Any]:
    """How long PostgreSQL's own driver waits: for a server, and for another who is writing."""
    if not _is_psycopg(url):
        return {}
    milliseconds = max(1, round(1000 * lock_seconds))
    # The URL's own settings stand last: of two of one name the server takes the last.
    settings = (f"-c lock_timeout={milliseconds}", *url.normalized_query.get("options", ()))
    return {**_connecting(url), "options": " ".join(settings)}


def _connecting(url: sa.URL) -> dict[str, Any]:
    """How long to wait for each address of a server, where its URL does not say."""
    return {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}


def _is_psycopg(url: sa.URL) -> bool:
    return url.get_driver_name().startswith("psycopg")


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
    # Python's driver would commit behind our back before a schema change.
    connection.isolation_level = None


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers queue at the start; a reader that turned writer could only fail."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
