"""When the share count of a post has settled enough to be learnt from."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

HALF_LIVES = {
    "x": timedelta(hours=1),
    "facebook": timedelta(hours=1.5),
    "instagram": timedelta(hours=20),
    "linkedin": timedelta(hours=24),
    "youtube": timedelta(days=9),
    "pinterest": timedelta(days=105),
    "threads": timedelta(hours=2),
    "bluesky": timedelta(hours=2),
    "mastodon": timedelta(hours=2),
    "reddit": timedelta(hours=4),
    "tiktok": timedelta(hours=24),
}
"""Time until a post has half of its engagement.

The first six are rounded up from Graffius, *Lifespan (Half-Life) of Social Media Posts* (yearly
since 2018, scottgraffius.com); the others are our assumption, in the range of their neighbours.
"""

DEFAULT_HALF_LIFE = timedelta(hours=24)
SETTLED_HALF_LIVES = 3
"""After three half-lives a count misses an eighth, 0.13 on the log scale: far below its noise."""

LONGEST = timedelta(days=30)
"""Nobody waits a year for a pin: no platform's posts take longer than this to count as known."""


def settling_time(platform: str | None) -> timedelta:
    """How long after publishing the shares of a post count as known, by platform.

    Returns
    -------
    timedelta
        Three half-lives of the platform's posts, 30 days at most.
    """
    return min(HALF_LIVES.get(platform or "", DEFAULT_HALF_LIFE) * SETTLED_HALF_LIVES, LONGEST)


def settling_ns(platform: str | None) -> int:
    """`settling_time` in nanoseconds, as the times of an account are kept."""
    return int(np.timedelta64(settling_time(platform), "ns").astype(np.int64))


def settled_by(
    times: NDArray[np.int64], at: NDArray[np.int64], platform: str | None
) -> NDArray[np.intp]:
    """Return how many posts of an account had counts that could be known at each moment, (n,).

    Parameters
    ----------
    times
        When its posts were published, ascending, in nanoseconds.
    at
        n moments, in nanoseconds.
    platform
        Decides how long a count takes to settle.
    """
    return np.searchsorted(times, at - settling_ns(platform), side="right")
