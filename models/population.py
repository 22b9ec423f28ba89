"""Places among others: a percentile always names the population that it is a place in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from features.account.history import WINDOW
from features.account.past import AccountPast, settled_before
from features.schema import Post
from models.persistence import load_arrays, save_arrays

Floats = NDArray[np.float64]
Medians = TypeVar("Medians", float, Floats)

ACCOUNT_POSTS = 20
"""Known posts from which a place among the account's own posts means something."""

HALF_A_SHARE = 0.5
"""Counts are whole: what lies this far above one and below the next beats the one, not the next."""

BLUR = 0.2
"""Spreads up and down over which a post of another account counts as a little less shared and a
little more. A seventh of them did exactly as usual, mostly posts that nobody shares, of accounts
whose posts nobody shares: else a word more or less would pass them all at once."""

QUANTILES = 401
ANY = "*"


@dataclass(frozen=True, slots=True)
class Population:
    """What a percentile is a place in: an account's own last posts, or posts of other accounts."""

    kind: Literal["account", "reference"]
    size: int
    label: str


@dataclass(frozen=True, eq=False)
class Ladder:
    """The posts that a forecast is placed among, from the least shared to the most.

    Attributes
    ----------
    edges
        Ascending outcomes in account spreads, shape (m,).
    parts
        Part of the posts below each edge, shape (m,), ascending.
    usual
        The edge between the lower and the upper half: a place of 50.
    """

    population: Population
    edges: Floats
    parts: Floats
    usual: float

    def place(self, outcomes: Floats) -> Floats:
        """Return the percentiles, 0..100, of some outcomes."""
        return 100 * np.interp(outcomes, self.edges, self.parts)


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
    _ladders: Mapping[str, "Ladder"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the ladders once: every draft is placed on one."""
        found = {name: self._ladder(name) for name in self.outcomes}
        object.__setattr__(self, "_ladders", found)

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

    def ladder(self, platform: str | None) -> Ladder:
        """Return the posts of a platform to be placed among, or those of all."""
        return self._ladders[
            platform if platform is not None and platform in self._ladders else ANY
        ]

    def _ladder(self, name: str) -> Ladder:
        label = "all platforms" if name == ANY else name
        population = Population(
            "reference", self.sizes[name], f"posts of other accounts on {label}"
        )
        edges, parts = blurred(self.outcomes[name])
        return Ladder(population, edges, parts, float(np.interp(0.5, parts, edges)))

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


def blurred(outcomes: Floats) -> tuple[Floats, Floats]:
    """Return edges, ascending, and the part of some outcomes below each, every one blurred.

    An outcome lies anywhere within `BLUR` of where it is, so the part rises by no more than
    1 / (2 BLUR) a spread, however many outcomes are equal.
    """
    edges = np.unique(np.concatenate([outcomes - BLUR, outcomes + BLUR]))
    below = (edges[:, None] - outcomes + BLUR) / (2 * BLUR)
    return edges, np.clip(below, 0, 1).mean(axis=1)


def own_posts(post: Post, past: AccountPast | None) -> Floats:
    """Log shares of the posts that make the account's baseline at the post's time.

    Returns
    -------
    ndarray of shape (m,)
        Empty when there are fewer than `ACCOUNT_POSTS`.
    """
    if past is None:
        return np.empty(0)
    known = settled_before(past, post.published_at, post.platform)[-WINDOW:]
    return known if len(known) >= ACCOUNT_POSTS else np.empty(0)


def usual_count(median: Medians) -> Medians:
    """Shares, as a limit between two counts, that a post must pass to beat a median.

    The median may have been kept as a float32 of its log.
    """
    limit: Medians = np.floor(median * (1 + 1e-6) + 1e-6) + HALF_A_SHARE
    return limit


def own_ladder(own: Floats, level: float, spread: float) -> Ladder:
    """Return an account's own posts to be placed among.

    As many shares as the median do not beat it, so a place of 50 is where more than it begins.

    Parameters
    ----------
    own
        Log shares, shape (m,).
    level, spread
        The account's baseline: what turns log shares into scores.
    """
    counts, times = np.unique(np.rint(np.expm1(own)), return_counts=True)
    usual = usual_count(float(np.median(np.repeat(counts, times))))
    halfway = np.expm1((np.log1p(counts[:-1]) + np.log1p(counts[1:])) / 2)
    edges = np.concatenate(
        [
            [counts[0] - HALF_A_SHARE],
            np.maximum(counts[:-1] + HALF_A_SHARE, halfway),
            [counts[-1] + HALF_A_SHARE, counts[-1] + 1 + HALF_A_SHARE],
        ]
    )
    parts = np.concatenate([[0], np.cumsum(times) / times.sum(), [1]])
    middle = np.searchsorted(counts, usual)
    edges[middle], parts[middle] = usual, 0.5
    label = f"this account's last {len(own)} posts"
    scores = (np.log1p(edges) - level) / spread
    return Ladder(Population("account", len(own), label), scores, parts, float(scores[middle]))


def ladders(
    posts: Sequence[Post],
    pasts: Sequence[AccountPast | None],
    levels: Floats,
    spreads: Floats,
    reference: Reference,
) -> list[Ladder]:
    """Return what each post is placed among: its account's own posts, or else the reference.

    Parameters
    ----------
    posts, pasts
        n drafts and what is known of their accounts.
    levels, spreads
        The accounts' baselines, (n,); NaN where there is none.
    reference
        Where an account has too few posts of its own.
    """
    # Candidates for one slot share account and time: they share a ladder.
    known: dict[tuple[object, ...], Ladder] = {}
    found = []
    for post, past, level, spread in zip(posts, pasts, levels, spreads, strict=True):
        key = (id(past), post.published_at, post.platform, str(level), str(spread))
        if key not in known:
            known[key] = _ladder(post, past, float(level), float(spread), reference)
        found.append(known[key])
    return found


def _ladder(
    post: Post, past: AccountPast | None, level: float, spread: float, reference: Reference
) -> Ladder:
    if not np.isfinite(level):
        return reference.ladder(post.platform)
    own = own_posts(post, past)
    if len(own):
        return own_ladder(own, level, spread)
    # Others' posts, but the account's own median: a few of its posts are known.
    beaten = np.log1p(usual_count(np.expm1(level)))
    return replace(reference.ladder(post.platform), usual=(beaten - level) / spread)


def place_all(among: Sequence[Ladder], outcomes: Floats) -> Floats:
    """Return the percentiles of outcomes, (n, k), each row on a ladder of its own."""
    return np.array([ladder.place(row) for ladder, row in zip(among, outcomes, strict=True)])
