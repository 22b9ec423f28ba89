"""API keys: how one is made, written, and recognised without being kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from features.errors import InputError

SCOPES = ("score", "import", "metrics", "admin")
"""What a key may be good for; `admin` is good for all of it."""

ADMIN = "admin"
MOST_PER_MINUTE = 1_000_000

_WRITTEN = re.compile(r"prescore_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes
    ----------
    digest
        SHA-256 of the secret, in hexadecimal. A secret has 256 random bits: there is nothing to
        guess, so a slow hash would only make every request slow.
    per_minute
        Requests a minute; None for as many as come.
    """

    id: str
    name: str
    digest: str
    scopes: frozenset[str]
    per_minute: int | None
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def allows(self, scope: str) -> bool:
        """Whether the key is good for a scope."""
        return scope in self.scopes or ADMIN in self.scopes

    def is_live(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that somebody asks for.

    Raises
    ------
    InputError
        When the name, a scope, the rate or the expiry cannot be.
    """

    name: str
    scopes: frozenset[str]
    per_minute: int | None = None
    expires: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not _NAME.fullmatch(self.name):
            raise InputError(
                "A key's name has up to 64 letters, digits, dots, dashes and underscores."
            )
        if not self.scopes or not self.scopes <= set(SCOPES):
            raise InputError(f"Expected scopes out of {', '.join(SCOPES)}, and at least one.")
        if self.per_minute is not None and not 1 <= self.per_minute <= MOST_PER_MINUTE:
            raise InputError(f"Expected a rate of 1 to {MOST_PER_MINUTE:,} requests a minute.")


def issue(wanted: Wanted, now: datetime) -> tuple[Key, str]:
    """Make a key; the text that callers present is returned beside it and kept nowhere."""
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = Key(
        id=identity,
        name=wanted.name,
        digest=digest_of(secret),
        scopes=wanted.scopes,
        per_minute=wanted.per_minute,
        created=now,
        expires=wanted.expires,
    )
    return key, f"prescore_{identity}_{secret}"


def digest_of(secret: str) -> str:
    """SHA-256 of a secret, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


_NOBODY = digest_of(secrets.token_urlsafe(32))


def recognise(written: str, known: Collection[Key]) -> Key | None:
    """Find the key that a text is, in a time that does not tell how near it came.

    Parameters
    ----------
    written
        What a caller presented.
    known
        Keys to choose from; few enough to look through.
    """
    match = _WRITTEN.fullmatch(written)
    identity, secret = match.groups() if match else ("", "")
    key = next((key for key in known if key.id == identity), None)
    same = hmac.compare_digest(digest_of(secret), key.digest if key else _NOBODY)
    return key if same else None
