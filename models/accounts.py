"""What is to be said of an account's past beside a score: fresh counts, and a change of level."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from features.account.history import LAST_POSTS, WINDOW, robust_spread
from features.account.past import AccountPast, settled_before, to_ns
from models.score import Note

CHANGED = 1.5
"""Spreads between the median of the last ten settled posts and that of the fifty before. In random
orders of real histories it is reached once in a hundred times or more seldom, in their true order
by 0.3% (news pages) to 5.5% (small accounts) of posts."""

FEWEST_BEFORE = 30
"""Posts before the last ten from which there is a level that can change."""


def past_notes(past: AccountPast | None, at: datetime | None, platform: str | None) -> list[Note]:
    """Return the warnings about an account's past at the time of a post.

    Parameters
    ----------
    past
        None where nothing is known of the account.
    at
        When the post goes out; None takes all that is known as past.
    platform
        Decides how long a count takes to settle.
    """
    if past is None or not len(past.times):
        return []
    known = settled_before(past, at, platform)
    published = len(past.times) if at is None else int((past.times <= to_ns(at)).sum())
    return [*_immature(published - len(known)), *_changed(known)]


def change_of_level(known: NDArray[np.float64]) -> float:
    """How far the last ten settled posts lie above the fifty before, in robust spreads.

    Parameters
    ----------
    known
        log1p shares of settled posts in order, shape (m,).

    Returns
    -------
    float
        NaN with fewer than `FEWEST_BEFORE` posts before the last ten.
    """
    recent, before = known[-LAST_POSTS:], known[-LAST_POSTS - WINDOW : -LAST_POSTS]
    if len(before) < FEWEST_BEFORE:
        return float("nan")
    level, count = np.median(before, keepdims=True), np.array([len(before)])
    spread = robust_spread(before[None], level, count)
    return float((np.median(recent) - level[0]) / spread[0])


def _immature(posts: int) -> list[Note]:
    if posts <= 0:
        return []
    which = "1 post is" if posts == 1 else f"{posts} posts are"
    return [
        Note(
            "immature_counts",
            f"{which} not counted in this account's usual: the shares had not settled when they "
            "were collected, or will not have by the time of this one.",
        )
    ]


def _changed(known: NDArray[np.float64]) -> list[Note]:
    change = change_of_level(known)
    if not abs(change) >= CHANGED:
        return []
    way = "more" if change > 0 else "less"
    return [
        Note(
            "account_changed",
            f"This account's last {LAST_POSTS} posts were shared far {way} than the {WINDOW} "
            f"before ({change:+.1f} spreads): the forecast leans on a usual that may be over.",
        )
    ]
