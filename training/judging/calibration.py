"""Does a forecast of 70% come true 70% of the time? Log loss, reliability, slope."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.judging.bootstrap import Floats
from training.judging.metrics import as_floats, finite, moments

PROBABILITY_FLOOR = 1e-6
"""A forecast of 0 or 1 that fails would cost infinitely much: it is counted as this far from it."""


def log_losses(probability: ArrayLike, happened: ArrayLike) -> Floats:
    """Return the log loss of each forecast, in nats; a coin costs ln 2 = 0.693."""
    p = np.clip(as_floats(probability), PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    y = as_floats(happened)
    return -(y * np.log(p) + (1 - y) * np.log1p(-p))


@dataclass(frozen=True, slots=True)
class Reliability:
    """Forecasts sorted into bins of equal count, against what happened.

    Attributes
    ----------
    forecast, observed
        Mean of each bin, shape (bins,).
    count
        Rows of each bin, shape (bins,).
    """

    forecast: Floats
    observed: Floats
    count: NDArray[np.int64]

    def to_json(self) -> list[dict[str, float]]:
        """Return the curve, one entry a bin."""
        columns = (self.forecast.tolist(), self.observed.tolist(), self.count.tolist())
        return [
            {"forecast": forecast, "observed": observed, "n": count}
            for forecast, observed, count in zip(*columns, strict=True)
        ]

    def error(self) -> float:
        """Return the expected calibration error: the mean |forecast - observed| over rows."""
        if not self.count.sum():
            return float("nan")
        return float(np.average(np.abs(self.forecast - self.observed), weights=self.count))


def reliability(forecast: ArrayLike, observed: ArrayLike, bins: int = 10) -> Reliability:
    """Sort forecasts into bins of about equal count; equal forecasts share a bin.

    Parameters
    ----------
    forecast, observed
        Shape (n,): probabilities and 0/1 outcomes, or intensities and their truth.
    bins
        How many, at most.
    """
    x, y = as_floats(forecast), as_floats(observed)
    kept = finite(x, y)
    x, y = x[kept], y[kept]
    if not len(x):
        return Reliability(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    edges = np.unique(np.quantile(x, np.linspace(0, 1, bins + 1)[1:-1]))
    # Repeated quantiles (many equal forecasts) leave bins empty: number only the bins in use.
    used, bin_of = np.unique(np.searchsorted(edges, x, side="left"), return_inverse=True)
    count = np.bincount(bin_of, minlength=len(used))
    means = [np.bincount(bin_of, weights=v, minlength=len(used)) / count for v in (x, y)]
    return Reliability(means[0], means[1], count.astype(np.int64))


def calibration_slope(forecast: ArrayLike, truth: ArrayLike) -> float:
    """Return the slope of truth on forecast: 1 is calibrated, under 1 the forecast exaggerates.

    NaN where the forecast is constant.
    """
    n, x, y, xx, _, xy = moments(as_floats(forecast), as_floats(truth)).sum(axis=0)
    spread = xx - x * x / max(n, 1.0)
    return float((xy - x * y / n) / spread) if spread > 1e-12 else float("nan")
