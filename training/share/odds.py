"""Are the odds between posts right, and is what taking the first costs? Parts of `posts`.

`posts.pairs` judges the probability that one post of an account gets further than another, and
`posts.ranking` what is told of the best of several: both as `models.ranking` tells them.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models import ranking
from training.judging.bootstrap import Floats
from training.judging.calibration import log_losses, reliability
from training.judging.metrics import mean
from training.judging.reports import Report, groups
from training.share.pairs import choices_right, confidences
from training.share.report import ShareRows

Luck = Callable[[Sequence[str | None]], Floats]
"""Platforms of n posts -> standard deviation of each about its score."""

Places = NDArray[np.intp]

NEIGHBOURS = 8
"""Pairs that each post is in, on one side."""

ACCOUNT_POSTS = 300
"""Of longer accounts a seeded draw of this many posts counts, as in training."""

SIZES = (2, 5, 10, 50)
MOST_SETS = 500

DEFINITIONS = {
    "pairs": "random pairs of posts of one account with different shares; the probability that the "
    "first gets further, as prescore rank tells it",
    "pairs.calibration_error": "mean distance, over ten bins of equal count, between the "
    "probability of the likelier post and how often it got further",
    "ranking": "sets of posts of one account, ranked by score: the regret forecast for taking the "
    "first and the one that came about, in spreads; the same for the probability of being the best",
}


def odds_report(rows: ShareRows, luck: Luck, seed: int = 0) -> Report:
    """Return `pairs` and `ranking` of the posts part of an evaluation.

    Parameters
    ----------
    rows
        Scored posts.
    luck
        `models.share.ShareModel.luck`.
    seed
        Draws the pairs and the sets.
    """
    rows = rows.take(some_of_each(rows, seed))
    return {
        "pairs": pairs_report(rows, luck, seed),
        "ranking": {str(size): sets_report(rows, luck, size, seed) for size in SIZES},
    }


def some_of_each(rows: ShareRows, seed: int) -> Places:
    """Places of at most `ACCOUNT_POSTS` posts of each account."""
    shuffled = np.random.default_rng(seed).permutation(len(rows.codes))
    order = shuffled[np.argsort(rows.codes[shuffled], kind="stable")]
    codes = rows.codes[order]
    first = np.searchsorted(codes, codes, side="left")
    return np.sort(order[np.arange(len(codes)) - first < ACCOUNT_POSTS])


def pairs_report(rows: ShareRows, luck: Luck, seed: int) -> Report:
    """Return how good and how well calibrated the odds between two posts are."""
    first, second = pair_places(rows, seed)
    chance = _chance(rows, first, second, luck)
    won = (rows.shares[first] > rows.shares[second]).astype(np.float64)
    return {
        **_metrics(chance, won),
        "reliability": reliability(confidences(chance), choices_right(chance, won)).to_json(),
        "by_platform": {
            name: _metrics(chance[part], won[part])
            for name, part in groups(_platforms(rows, first))
        },
    }


def pair_places(rows: ShareRows, seed: int) -> tuple[Places, Places]:
    """Random pairs of posts of one account whose shares differ."""
    shuffled = np.random.default_rng(seed).permutation(len(rows.codes))
    order = shuffled[np.argsort(rows.codes[shuffled], kind="stable")]
    steps = range(1, min(NEIGHBOURS, len(order) - 1) + 1) if len(order) > 1 else ()
    first = np.concatenate([order[:-step] for step in steps] or [order[:0]])
    second = np.concatenate([order[step:] for step in steps] or [order[:0]])
    kept = rows.codes[first] == rows.codes[second]
    kept &= rows.shares[first] != rows.shares[second]
    return first[kept], second[kept]


def sets_report(rows: ShareRows, luck: Luck, size: int, seed: int) -> Report:
    """Return what was forecast of the first of `size` posts, and what became of it."""
    outcome, found = rows.relative(), []
    for members in set_places(rows, size, seed):
        ranked = members[np.argsort(-rows.score[members], kind="stable")]
        chances, regret = ranking.best_of(rows.score[ranked], luck(_platforms(rows, ranked)))
        best = outcome[ranked].max()
        firsts = outcome[ranked] == best
        found.append(
            (
                regret,
                best - outcome[ranked[0]],
                chances[0],
                firsts[0] / firsts.sum(),
            )
        )
    columns = np.array(found, dtype=np.float64).reshape(-1, 4).T
    names = ("regret_forecast", "regret", "best_forecast", "best")
    return {
        "sets": len(found),
        **{name: mean(column) for name, column in zip(names, columns, strict=True)},
    }


def set_places(rows: ShareRows, size: int, seed: int) -> Iterator[Places]:
    """Disjoint random sets of posts of one account with a known outcome, up to `MOST_SETS`."""
    known = np.flatnonzero(np.isfinite(rows.relative()))
    rng = np.random.default_rng(seed)
    sets: list[Places] = []
    for account in np.unique(rows.codes[known]):
        members = rng.permutation(known[rows.codes[known] == account])
        sets += np.split(members, np.arange(size, len(members), size)) if len(members) else []
    whole = [members for members in sets if len(members) == size]
    yield from (whole[place] for place in rng.permutation(len(whole))[:MOST_SETS])


def _chance(rows: ShareRows, first: Places, second: Places, luck: Luck) -> Floats:
    spread = luck(_platforms(rows, first))
    return ranking.chance(rows.score[first], rows.score[second], spread, spread)


def _platforms(rows: ShareRows, places: Places) -> list[str]:
    return [rows.platforms[place] for place in places]


def _metrics(chance: Floats, won: Floats) -> Report:
    right = choices_right(chance, won)
    return {
        "n": len(won),
        "accuracy": mean(right),
        "log_loss": mean(log_losses(chance, won)),
        "calibration_error": reliability(confidences(chance), right).error(),
    }
