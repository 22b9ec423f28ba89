"""Keys and sessions in the history database; only digests of secrets are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from features.database import Database
from features.errors import InputError
from features.tables.dates import microseconds
from serving.access.keys import Key, Wanted, digest_of, issue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The tables as statements see them; `features.account.migrations` makes the lasting ones.
_METADATA = sa.MetaData()
_KEYS = sa.Table(
    "access_keys",
    _METADATA,
    sa.Column("id", sa.Text(), primary_key=True),
    *(sa.Column(name, sa.Text()) for name in ("name", "digest", "scopes")),
    *(sa.Column(n, sa.BigInteger()) for n in ("per_minute", "created_us")),
    *(sa.Column(n, sa.BigInteger()) for n in ("expires_us", "revoked_us")),
)
_SESSIONS = sa.Table(
    "access_sessions",
    _METADATA,
    sa.Column("digest", sa.Text(), primary_key=True),
    sa.Column("key_id", sa.Text()),
    sa.Column("expires_us", sa.BigInteger()),
)


@dataclass(frozen=True, slots=True)
class Known:
    """All keys that ever were, newest first, and the sessions by the digest of their token."""

    keys: tuple[Key, ...]
    sessions: Mapping[str, tuple[str, datetime]]


class KeyStore:
    """Makes, lists and revokes keys.

    Parameters
    ----------
    database
        Where they are kept; the store closes it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, wanted: Wanted, now: datetime) -> tuple[Key, str]:
        """Make a key; what it returns beside it is shown once and cannot be had again.

        Raises
        ------
        InputError
            When a key of that name is in use.
        StoreError
            When the database fails.
        """
        key, written = issue(wanted, now)
        in_use = sa.and_(_KEYS.c.name == wanted.name, _KEYS.c.revoked_us.is_(None))
        with self._database.write() as connection:
            if connection.execute(sa.select(_KEYS.c.id).where(in_use)).first():
                raise InputError(
                    f"A key named {wanted.name!r} is in use. Revoke it, or choose another name."
                )
            connection.execute(_KEYS.insert().values(_record(key)))
        return key, written

    def all(self) -> tuple[Key, ...]:
        """All keys that ever were, newest first."""
        return self.known().keys

    def known(self) -> Known:
        """Keys and sessions, in one reading."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_KEYS).order_by(_KEYS.c.created_us.desc())).all()
            sessions = connection.execute(sa.select(_SESSIONS)).all()
        return Known(
            keys=tuple(_key(row) for row in rows),
            sessions={row.digest: (row.key_id, _instant(row.expires_us)) for row in sessions},
        )

    def revoke(self, name: str, now: datetime) -> Key:
        """End a key and the sessions that it opened.

        Parameters
        ----------
        name
            Its name, or its id.
        now
            The time that is written down.

        Raises
        ------
        InputError
            When no key of that name is in use.
        """
        with self._database.write() as connection:
            ours = sa.and_(
                sa.or_(_KEYS.c.name == name, _KEYS.c.id == name), _KEYS.c.revoked_us.is_(None)
            )
            row = connection.execute(sa.select(_KEYS).where(ours)).first()
            if row is None:
                raise InputError(
                    f"No key named {name!r} is in use. See them all with `prescore keys list`."
                )
            revoked = sa.update(_KEYS).where(_KEYS.c.id == row.id)
            connection.execute(revoked.values(revoked_us=microseconds(now)))
            connection.execute(_SESSIONS.delete().where(_SESSIONS.c.key_id == row.id))
        return _key(row)

    def open_session(self, key: Key, token: str, now: datetime, lasts: timedelta) -> None:
        """Keep the digest of a session's token, and forget the sessions that are over."""
        values = {
            "digest": digest_of(token),
            "key_id": key.id,
            "expires_us": microseconds(now + lasts),
        }
        with self._database.write() as connection:
            over = _SESSIONS.c.expires_us <= microseconds(now)
            connection.execute(_SESSIONS.delete().where(over))
            connection.execute(_SESSIONS.insert().values(values))

    def close_session(self, token: str) -> None:
        """Forget a session."""
        with self._database.write() as connection:
            connection.execute(_SESSIONS.delete().where(_SESSIONS.c.digest == digest_of(token)))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _record(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "digest": key.digest,
        "scopes": " ".join(sorted(key.scopes)),
        "per_minute": key.per_minute,
        "created_us": microseconds(key.created),
        "expires_us": key.expires and microseconds(key.expires),
        "revoked_us": None,
    }


def _key(row: Any) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        digest=row.digest,
        scopes=frozenset(row.scopes.split()),
        per_minute=row.per_minute,
        created=_instant(row.created_us),
        expires=None if row.expires_us is None else _instant(row.expires_us),
        revoked=None if row.revoked_us is None else _instant(row.revoked_us),
    )


def _instant(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
