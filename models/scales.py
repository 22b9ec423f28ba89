"""From a raw opinion to the raters' scale, and to the error to expect there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILES = np.r_[np.arange(0.0, 0.85, 0.1), 0.9, 0.94, 0.97, 0.985, 1.0]
"""Edges of the bins that the curve is fitted on: narrower at the top, where strong texts are."""

LEAST_BIN = 15
"""Fewer rows than this do not make a bin."""

LEAST_BIN_OF_FEW = 5
"""Few texts in all make two bins while each has this many: one bin would forecast one value."""

LEAST_ERROR = 0.02
"""No text is so plain that raters would agree to the last per cent."""

LEAST_SHARE = 0.5
"""Of the mean error: the least to expect of texts unlike those at hand. That plain ones were easy
here says little of plain ones elsewhere: without it a tenth of the joy in written Polish texts lay
above its interval."""


@dataclass(frozen=True, eq=False)
class Scale:
    """A rising curve through knots, and the mean absolute error around it.

    A plain isotonic regression has steps, which make ties of texts that the model can tell apart;
    the curve goes through the centres of its steps instead, and beyond the outer knots straight on.

    Attributes
    ----------
    raw, level, error
        Ascending opinions, their levels on the raters' scale, and absolute errors; (knots,).
    least, most
        Range of the level.
    """

    raw: Floats
    level: Floats
    error: Floats
    least: float
    most: float

    @classmethod
    def fit(cls, raw: Floats, truth: Floats, least: float, most: float) -> "Scale":
        """Fit on held-out texts.

        Parameters
        ----------
        raw, truth
            Opinion and label of n texts, (n,), n > 0.
        least, most
            Range of the label.
        """
        bins = _bins(raw)
        centres = np.array([raw[part].mean() for part in bins])
        level = _rising(centres, np.array([truth[part].mean() for part in bins]), bins)
        return cls._with_errors(raw, truth, bins, level, least, most)

    @classmethod
    def straight(cls, raw: Floats, truth: Floats, least: float, most: float) -> "Scale":
        """Fit a line, for texts unlike those at hand: bends learnt from these would not be theirs.

        A line that fell below `least` among the texts turns about its lowest opinion instead, or
        plain texts, which are most, would all be tied. No error is expected to be less than
        `LEAST_SHARE` of the mean.

        Parameters
        ----------
        raw, truth, least, most
            As for `fit`.
        """
        bins = _bins(raw)
        centres = np.array([raw[part].mean() for part in bins])
        spread = max(float(raw.var()), 1e-12)
        slope = max(float(((raw - raw.mean()) * truth).mean()) / spread, 0.0)
        level = truth.mean() + slope * (centres - raw.mean())
        if len(bins) > 1 and level[0] < least:
            away = raw - raw.min()
            level = least + (centres - raw.min()) * max(
                float(away @ (truth - least)) / float(away @ away), 0.0
            )
        return cls._with_errors(raw, truth, bins, level, least, most, LEAST_SHARE)

    @classmethod
    def _with_errors(
        cls,
        raw: Floats,
        truth: Floats,
        bins: "list[NDArray[np.intp]]",
        level: Floats,
        least: float,
        most: float,
        share: float = 0.0,
    ) -> "Scale":
        centres = np.array([raw[part].mean() for part in bins])
        curve = cls(centres, level, np.zeros(len(level)), least, most)
        misses = np.abs(truth - curve.value(raw))
        error = np.array([misses[part].mean() for part in bins])
        smallest = max(LEAST_ERROR, share * float(misses.mean()))
        return cls(centres, level, np.maximum(error, smallest), least, most)

    def value(self, raw: Floats) -> Floats:
        """Return the level, (n,), within the label's range."""
        level = np.interp(raw, self.raw, self.level)
        if len(self.raw) > 1:
            level = level + self._slope(0, 1) * np.minimum(raw - self.raw[0], 0)
            level = level + self._slope(-2, -1) * np.maximum(raw - self.raw[-1], 0)
        return np.asarray(np.clip(level, self.least, self.most), dtype=np.float64)

    def _slope(self, one: int, other: int) -> float:
        rise = self.level[other] - self.level[one]
        return float(rise / (self.raw[other] - self.raw[one]))

    def expected_error(self, raw: Floats) -> Floats:
        """Return the absolute error to expect, (n,), positive."""
        return np.asarray(np.interp(raw, self.raw, self.error), dtype=np.float64)

    def array(self) -> Floats:
        """Return the knots as one array, (3, knots)."""
        return np.stack([self.raw, self.level, self.error])

    @classmethod
    def from_array(cls, array: Floats, least: float, most: float) -> "Scale":
        """Read the knots of `array` back."""
        return cls(array[0], array[1], array[2], least, most)


def _bins(raw: Floats) -> list[NDArray[np.intp]]:
    """Rows of each bin, from the lowest opinion up; equal opinions never make two bins."""
    order = np.argsort(raw, kind="stable")
    starts: list[int] = []
    least = min(LEAST_BIN, max(len(raw) // 2, LEAST_BIN_OF_FEW))
    for edge in np.round(QUANTILES * len(raw)).astype(int)[1:-1]:
        enough = edge - (starts[-1] if starts else 0) >= least <= len(raw) - edge
        if enough and raw[order[edge]] > raw[order[edge - 1]]:
            starts.append(int(edge))
    return np.split(order, starts)


def _rising(centres: Floats, means: Floats, bins: list[NDArray[np.intp]]) -> Floats:
    # scikit-learn costs a second to import; serving must not pay it.
    from sklearn.isotonic import IsotonicRegression

    sizes = np.array([len(part) for part in bins], dtype=np.float64)
    return np.asarray(
        IsotonicRegression().fit(centres, means, sample_weight=sizes).predict(centres),
        dtype=np.float64,
    )
