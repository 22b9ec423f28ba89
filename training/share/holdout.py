"""Which posts a share training never sees: whole accounts, or each account's latest posts.

Whole accounts say how a model does on accounts it has not met. Where too few fall into the vault to
tell anything, as with the export of one small customer, the latest fifth of each account's posts is
held out instead, all of them later than any post of the account that was trained on.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.judging.bootstrap import Codes, cluster_codes
from training.judging.metrics import MIN_ACCOUNT_POSTS
from training.record.card import counted
from training.share.data import in_vault, keys_of, usable_posts
from training.splits import BoolArray

LEAST_ACCOUNTS = 5
"""Held-out accounts below which no interval can be given (`training.judging.bootstrap`)."""

LATEST = 0.2
BLOCK = MIN_ACCOUNT_POSTS
"""Consecutive posts that are resampled together, or up to twice as many less one where they are an
account's last: as few as order can be measured on."""


@dataclass(frozen=True, eq=False)
class HoldOut:
    """What is held out of a table of n posts.

    Attributes
    ----------
    held
        The posts that no training sees, shape (n,).
    by_time
        Whether they are the latest of each account.
    accounts, in_vault
        Accounts with posts enough to be judged, and those of them in the vault.
    """

    held: BoolArray
    by_time: bool
    accounts: int
    in_vault: int

    def context(self, table: pd.DataFrame) -> tuple[pd.DataFrame, BoolArray]:
        """Return the rows that judging needs, history included, and which of them are judged."""
        if self.by_time:
            return table.reset_index(drop=True), self.held
        part = table[self.held].reset_index(drop=True)
        return part, np.ones(len(part), dtype=np.bool_)

    def note(self) -> str:
        """Say what the figures tell, where it is not the usual thing."""
        if not self.by_time:
            return ""
        return (
            f"Of {counted(self.accounts, 'account')}, {_are(self.in_vault)} in the tenth that is "
            f"always held out; {LEAST_ACCOUNTS} are needed. So the latest fifth of each account's "
            f"posts was held out ({counted(int(self.held.sum()), 'post')}): the figures tell about "
            "the next posts of these accounts, not about other accounts."
        )


def hold_out(table: pd.DataFrame) -> HoldOut:
    """Decide what to hold out of a table; the same table gives the same answer with every seed."""
    keys = pd.Series(keys_of(table))
    counts = keys[usable_posts(table)].value_counts()
    full = counts.index[counts >= MIN_ACCOUNT_POSTS]
    vault = in_vault(table)
    kept_out = len(full.intersection(pd.Index(keys[vault].unique())))
    if kept_out >= LEAST_ACCOUNTS:
        return HoldOut(vault, False, len(full), kept_out)
    return HoldOut(latest_posts(table), True, len(full), kept_out)


def _are(count: int) -> str:
    return {0: "none is", 1: "1 is"}.get(count, f"{count} are")


def latest_posts(table: pd.DataFrame) -> BoolArray:
    """True for the posts from the time on at which the last fifth of the account's begins, (n,)."""
    keys = pd.Series(keys_of(table))
    times = table["published_at"].where(usable_posts(table))
    start = times.groupby(keys).quantile(1 - LATEST, interpolation="higher")
    held = table["published_at"] >= keys.map(start).set_axis(table.index)
    return held.to_numpy(np.bool_) & table["account_id"].notna().to_numpy(np.bool_)


def block_codes(frame: pd.DataFrame) -> Codes:
    """Number the blocks of consecutive posts of each account, (n,).

    Each is of `BLOCK` posts, and the last takes what is left over as well: alone, those would be
    too few to measure order on.
    """
    keys = pd.Series(keys_of(frame))
    order = frame["published_at"].reset_index(drop=True).groupby(keys).rank(method="first")
    size = keys.groupby(keys).transform("size")
    last = (size // BLOCK - 1).clip(lower=0)
    number = ((order - 1) // BLOCK).clip(upper=last).fillna(0).astype(int)
    return cluster_codes(f"{key}\0{part}" for key, part in zip(keys, number, strict=True))
