"""Pairs of posts of one account and time, of which one got further: what ranking is learnt from.

The relative outcome carries what a baseline cannot know, the same for all posts of a stretch; which
of two neighbours got further is free of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.share.data import Floats, PostRows

Places = NDArray[np.intp]

NEARBY = 30
"""A rival is fewer posts of the account further on than this. Another bound would draw other pairs
for the same seed."""

EACH = 8
"""Rivals drawn for each post."""

APART = 0.2
"""On the scale of log(1 + shares): closer ones tell nothing."""


@dataclass(frozen=True, eq=False)
class Rivals:
    """Which of two posts got further, k times.

    Attributes
    ----------
    winners, losers
        Places of the posts, (k,).
    weights
        Shape (k,).
    """

    winners: Places
    losers: Places
    weights: Floats

    @classmethod
    def none(cls) -> "Rivals":
        """No pairs."""
        return cls(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))

    def take(self, posts: NDArray[np.bool_]) -> "Rivals":
        """Return the pairs of which both posts are kept, by a mask of shape (n,)."""
        kept = posts[self.winners] & posts[self.losers]
        place = np.cumsum(posts) - 1
        return Rivals(place[self.winners[kept]], place[self.losers[kept]], self.weights[kept])

    def mixed(self, draw: np.random.Generator) -> "Rivals":
        """Return the same pairs, won by lot."""
        swapped = draw.random(len(self.winners)) < 0.5
        return Rivals(
            np.where(swapped, self.losers, self.winners),
            np.where(swapped, self.winners, self.losers),
            self.weights,
        )


def rivals_of(posts: PostRows, weight: float, seed: int) -> Rivals:
    """Draw rivals for each post among those that its account published soon after.

    Parameters
    ----------
    posts
        Posts with results.
    weight
        Of all pairs of a post together, beside that of the post.
    seed
        Draws them.
    """
    if not weight:
        return Rivals.none()
    draw = np.random.default_rng(seed)
    order = np.lexsort((posts.frame["published_at"].to_numpy(), posts.keys))
    log_shares = np.log1p(posts.frame["shares"].to_numpy(np.float64))
    first, second = [], []
    for _ in range(EACH):
        later = np.arange(len(order)) + draw.integers(1, NEARBY, len(order))
        at = np.flatnonzero(later < len(order))
        first.append(order[at])
        second.append(order[later[at]])
    one, other = np.concatenate(first), np.concatenate(second)
    gap = log_shares[one] - log_shares[other]
    kept = (posts.keys[one] == posts.keys[other]) & (np.abs(gap) > APART)
    one, other, gap = one[kept], other[kept], gap[kept]
    weights = weight / EACH * (posts.weights[one] + posts.weights[other]) / 2
    winners, losers = np.where(gap > 0, one, other), np.where(gap > 0, other, one)
    order = np.argsort(winners)  # the trees look them up thousands of times: near ones are at hand
    return Rivals(winners[order], losers[order], weights[order])
