"""The keys as this process knows them: never more than two seconds old while the store answers."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from features.errors import PrescoreError
from serving.access.keys import Key, digest_of, recognise
from serving.access.store import KeyStore, Known
from serving.problems import UnavailableError

log = logging.getLogger("prescore.serving")

SOON_SECONDS = 1.0
"""Older than this, the keys are read again while requests go on."""

FRESH_SECONDS = 2.0
"""Older than this, a request waits for them: that is how fast a revocation takes effect."""

GRACE_SECONDS = 300.0
"""How long known keys stay good while the store does not answer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    key
        None where no key is asked for.
    by_cookie
        Whether it is a browser that signed in, rather than a program with the key.
    """

    key: Key | None = None
    by_cookie: bool = False

    def allows(self, scope: str) -> bool:
        """Whether the caller may do what needs a scope."""
        return self.key is None or self.key.allows(scope)

    @property
    def name(self) -> str | None:
        """The name of the key, for the log."""
        return self.key.name if self.key else None


@dataclass(frozen=True, slots=True)
class _Reading:
    known: Known
    began: float


class Keyring:
    """Tells who a caller is.

    Parameters
    ----------
    connect
        Opens the store; called on first use and again after a failure to open.
    always
        Whether a key is asked for even where none was ever made.
    """

    def __init__(self, connect: Callable[[], KeyStore], always: bool = False) -> None:
        self._connect = connect
        self._always = always
        self._store: KeyStore | None = None
        self._reading: _Reading | None = None
        self._task: asyncio.Task[None] | None = None
        self._failed = -float("inf")
        self._troubled = False

    async def asks(self) -> bool:
        """Whether a key is asked for: once one was made, and for good.

        Raises
        ------
        UnavailableError
            When it cannot be told, since the store does not answer.
        """
        return self._always or bool((await self._known()).keys)

    async def of_key(self, written: str) -> Caller | None:
        """Return the caller who presents a key; None for one that is not good."""
        now = time.monotonic()
        key = recognise(written, (await self._known()).keys)
        if key is None:  # perhaps it was made just now
            key = recognise(written, (await self._known(since=now)).keys)
        return Caller(key) if key and key.is_live(datetime.now(UTC)) else None

    async def of_session(self, token: str) -> Caller | None:
        """Return the caller who signed in; None for a session that is over."""
        now, digest = time.monotonic(), digest_of(token)
        # Found by its digest: the time it takes says nothing about a token that comes near.
        known = await self._known()
        if digest not in known.sessions:
            known = await self._known(since=now)
        key_id, expires = known.sessions.get(digest, ("", datetime.now(UTC)))
        key = next((key for key in known.keys if key.id == key_id), None)
        at = datetime.now(UTC)
        return Caller(key, by_cookie=True) if key and key.is_live(at) and at < expires else None

    async def store(self) -> KeyStore:
        """Return the store, opened where it is not."""
        return await asyncio.to_thread(self._opened)

    async def read_now(self) -> None:
        """Take in at once what this process has just changed."""
        await self._wait_for(time.monotonic())

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()

    async def _known(self, since: float | None = None) -> Known:
        """Return what is known; read at `since` or later, if the store answers."""
        now = time.monotonic()
        # Also where no key was ever made: the first one may have been, a moment ago.
        await self._wait_for(now - FRESH_SECONDS if since is None else since)
        if now - self._began() >= SOON_SECONDS and self._answers():
            self._start()
        if self._reading is None or (self._closed() and now - self._began() > GRACE_SECONDS):
            raise UnavailableError("The keys cannot be read right now, so nobody can be let in.")
        return self._reading.known

    def _closed(self) -> bool:
        """Whether old keys let nobody in: where none was ever made there is none to revoke."""
        return self._always or self._reading is None or bool(self._reading.known.keys)

    def _began(self) -> float:
        return self._reading.began if self._reading else -float("inf")

    def _answers(self) -> bool:
        return time.monotonic() - self._failed >= FRESH_SECONDS

    async def _wait_for(self, since: float) -> None:
        while self._began() < since and self._answers():
            # Shielded: others wait for the same reading, whatever becomes of this request.
            await asyncio.shield(self._start())

    def _start(self) -> "asyncio.Task[None]":
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
        return self._task

    async def _read(self) -> None:
        began = time.monotonic()
        try:
            known = await asyncio.to_thread(lambda: self._opened().known())
        except PrescoreError as err:
            if not self._troubled:
                log.warning("The keys cannot be read: %s", err)
            self._troubled, self._failed = True, time.monotonic()
        else:
            self._troubled, self._reading = False, _Reading(known, began)

    def _opened(self) -> KeyStore:
        if self._store is None:
            self._store = self._connect()
        return self._store
