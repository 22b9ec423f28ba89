"""What a forecast is measured by, as plain functions of arrays and as sums that can be resampled.

Two conventions hold throughout. A metric is undefined (NaN) where the *truth* does not vary. A
forecast that does not vary orders nothing: its correlation is 0 and its pair accuracy one half, so
that a constant baseline can stand beside a model on the same rows.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from training.judging.bootstrap import (
    DEFAULT,
    Bootstrap,
    Codes,
    Estimate,
    Floats,
    cluster_sums,
    interval,
)
from training.judging.bootstrap import draws as bootstrap_draws

MIN_ACCOUNT_POSTS = 10
"""Accounts with fewer scored posts have no rank correlation worth the name."""

SPREAD_FLOOR = 1e-12
"""Squared spread, relative to the squared size of the values, under which they are constant."""


def as_floats(values: ArrayLike) -> Floats:
    """Return a float64 array, whatever came."""
    return np.asarray(values, dtype=np.float64)


def finite(*columns: Floats) -> NDArray[np.bool_]:
    """Return True for the rows where every column holds a number."""
    return np.asarray(np.isfinite(np.stack(columns)).all(axis=0))


def moments(truth: Floats, forecast: Floats) -> Floats:
    """Return per row what a correlation is made of; all zero where either value is missing.

    Both columns are centred first: sums of squares of values far from zero lose their digits.

    Returns
    -------
    ndarray of shape (n, 6)
        1, x, y, xx, yy, xy.
    """
    kept = finite(truth, forecast)
    x, y = (
        np.where(kept, v - (v[kept].mean() if kept.any() else 0.0), 0.0) for v in (truth, forecast)
    )
    return np.stack([kept.astype(np.float64), x, y, x * x, y * y, x * y], axis=1)


def correlation(sums: Floats) -> Floats:
    """Turn sums of `moments` into Pearson's r.

    Parameters
    ----------
    sums
        Shape (..., 6).

    Returns
    -------
    ndarray of shape (...)
        NaN where the truth is constant, 0 where only the forecast is.
    """
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    n = np.maximum(n, 1.0)
    spread_x, spread_y = xx - x * x / n, yy - y * y / n
    flat_x, flat_y = (
        spread_x <= SPREAD_FLOOR * (xx + 1e-30),
        spread_y <= SPREAD_FLOOR * (yy + 1e-30),
    )
    scale = np.sqrt(np.where(flat_x | flat_y, 1.0, spread_x * spread_y))
    r = np.clip((xy - x * y / n) / scale, -1.0, 1.0)
    return np.where(flat_x, np.nan, np.where(flat_y, 0.0, r))


def pearson(truth: ArrayLike, forecast: ArrayLike) -> float:
    """Return Pearson's r over the rows where both are given."""
    return float(correlation(moments(as_floats(truth), as_floats(forecast)).sum(axis=0)))


def average_ranks(values: Floats) -> Floats:
    """Rank 1..n, ties sharing their mean rank."""
    return as_floats(pd.Series(values).rank(method="average"))


def spearman(truth: ArrayLike, forecast: ArrayLike) -> float:
    """Return Spearman's rho over the rows where both are given."""
    x, y = as_floats(truth), as_floats(forecast)
    kept = finite(x, y)
    return pearson(average_ranks(x[kept]), average_ranks(y[kept]))


def weighted_ranks(values: Floats, weights: Floats) -> Floats:
    """Rank values as if row i were repeated `weights[:, i]` times, for each resample at once.

    Parameters
    ----------
    values
        Shape (n,).
    weights
        Shape (r, n), counts.

    Returns
    -------
    ndarray of shape (r, n)
    """
    levels, level = np.unique(values, return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[order], np.arange(len(levels)))
    per_level = np.add.reduceat(weights[:, order], starts, axis=1)
    upto = np.cumsum(per_level, axis=1)
    ranks: Floats = (upto - (per_level - 1) / 2)[:, level]
    return ranks


def spearman_estimate(
    truth: ArrayLike, forecast: ArrayLike, codes: Codes, options: Bootstrap = DEFAULT
) -> Estimate:
    """Return Spearman's rho with its interval, ranks taken anew in every resample.

    Ranks kept fixed would be quicker, and would give an interval of the wrong width.

    Parameters
    ----------
    truth, forecast
        Shape (n,).
    codes
        Shape (n,), the cluster of each row.
    options
        Resamples, level and seed.
    """
    x, y = as_floats(truth), as_floats(forecast)
    kept = finite(x, y)
    x, y, codes = x[kept], y[kept], pd.factorize(codes[kept])[0].astype(np.intp)
    clusters = int(codes.max()) + 1 if len(codes) else 0
    value = spearman(x, y)
    if clusters < options.min_clusters:
        return Estimate(value, float("nan"), float("nan"), clusters)
    parts = []
    for counts in bootstrap_draws(clusters, options):
        step = max(1, 4_000_000 // len(x))
        parts += [
            _weighted_spearman(x, y, counts[i : i + step][:, codes])
            for i in range(0, len(counts), step)
        ]
    return interval(value, np.concatenate(parts), clusters, options)


def _weighted_spearman(x: Floats, y: Floats, weights: Floats) -> Floats:
    n = weights.sum(axis=1, keepdims=True)
    ranks = [weighted_ranks(values, weights) - (n + 1) / 2 for values in (x, y)]
    xx, yy, xy = (
        np.einsum("rn,rn,rn->r", weights, a, b)
        for a, b in ((ranks[0], ranks[0]), (ranks[1], ranks[1]), (ranks[0], ranks[1]))
    )
    zeros = np.zeros_like(xx)
    return correlation(np.stack([n[:, 0], zeros, zeros, xx, yy, xy], axis=1))


def mean_columns(values: Floats) -> Floats:
    """Return per row what a mean is made of: the value and a count, zero where it is missing.

    Returns
    -------
    ndarray of shape (n, 2)
    """
    kept = np.isfinite(values)
    return np.stack([np.where(kept, values, 0.0), kept.astype(np.float64)], axis=1)


def ratio(sums: Floats) -> Floats:
    """Turn sums of `mean_columns` into means; NaN where nothing was counted.

    Parameters
    ----------
    sums
        Shape (..., 2).
    """
    count = sums[..., 1]
    return np.where(count > 0, sums[..., 0] / np.where(count > 0, count, 1.0), np.nan)


def mean(values: Floats) -> float:
    """Return the mean of the numbers among `values`; NaN if there are none."""
    return float(ratio(mean_columns(values).sum(axis=0)))


def absolute_errors(truth: ArrayLike, forecast: ArrayLike) -> Floats:
    """Return |truth - forecast| for each row."""
    return np.abs(as_floats(truth) - as_floats(forecast))


def covered(truth: ArrayLike, low: ArrayLike, high: ArrayLike) -> Floats:
    """Return 1 where low <= truth <= high, else 0; NaN where one of them is missing."""
    y, lower, upper = as_floats(truth), as_floats(low), as_floats(high)
    inside = ((lower <= y) & (y <= upper)).astype(np.float64)
    return np.where(finite(y, lower, upper), inside, np.nan)


def account_correlations(truth: ArrayLike, score: ArrayLike, codes: Codes) -> Floats:
    """Return Spearman's rho within each account.

    Parameters
    ----------
    truth, score
        Shape (n,).
    codes
        Shape (n,), the account of each row, 0..accounts-1.

    Returns
    -------
    ndarray of shape (accounts,)
        NaN for accounts with fewer than `MIN_ACCOUNT_POSTS` rows with both values, or whose
        outcome does not vary. Which accounts count never depends on the score.
    """
    x, y = as_floats(truth), as_floats(score)
    kept = finite(x, y)
    frame = pd.DataFrame({"x": np.where(kept, x, np.nan), "y": np.where(kept, y, np.nan)})
    ranks = frame.groupby(codes)[["x", "y"]].rank(method="average")
    centred = ranks - ranks.groupby(codes).transform("mean")
    rx, ry = (centred[name].fillna(0.0).to_numpy(np.float64) for name in ("x", "y"))
    columns = np.stack([kept.astype(np.float64), rx * 0, ry * 0, rx * rx, ry * ry, rx * ry], axis=1)
    sums = cluster_sums(columns, codes)
    enough = sums[:, 0] >= MIN_ACCOUNT_POSTS
    return np.where(enough, correlation(sums), np.nan)
