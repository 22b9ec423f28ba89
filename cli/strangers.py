"""Accounts that nothing is known of: said once each, with what they may be meant to be."""

from functools import cached_property
from typing import TYPE_CHECKING

from cli.printing import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from features.account.store import HistoryStore

MOST_TOLD = 5
"""A file may hold thousands of them."""


class Strangers:
    """Tells a person of accounts without a past; knows the others by name.

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

    def plain_names(self) -> "Mapping[tuple[str, str], str]":
        """Return the known accounts as `models.grounds.by_plain_name` does."""
        return self._plain

    @cached_property
    def _plain(self) -> "Mapping[tuple[str, str], str]":
        from models.grounds import by_plain_name

        return by_plain_name(self._known)

    @cached_property
    def _known(self) -> list[tuple[str, str]]:
        from models.grounds import first_posts

        return list(first_posts(self._store.accounts()))

    def _sentence(self, platform: str | None, account: str) -> str:
        from models.grounds import nearest_account, plain_name

        plain = plain_name(account)
        places = {place for place, name in self._known if plain_name(name) == plain}
        found = ", ".join(sorted(places - {platform}))
        if found and platform is None:
            return f"Account {account!r} has earlier posts on {found}: give --platform to use them."
        if found:
            return f"Account {account!r} has no earlier posts on {platform}, but on {found}."
        nearest = nearest_account(None, account, self._known)
        asked = "." if nearest is None else f"; did you mean {nearest!r}?"
        return f"No earlier posts of account {account!r} are known{asked}"
