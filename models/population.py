"""Places among others: a percentile always names the population that it is a place in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.account.history import AccountPast, settled_before
from features.schema import FloatArray, Post
from models.persistence import load_arrays, save_arrays

Floats = NDArray[np.float64]

ACCOUNT_POSTS = 20
"""Known posts from which a place among the account's own posts means something."""

LAST_POSTS = 100
QUANTILES = 401
ANY = "*"


@dataclass(frozen=True, slots=True)
class Population:
    """What a percentile is a place in: an account's own last posts, or posts of other accounts."""

    kind: Literal["account", "reference"]
    size: int
    label: str


@dataclass(frozen=True, eq=False)
class Reference:
    """How posts did against their own account's baseline, by platform.

    Attributes
    ----------
    outcomes
        Platform, or `ANY` -> ascending quantiles of the relative outcome, shape (QUANTILES,).
    sizes
        How many posts stand behind each.
    """

    outcomes: Mapping[str, Floats]
    sizes: Mapping[str, int]

    @classmethod
    def fit(cls, outcomes: Floats, platforms: Sequence[str | None], smallest: int) -> "Reference":
        """Keep the quantiles of each platform with `smallest` posts or more, and of all posts."""
        names = np.array([platform or ANY for platform in platforms], dtype=np.str_)
        kept: dict[str, Floats] = {}
        sizes: dict[str, int] = {}
        grid = np.linspace(0, 1, QUANTILES)
        for name in (ANY, *np.unique(names)):
            rows = outcomes if name == ANY else outcomes[names == name]
            if name == ANY or len(rows) >= smallest:
                kept[str(name)] = np.quantile(rows, grid)
                sizes[str(name)] = len(rows)
        return cls(kept, sizes)

    def place(self, scores: Floats, platform: str | None) -> tuple[Floats, Population]:
        """Return the percentiles of some scores among the posts of a platform."""
        name = platform if platform is not None and platform in self.outcomes else ANY
        label = "all platforms" if name == ANY else name
        population = Population(
            "reference", self.sizes[name], f"posts of other accounts on {label}"
        )
        return 100 * mid_rank(scores, self.outcomes[name]), population

    def save(self, path: Path) -> None:
        """Write the quantiles."""
        names = sorted(self.outcomes)
        save_arrays(
            path,
            {
                "platforms": np.array(names, dtype=np.str_),
                "sizes": np.array([self.sizes[name] for name in names], dtype=np.int64),
                "outcomes": np.stack([self.outcomes[name] for name in names]),
            },
        )

    @classmethod
    def load(cls, path: Path) -> "Reference":
        """Read a reference population.

        Raises
        ------
        ModelError
            When the file is not readable.
        """
        arrays = load_arrays(path)
        names = [str(name) for name in arrays["platforms"]]
        return cls(
            dict(zip(names, arrays["outcomes"], strict=True)),
            dict(zip(names, map(int, arrays["sizes"]), strict=True)),
        )


def mid_rank(values: Floats, ranked: Floats) -> Floats:
    """Part of `ranked` below each value, ties counting half; `ranked` ascends."""
    below, upto = (np.searchsorted(ranked, values, side=side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2 * len(ranked)))


def own_posts(post: Post, past: AccountPast | None) -> Floats:
    """Log shares, ascending, of the account's last posts that are known at the post's time.

    Returns
    -------
    ndarray of shape (m,)
        Empty when there are fewer than `ACCOUNT_POSTS`.
    """
    if past is None:
        return np.empty(0)
    known = settled_before(past, post.published_at, post.platform)[-LAST_POSTS:]
    return np.sort(known) if len(known) >= ACCOUNT_POSTS else np.empty(0)


def percentiles(
    posts: Sequence[Post],
    pasts: Sequence[AccountPast | None],
    scores: Floats,
    log_shares: Floats,
    reference: Reference,
) -> tuple[FloatArray, tuple[Population, ...]]:
    """Return the place of each score among the account's own posts, or else the reference.

    Parameters
    ----------
    posts, pasts
        n drafts and what is known of their accounts.
    scores, log_shares
        Shape (n, 3): value, low and high, as scores and as log1p shares.
    reference
        Where an account has too few posts of its own.

    Returns
    -------
    ndarray of shape (n, 3), tuple of n populations
    """
    places = np.empty((len(posts), 3), dtype=np.float32)
    populations = []
    for row, (post, past) in enumerate(zip(posts, pasts, strict=True)):
        own = own_posts(post, past)
        if len(own) and np.isfinite(log_shares[row]).all():
            places[row] = 100 * mid_rank(log_shares[row], own)
            label = f"this account's last {len(own)} posts"
            populations.append(Population("account", len(own), label))
        else:
            places[row], population = reference.place(scores[row], post.platform)
            populations.append(population)
    return places, tuple(populations)
