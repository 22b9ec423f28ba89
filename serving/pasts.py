"""The past of the accounts in a request, read off the event loop; a failing store costs a note."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

import pandas as pd

from features.account.past import AccountPast
from features.errors import PrescoreError
from features.schema import Post
from models.score import Note, Score
from models.similar import Similar
from models.timing import Week
from serving.metrics import Metrics

log = logging.getLogger("prescore.serving")

Pasts = list[AccountPast | None]
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

    async def read(self, posts: Sequence[Post]) -> tuple[Pasts, Note | None]:
        """Return what is known of each post's account, and a note when the store failed."""
        if not any(post.account_id and post.platform for post in posts):
            return [None] * len(posts), None
        try:
            return await asyncio.to_thread(self._read, posts), None
        except PrescoreError as err:
            log.warning("Scoring without history: %s", err)
            self._metrics.history_failed()
            return [None] * len(posts), HISTORY_UNAVAILABLE

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

    def _read(self, posts: Sequence[Post]) -> Pasts:
        """One query for each account, however many of its posts are in the request."""
        store = self._opened()
        known: dict[tuple[str, str], AccountPast | None] = {}
        for post in posts:
            if post.platform and post.account_id:
                key = (post.platform, post.account_id)
                if key not in known:
                    known[key] = store.past(*key)
        return [known.get((post.platform or "", post.account_id or "")) for post in posts]

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._connect()
        return self._store


def annotate(scores: Sequence[Score], note: Note | None) -> list[Score]:
    """Add a note about the whole request to every score."""
    if note is None:
        return list(scores)
    return [replace(score, warnings=(*score.warnings, note)) for score in scores]


def with_note(answer: Noted, note: Note | None) -> Noted:
    """Add a note about the whole request to an answer."""
    return answer if note is None else replace(answer, warnings=(*answer.warnings, note))
