"""Candidates in order, with the odds that the order is right: honest ties, no false precision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, softmax

from features.schema import FloatArray
from models.score import Note, Score

CLOSE = 0.6
"""A lead with odds below three in five is too close to call, unless somebody wants to be surer."""

SUREST = 1e-9

Compare = Callable[[FloatArray, FloatArray, Sequence[str | None]], NDArray[np.float64]]
"""Scores of n pairs and their platforms -> probability that the first of each wins."""


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
        From 1; candidates of one tier are too close to call.
    beats_next
        Probability that it gets further than the candidate right below it; None for the last.
    too_close
        Whether `beats_next` is below what was asked for; None for the last.
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
    platforms: Sequence[str | None],
    compare: Compare,
    warnings: Sequence[Note] = (),
    sure: float = CLOSE,
) -> Ranking:
    """Order scored candidates; the cost grows with n log n.

    Parameters
    ----------
    scores
        Answers of one scorer, in the order of the candidates.
    platforms
        Where each candidate is to go out.
    compare
        `models.share.ShareModel.compare`.
    warnings
        What is to be said about the ranking as a whole.
    sure
        Probability from which a lead is no close call, one half to 1.
    """
    values = {i: score.share.score.value for i, score in enumerate(scores) if score.share}
    ranked = sorted(values, key=lambda index: -values[index])
    heights = np.array([values[index] for index in ranked], dtype=np.float32)
    where = [platforms[index] for index in ranked]
    places = _places([scores[index] for index in ranked], ranked, heights, where, compare, sure)
    unscored = [Place(i, score) for i, score in enumerate(scores) if score.share is None]
    regret = expected_regret(heights, where, compare) if ranked else None
    return Ranking((*places, *unscored), regret, tuple(warnings))


def _places(
    scores: Sequence[Score],
    ranked: Sequence[int],
    heights: FloatArray,
    where: Sequence[str | None],
    compare: Compare,
    sure: float,
) -> list[Place]:
    if not ranked:
        return []
    lead = compare(heights[:-1], heights[1:], where[:-1])
    best = best_probability(heights, where, compare)
    tiers = tiers_of(heights, where, compare, sure)
    return [
        Place(
            index=index,
            score=scores[place],
            rank=place + 1,
            tier=tiers[place],
            beats_next=float(lead[place]) if place < len(lead) else None,
            too_close=bool(lead[place] < sure) if place < len(lead) else None,
            best=float(best[place]),
        )
        for place, index in enumerate(ranked)
    ]


def best_probability(
    heights: FloatArray, where: Sequence[str | None], compare: Compare
) -> NDArray[np.float64]:
    """Probability that each of n candidates gets furthest; they sum to 1.

    The log odds of one candidate against another are the difference of their strengths, so the
    choice among n is the softmax of the strengths (Plackett-Luce): linear in n, and for two
    candidates it is the odds of the pair.

    Parameters
    ----------
    heights
        Scores, best first, shape (n,).
    where
        Their platforms.
    compare
        See `rank`.
    """
    odds = compare(heights, np.full_like(heights, heights[0]), where)
    return np.asarray(softmax(logit(np.clip(odds, SUREST, 1 - SUREST))))


def expected_regret(heights: FloatArray, where: Sequence[str | None], compare: Compare) -> float:
    """Spreads that taking the first is expected to lose against the best of all, at least 0.

    With outcomes as of `best_probability`, Gumbel around the scores, the expected best lies above
    the expected first by -log(probability that the first is the best) / slope.

    Parameters
    ----------
    heights, where, compare
        As of `best_probability`.
    """
    unit = compare(np.ones(1, np.float32), np.zeros(1, np.float32), where[:1])
    slope = max(float(logit(np.clip(unit, SUREST, 1 - SUREST))[0]), SUREST)
    return float(-np.log(best_probability(heights, where, compare)[0]) / slope)


def tiers_of(
    heights: FloatArray, where: Sequence[str | None], compare: Compare, sure: float = CLOSE
) -> list[int]:
    """Tier of each candidate, best first: a new one starts when its leader is clearly ahead."""
    tiers, leader = [1], 0
    for place in range(1, len(heights)):
        first, here = slice(leader, leader + 1), slice(place, place + 1)
        ahead = compare(heights[first], heights[here], where[first])[0] >= sure
        leader = place if ahead else leader
        tiers.append(tiers[-1] + ahead)
    return [int(tier) for tier in tiers]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
