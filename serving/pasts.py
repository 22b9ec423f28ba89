"""The past of the accounts in a request, read off the event loop; a failing store costs a note."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Protocol, TypeVar

import pandas as pd

from features.account.past import AccountPast, cut_short, past_for
from features.errors import PrescoreError
from features.schema import Post
from models.grounds import (
    before_history,
    by_plain_name,
    first_posts,
    past_by_name,
    plain_name,
    unknown_past,
)
from models.score import Note
from models.similar import Similar
from models.timing import Week
from serving.metrics import Metrics

log = logging.getLogger("prescore.serving")

NAMES_SECONDS = 10.0
"""How long the names of the accounts are good for: each draft with an unknown one asks for them."""

GUESSES = 4
"""Unknown accounts of a request for which the nearest name is looked for: a look at 10,000 names
takes 25 ms."""

Pasts = list[AccountPast | None]
Notes = tuple[Note, ...]
Names = list[tuple[str, str]]
Told = dict[tuple[str | None, str], Note | None]
Noted = TypeVar("Noted", Similar, Week)
HISTORY_UNAVAILABLE = Note(
    "history_unavailable",
    "The history store cannot be read right now, so this was scored without the account's past.",
)


class Store(Protocol):
    """The part of `features.account.store.HistoryStore` that serving needs."""

    def past(
        self, platform: str, account_id: str, before: datetime | None = None
    ) -> AccountPast | None:
        """Return an account's past."""

    def accounts(self) -> pd.DataFrame:
        """Return one row for each account: `platform, account_id, posts, first_at, last_at`."""

    def close(self) -> None:
        """Let go of the database."""


class PastReader:
    """Reads the history store for requests.

    Parameters
    ----------
    connect
        Opens the store; called on first use and again after a failure to open.
    """

    def __init__(self, connect: Callable[[], Store], metrics: Metrics) -> None:
        self._connect = connect
        self._store: Store | None = None
        self._metrics = metrics
        self._names: Names = []
        self._plain: dict[tuple[str, str], str] = {}
        self._began: dict[tuple[str, str], datetime] = {}
        self._names_until = 0.0

    async def read(self, posts: Sequence[Post]) -> tuple[Pasts, list[Notes]]:
        """Return what is known of each post's account, and what is to be said where nothing is."""
        if not any(post.account_id for post in posts):
            return [None] * len(posts), [()] * len(posts)
        try:
            return await asyncio.to_thread(self._read, posts)
        except PrescoreError as err:
            log.warning("Scoring without history: %s", err)
            self._metrics.history_failed()
            return [None] * len(posts), [(HISTORY_UNAVAILABLE,)] * len(posts)

    async def accounts(self) -> pd.DataFrame:
        """Return one row for each known account, those with most posts first.

        Raises
        ------
        StoreError
            When the store cannot be read.
        """
        return await asyncio.to_thread(lambda: self._opened().accounts())

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()

    def _read(self, posts: Sequence[Post]) -> tuple[Pasts, list[Notes]]:
        """One query for each account, however many of its posts are in the request."""
        read = cache(self._past)
        pasts = [
            past_for(read, post.platform, post.account_id, post.published_at)
            if post.platform and post.account_id
            else None
            for post in posts
        ]
        told: Told = {}
        pairs = zip(posts, pasts, strict=True)
        return pasts, [self._notes(post, past, told) for post, past in pairs]

    def _past(self, platform: str, account_id: str, before: datetime | None) -> AccountPast | None:
        return past_by_name(self._opened().past, platform, account_id, before, self._plain_names)

    def _notes(self, post: Post, past: AccountPast | None, told: Told) -> Notes:
        """Return what is to be said of a post's past; `told` keeps it for each unknown account."""
        if not post.account_id:
            return ()
        if past is not None and len(past.times):
            note = before_history(post, self._first_at(post, past))
        else:
            key = (post.platform, post.account_id)
            if key not in told:
                told[key] = unknown_past(post, self._known(), guess=len(told) < GUESSES)
            note = told[key]
        return () if note is None else (note,)

    def _first_at(self, post: Post, past: AccountPast) -> datetime:
        """When the account's first known post went out; its last posts may not reach back to it."""
        first_at: datetime = pd.Timestamp(past.times[0], tz=UTC)
        if not cut_short(past, post.published_at):
            return first_at
        self._known()
        platform, account_id = post.platform or "", post.account_id or ""
        name = self._plain.get((platform, plain_name(account_id)), account_id)
        return self._began.get((platform, name), first_at)

    def _known(self) -> Names:
        now = time.monotonic()
        if now >= self._names_until:
            self._began = first_posts(self._opened().accounts())
            self._names = list(self._began)
            self._plain = by_plain_name(self._names)
            self._names_until = now + NAMES_SECONDS
        return self._names

    def _plain_names(self) -> dict[tuple[str, str], str]:
        self._known()
        return self._plain

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._connect()
        return self._store


def with_notes(answer: Noted, notes: Notes) -> Noted:
    """Add to an answer what no model says."""
    return replace(answer, warnings=(*answer.warnings, *notes))
