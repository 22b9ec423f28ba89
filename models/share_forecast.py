"""What a share model says of drafts: plain frozen values."""

from dataclasses import dataclass

import numpy as np

from features.schema import FloatArray
from models.population import Population
from models.share_columns import FAMILIES
from models.share_rows import Floats

LARGEST_LOG = 25.0
"""exp(25) shares is ten times mankind: expected counts stay finite."""

ROUNDING = 1e-9
"""log1p shares that are none: a bound of no shares at all, told in spreads and back, is off by some
1e-15. Were it kept, a post that nobody shared would lie below its own lowest bound."""


def shares_of(logs: Floats) -> FloatArray:
    """Return counts of what log1p shares are expected, float32: none below zero, all finite."""
    some = np.where(logs < ROUNDING, 0.0, logs)
    return np.expm1(np.minimum(some, LARGEST_LOG)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class ShareForecast:
    """What is forecast of n posts.

    Attributes
    ----------
    score, low, high
        In units of the account's own spread, 0 being its usual post; 90% interval. Shape (n,).
    drift
        Where the account's usual post is by now, in its spreads from its baseline: what comes on
        top of the score wherever a forecast is told in shares. Shape (n,).
    percentile, percentile_low, percentile_high
        0..100, the place of the score and its bounds among `populations`. Shape (n,).
    populations
        What each percentile is a place in.
    expected_shares, expected_low, expected_high
        Shares; NaN where the account has no baseline. Shape (n,).
    beats_median
        Probability of more shares than the account's recent median, 0..1, or of a better outcome
        than half of the reference where the account is not known. Shape (n,). Among an account's
        own posts it is above one half exactly where the percentile is above 50.
    effects
        What each of `families` adds to the score; with `base` they sum to it. Shape (n, f); empty
        columns when not asked for.
    base
        The score before anything is known of each post. Shape (n,).
    novelty
        Part of held-out posts that look more like posts, 0..1. Shape (n,).
    explain_seconds
        What working out the effects took.
    recalled
        What the account recalled of posts like each: the columns of `models.recall`, (n, 2).
    """

    score: FloatArray
    low: FloatArray
    high: FloatArray
    drift: FloatArray
    percentile: FloatArray
    percentile_low: FloatArray
    percentile_high: FloatArray
    populations: tuple[Population, ...]
    expected_shares: FloatArray
    expected_low: FloatArray
    expected_high: FloatArray
    beats_median: FloatArray
    effects: FloatArray
    base: FloatArray
    novelty: FloatArray
    recalled: FloatArray
    families: tuple[str, ...] = FAMILIES
    explain_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may come of n posts, in account spreads.

    Attributes
    ----------
    raw, expected
        What the trees and the text view say, and how far off that is expected to be. Shape (n,).
    drift
        Where the account's usual post is by now, from its baseline. Shape (n,).
    cells
        The calibration cells of each post.
    score, low, high
        The middle of the distribution of outcomes, and its 90% interval, from `drift`. Shape (n,).
    """

    raw: Floats
    expected: Floats
    drift: Floats
    cells: list[tuple[str, ...]]
    score: Floats
    low: Floats
    high: Floats

    def outcomes(self) -> Floats:
        """Return middle and bounds of what may come of each post, from its baseline, (n, 3)."""
        return np.column_stack([self.score, self.low, self.high]) + self.drift[:, None]
