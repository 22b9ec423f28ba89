"""Accounts that nothing is known of: said once each, with what they may be meant to be."""

from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from cli.printing import say

if TYPE_CHECKING:
    import pandas as pd

    from features.account.store import HistoryStore

MOST_TOLD = 5
"""A file may hold thousands of them."""


class Strangers:
    """Tells a person of accounts without a past.

    Parameters
    ----------
    store
        Where the others are.
    """

    def __init__(self, store: "HistoryStore") -> None:
        self._store = store
        self._told: set[tuple[str | None, str]] = set()

    def tell(self, platform: str | None, account: str) -> None:
        """Say once that nothing is known of an account, of the first few."""
        if (platform, account) in self._told or len(self._told) == MOST_TOLD:
            return
        self._told.add((platform, account))
        say(self._sentence(platform, account))

    @cached_property
    def _known(self) -> "pd.DataFrame":
        return self._store.accounts()

    def _sentence(self, platform: str | None, account: str) -> str:
        names = self._known["account_id"]
        found = ", ".join(sorted(self._known["platform"][names == account]))
        if found and platform is None:
            return f"Account {account!r} has earlier posts on {found}: give --platform to use them."
        if found:
            return f"Account {account!r} has no earlier posts on {platform}, but on {found}."
        close = get_close_matches(account, names.unique())
        asked = f"; did you mean {' or '.join(map(repr, close))}?" if close else "."
        return f"No earlier posts of account {account!r} are known{asked}"
