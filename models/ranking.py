"""Candidates in order, with the odds that the order is right: honest ties, no false precision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtr

from models.score import Note, Score

CLOSE = 0.6
"""A lead with odds below three in five is too close to call, unless somebody wants to be surer."""

EVEN = 0.5

TAIL, NARROWER = 5.0, 0.87
"""Degrees of freedom of Student's t, and its scale beside that of a normal luck. Shares have a
heavier tail than the normal: with it, the regret of thirty candidates came out a third too low. The
scale gives two candidates the odds of the pair, to within 0.015."""

GRID, REACH = 256, (8.0, 20.0)
"""Points of the grid that outcomes are summed over, and the lucks that it reaches down and up."""

TINIEST = 1e-300
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one candidate stands.

    Attributes
    ----------
    index
        Its place in what was handed in, from 0.
    rank
        From 1; None for a candidate that was not scored.
    tier
        From 1; none is clearly behind the first of its tier, and the first of the next tier is.
        Neighbours of two tiers may still be too close to call.
    beats_next
        Probability that it gets further than the candidate right below it; None for the last.
    too_close
        Whether `beats_next` is below what was asked for, or even; None for the last.
    best
        Probability that it gets further than all others.
    """

    index: int
    score: Score
    rank: int | None = None
    tier: int | None = None
    beats_next: float | None = None
    too_close: bool | None = None
    best: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the place, and the score under `score`."""
        return {
            "index": self.index,
            "rank": self.rank,
            "tier": self.tier,
            "beats_next": _rounded(self.beats_next),
            "too_close_to_call": self.too_close,
            "best": _rounded(self.best),
            "score": self.score.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates from the most promising down; those without a score come last.

    Attributes
    ----------
    regret
        Spreads that taking the first is expected to lose against whichever will have been the best;
        None where nothing was scored.
    """

    places: tuple[Place, ...]
    regret: float | None = None
    warnings: tuple[Note, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return `{"candidates", "tiers", "regret", "warnings"}`."""
        return {
            "candidates": [place.to_json() for place in self.places],
            "tiers": max((place.tier or 0 for place in self.places), default=0),
            "regret": _rounded(self.regret),
            "warnings": [note.to_json() for note in self.warnings],
        }


def rank(
    scores: Sequence[Score],
    luck: Floats,
    warnings: Sequence[Note] = (),
    sure: float = CLOSE,
) -> Ranking:
    """Order scored candidates; the cost grows with n log n.

    How each does is taken to vary about its score by a luck that was fitted on which of two posts
    of an account got further (Thurstone 1927). Odds of pairs, odds of being the best and the regret
    all follow from that.

    Parameters
    ----------
    scores
        Answers of one scorer, in the order of the candidates.
    luck
        Standard deviation of each candidate about its score, shape (n,).
    warnings
        What is to be said about the ranking as a whole.
    sure
        Probability from which a lead is no close call, one half to 1.
    """
    values = {i: score.share.score.value for i, score in enumerate(scores) if score.share}
    ranked = sorted(values, key=lambda index: -values[index])
    heights = np.array([values[index] for index in ranked], dtype=np.float64)
    places = _places([scores[index] for index in ranked], ranked, heights, luck[ranked], sure)
    unscored = [Place(i, score) for i, score in enumerate(scores) if score.share is None]
    regret = best_of(heights, luck[ranked])[1] if ranked else None
    return Ranking((*places, *unscored), regret, tuple(warnings))


def _places(
    scores: Sequence[Score], ranked: Sequence[int], heights: Floats, luck: Floats, sure: float
) -> list[Place]:
    if not ranked:
        return []
    lead = chance(heights[:-1], heights[1:], luck[:-1], luck[1:])
    best, _ = best_of(heights, luck)
    tiers = tiers_of(heights, luck, sure)
    return [
        Place(
            index=index,
            score=scores[place],
            rank=place + 1,
            tier=tiers[place],
            beats_next=float(lead[place]) if place < len(lead) else None,
            too_close=not is_clear(float(lead[place]), sure) if place < len(lead) else None,
            best=float(best[place]),
        )
        for place, index in enumerate(ranked)
    ]


def chance(
    first: ArrayLike, second: ArrayLike, first_luck: ArrayLike, second_luck: ArrayLike
) -> Floats:
    """Return the probability that the first of two gets further, for n pairs, (n,).

    Parameters
    ----------
    first, second
        Their scores.
    first_luck, second_luck
        Their standard deviations about the scores.
    """
    ahead = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    return np.asarray(ndtr(ahead / np.hypot(first_luck, second_luck)), dtype=np.float64)


def best_of(heights: Floats, luck: Floats) -> tuple[Floats, float]:
    """Return the probability of each to be the best, (n,), and the regret of taking the first.

    The regret is how much further the best is expected to get than the first. Both are sums over
    one grid of outcomes, so the cost grows with n.

    Parameters
    ----------
    heights, luck
        Scores, best first, and standard deviations about them, shape (n,).
    """
    scale = NARROWER * luck
    low, high = (heights - REACH[0] * scale).min(), (heights + REACH[1] * scale).max()
    grid, step = np.linspace(low, high, GRID, retstep=True)
    away = (grid[:, None] - heights) / scale
    below = np.maximum(stdtr(TAIL, away), TINIEST)
    all_below = np.exp(np.log(below).sum(axis=1))
    density = (1 + away**2 / TAIL) ** (-(TAIL + 1) / 2) / scale
    best = (all_below[:, None] / below * density).sum(axis=0)
    expected_best = high - step * (all_below.sum() - all_below[[0, -1]].sum() / 2)
    return best / best.sum(), max(float(expected_best - heights[0]), 0.0)


def is_clear(odds: float, sure: float) -> bool:
    """Whether the odds of a lead are as good as asked for; even odds are no lead."""
    return odds > EVEN and odds >= sure


def tiers_of(heights: Floats, luck: Floats, sure: float = CLOSE) -> list[int]:
    """Tier of each candidate, best first: who is clearly behind the leader leads the next one."""
    tiers, leader = [1], 0
    for place in range(1, len(heights)):
        odds = chance(heights[leader], heights[place], luck[leader], luck[place])
        ahead = is_clear(float(odds), sure)
        leader = place if ahead else leader
        tiers.append(tiers[-1] + ahead)
    return tiers


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
