"""Which of two posts travelled further: pairs inside an account, and given comparisons.

Which pairs are scored decides what an accuracy means, so the pair set is fixed here, once: two
posts of the same account whose (1 + shares) are at least `FACTOR` apart. All such pairs count, up
to `MAX_ACCOUNT_POSTS` posts of an account; beyond that, those of a seeded draw of its posts. An
order that ties on a pair has it half right, hence chance is one half.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from training.judging.bootstrap import Codes, Floats
from training.judging.metrics import as_floats, finite

FACTOR = 2.0
MAX_ACCOUNT_POSTS = 2000
"""Of longer accounts a seeded draw of this many posts is paired: 2 million pairs at most."""

CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs of each account and how many are in the right order.

    Attributes
    ----------
    right
        Shape (accounts,); ties count half.
    pairs
        Shape (accounts,).
    """

    right: Floats
    pairs: Floats

    def accuracy(self) -> Floats:
        """Return the accuracy within each account, shape (accounts,); NaN without a pair."""
        return np.where(self.pairs > 0, self.right / np.maximum(self.pairs, 1.0), np.nan)


def count_pairs(
    shares: ArrayLike, score: ArrayLike, codes: Codes, seed: int = 0, factor: float = FACTOR
) -> PairCounts:
    """Count the pairs of each account that are at least `factor` apart, and those ordered right.

    Parameters
    ----------
    shares
        Shape (n,), shares of each post, not logged.
    score
        Shape (n,); only its order within an account matters. Rows without a score are left out.
    codes
        Shape (n,), the account of each row, 0..accounts-1.
    seed
        Draws the posts of accounts longer than `MAX_ACCOUNT_POSTS`.
    factor
        How many times (1 + shares) must differ.
    """
    reach, value = as_floats(shares) + 1.0, as_floats(score)
    accounts = int(codes.max()) + 1 if len(codes) else 0
    rows = np.flatnonzero(finite(reach, value))
    rows = rows[np.argsort(codes[rows], kind="stable")]
    ends = np.cumsum(np.bincount(codes[rows], minlength=accounts))[:-1]
    rng = np.random.default_rng(seed)
    counts = np.zeros((2, accounts))
    for account, members in enumerate(np.split(rows, ends) if accounts else []):
        kept = members
        if len(members) > MAX_ACCOUNT_POSTS:
            kept = np.sort(rng.choice(members, MAX_ACCOUNT_POSTS, replace=False))
        counts[:, account] = _count(reach[kept], value[kept], factor)
    return PairCounts(counts[0], counts[1])


def _count(reach: Floats, value: Floats, factor: float) -> tuple[float, int]:
    further = reach[:, None] >= factor * reach[None, :]
    above = (value[:, None] > value[None, :]) & further
    level = (value[:, None] == value[None, :]) & further
    return above.sum() + level.sum() / 2, int(further.sum())


def choices_right(probability_a: ArrayLike, a_won: ArrayLike) -> Floats:
    """Return 1 where the likelier side won, 0 where it lost, one half for a tie.

    Parameters
    ----------
    probability_a
        Shape (n,), probability that side a wins.
    a_won
        Shape (n,), 1 or 0.
    """
    p, won = as_floats(probability_a), as_floats(a_won)
    return np.where(p == CHANCE, 0.5, (p > CHANCE) == (won > 0)).astype(np.float64)


def confidences(probability_a: ArrayLike) -> Floats:
    """Return the probability of the likelier side, one half to 1: which side is a is arbitrary."""
    p = as_floats(probability_a)
    return np.maximum(p, 1 - p)


def longer_wins(texts_a: Iterable[str], texts_b: Iterable[str]) -> Floats:
    """Return the baseline of choosing the longer text: 1, 0, or one half when equally long."""
    longer = [(len(a) > len(b)) - (len(a) < len(b)) for a, b in zip(texts_a, texts_b, strict=True)]
    return 0.5 + 0.5 * np.array(longer, dtype=np.float64)
