"""What an account's earlier posts tell about the next one: its baseline, spread and rhythm.

Everything is causal. A post is part of the known history of a later one only once its count had
time to settle (`features.account.settling`); that it was *published* is known at once.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account.past import (
    NO_PAST,
    AccountPast,
    platform_of,
    settled_log_shares,
    times_of,
    to_ns,
)
from features.account.settling import settled_by
from features.columns import Column
from features.schema import FloatArray

WINDOW = 50
"""Known posts that make the baseline: long enough to be steady, short enough to follow growth."""

REFERENCE_SPREAD = 1.0
"""Spread of log1p shares within a typical account; what a thin history is shrunk towards."""

SPREAD_PRIOR = 5.0
"""How many posts of history `REFERENCE_SPREAD` is worth."""

MOST_KNOWN = 400
"""Known posts above which more tell nothing. A service reads the last 500 posts of an account, some
of them too young to have settled: what it cannot count, no training may count on."""

SMALLEST_SPREAD = 0.3
TREND_DECAY = 0.8
LAST_POSTS = 10
RESIDUAL_LIMIT = 5.0
DAY = 86_400 * 10**9
HOUR = 3_600 * 10**9
CHUNK = 20_000

HISTORY = "history"
LOG = "log1p shares"
SPREADS = "account spreads"
COLUMNS: tuple[Column, ...] = (
    Column(
        "history_posts",
        HISTORY,
        f"earlier posts whose counts are known, at most {MOST_KNOWN}",
        "log1p posts",
        "0..",
    ),
    Column("history_level", HISTORY, f"median of the last {WINDOW} known posts", LOG, "0.."),
    Column("history_spread", HISTORY, "robust spread of them, shrunk when few", LOG, "0.3.."),
    Column("history_mean", HISTORY, "their mean less their median", SPREADS, "-5..5"),
    Column("history_low", HISTORY, "their lower decile less the median", SPREADS, "-5..0"),
    Column("history_high", HISTORY, "their upper decile less the median", SPREADS, "0..5"),
    Column("history_zeros", HISTORY, "how many of them were never shared", "share", "0..1"),
    Column("history_last", HISTORY, "the last known post less the median", SPREADS, "-5..5"),
    Column("history_trend", HISTORY, "fading mean of the residuals", SPREADS, "-5..5"),
    Column("history_recent", HISTORY, "median of the last ten less that of all", SPREADS, "-5..5"),
    Column("history_gap", HISTORY, "median time between known posts", "log1p hours", "0.."),
    Column("history_silence", HISTORY, "days since the last post", "log1p days", "0.."),
    Column("history_day", HISTORY, "posts in the last 24 hours", "log1p posts", "0.."),
    Column("history_week", HISTORY, "posts in the last seven days", "log1p posts", "0.."),
)
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
RHYTHM = 3
"""The last so many columns are of the account's pace, which posts without a count tell as well."""

KNOWN, LEVEL, SPREAD = (
    NAMES.index(name) for name in ("history_posts", "history_level", "history_spread")
)


def states(frame: pd.DataFrame, limits: NDArray[np.int64] | None = None) -> FloatArray:
    """The state of each post's account just before that post, from the same table.

    Parameters
    ----------
    frame
        A canonical posts table of n rows. A row without `account_id` has no history.
    limits
        Shape (n,): how many of the last known posts each row may see, as if no more had been
        imported. Training on short histories makes a model fit for them.

    Returns
    -------
    ndarray of shape (n, len(NAMES))
        NaN where nothing is known.
    """
    out = np.full((len(frame), len(NAMES)), np.nan, dtype=np.float32)
    times, shares = times_of(frame["published_at"]), frame["shares"].to_numpy(np.float64)
    platforms = frame["platform"].astype(object).where(frame["platform"].notna(), "")
    keys = pd.MultiIndex.from_arrays([platforms, frame["account_id"].astype(object)])
    codes = pd.factorize(keys)[0]
    codes[frame["account_id"].isna().to_numpy()] = -1
    order = np.lexsort((shares, times, codes))
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows) and codes[rows[0]] >= 0:
            posts = frame.iloc[rows]
            platform = platform_of(posts)
            past = AccountPast(times[rows], settled_log_shares(posts, platform))
            seen = None if limits is None else limits[rows]
            out[rows] = account_states(past, past.times, platform, seen)
    out[codes < 0] = account_states(NO_PAST, np.zeros(1, np.int64), None)
    return out


def relative(log_shares: NDArray[np.float64], states: FloatArray) -> NDArray[np.float64]:
    """How posts did against their account's baseline, in its spreads; NaN without either.

    Parameters
    ----------
    log_shares
        log1p shares of n posts.
    states
        Of their accounts just before them, shape (n, len(NAMES)).

    Returns
    -------
    ndarray of shape (n,)
    """
    level, spread = states[:, LEVEL].astype(np.float64), states[:, SPREAD].astype(np.float64)
    return np.asarray((log_shares - level) / spread, dtype=np.float64)


def state(past: AccountPast | None, at: datetime | None, platform: str | None) -> FloatArray:
    """The state of one account at one time: the row that `states` would give a post then.

    Parameters
    ----------
    past
        None for an account nobody knows.
    at
        The planned publishing time; None takes all of `past` as known and the post as the next one
        at the account's usual pace.
    platform
        Decides how long a count takes to settle.

    Returns
    -------
    ndarray of shape (len(NAMES),)
    """
    if past is None or not len(past.times):
        return _unknown_state().copy()
    if at is not None:
        return account_states(past, np.array([to_ns(at)]), platform).ravel()
    row = account_states(past, np.array([np.iinfo(np.int64).max]), platform).ravel()
    usual = past.times[-1:] + _usual_gap(past.times)
    row[-RHYTHM:] = _rhythm_columns(past.times, usual, np.array([len(past.times)]))
    return row


def _usual_gap(times: NDArray[np.int64]) -> np.int64:
    """Median time between the last `WINDOW` posts, in nanoseconds; a day where there is but one."""
    gaps = np.diff(times[-WINDOW:])
    return np.int64(max(np.median(gaps), 1)) if len(gaps) else np.int64(DAY)


@cache
def _unknown_state() -> FloatArray:
    """The state of an account without a post, the same at any time."""
    return account_states(NO_PAST, np.zeros(1, np.int64), None).ravel()


def account_states(
    past: AccountPast,
    at: NDArray[np.int64],
    platform: str | None,
    limits: NDArray[np.int64] | None = None,
) -> FloatArray:
    """The states of one account at several times.

    Parameters
    ----------
    past
        All posts of the account, also later ones: each time sees only what was known by then.
    at
        n times in nanoseconds UTC.
    platform
        Decides how long a count takes to settle.
    limits
        As of `states`, shape (n,).

    Returns
    -------
    ndarray of shape (n, len(NAMES))
    """
    order = np.lexsort((past.log_shares, past.times))
    times, values = past.times[order], past.log_shares[order]
    counted = np.isfinite(values)
    known = settled_by(times[counted], at, platform)
    seen = np.full(len(at), np.iinfo(np.int64).max) if limits is None else limits
    out = np.empty((len(at), len(NAMES)), dtype=np.float32)
    for start in range(0, len(at), CHUNK):
        part = slice(start, start + CHUNK)
        limits_here = seen[part]
        out[part, :-RHYTHM] = _known_columns(
            times[counted], values[counted], known[part], limits_here
        )
        out[part, -RHYTHM:] = _rhythm_columns(times, at[part], limits_here)
    return out


def _known_columns(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    known: NDArray[np.intp],
    seen: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Columns from the last `seen[i]` of the first `known[i]` posts, whose counts are known."""
    back = np.arange(WINDOW, 0, -1)
    taken = np.where(back <= seen[:, None], known[:, None] - back, -1)
    window = np.where(taken >= 0, _take(values, taken), np.nan)
    known = np.minimum(known, seen)
    count = np.minimum(known, WINDOW)
    ranked = np.sort(window, axis=1)
    level = _quantile(ranked, count, 0.5)
    spread = robust_spread(window, level, count)
    residuals = (window - level[:, None]) / spread[:, None]
    recent = np.sort(window[:, -LAST_POSTS:], axis=1)
    relative = [
        _row_mean(residuals, count),
        (_quantile(ranked, count, 0.1) - level) / spread,
        (_quantile(ranked, count, 0.9) - level) / spread,
        _row_mean(np.where(np.isnan(window), np.nan, window <= 0), count),
        residuals[:, -1],
        _fading_mean(residuals),
        (_quantile(recent, np.minimum(count, LAST_POSTS), 0.5) - level) / spread,
    ]
    columns = [np.log1p(np.minimum(known, MOST_KNOWN)), level, spread]
    columns += [np.clip(column, -RESIDUAL_LIMIT, RESIDUAL_LIMIT) for column in relative]
    return np.column_stack([*columns, _gap(times, taken)])


def robust_spread(
    window: NDArray[np.float64], level: NDArray[np.float64], count: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Mean absolute deviation, scaled to a normal's spread, shrunk where posts are few.

    Unlike the quartiles it is not zero for an account whose posts are mostly never shared, and
    unlike the variance it is not ruled by one hit.

    Parameters
    ----------
    window
        log1p shares of up to w posts of each of n accounts, NaN for none, shape (n, w).
    level, count
        The median and the number of each account's posts, shape (n,).

    Returns
    -------
    ndarray of shape (n,)
        In log1p shares, `SMALLEST_SPREAD` or more.
    """
    deviation = np.nansum(np.abs(window - level[:, None]), axis=1) * np.sqrt(np.pi / 2)
    shrunk = (deviation + SPREAD_PRIOR * REFERENCE_SPREAD) / (count + SPREAD_PRIOR)
    floored: NDArray[np.float64] = np.maximum(shrunk, SMALLEST_SPREAD)
    return floored


def _gap(times: NDArray[np.int64], taken: NDArray[np.intp]) -> NDArray[np.float64]:
    moments = np.where(taken >= 0, _take(times / HOUR, taken), np.nan)
    gaps = np.sort(np.diff(moments, axis=1), axis=1)
    hours: NDArray[np.float64] = _quantile(gaps, np.sum(np.isfinite(gaps), axis=1), 0.5)
    return np.asarray(np.log1p(hours))


def _rhythm_columns(
    times: NDArray[np.int64], at: NDArray[np.int64], seen: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Silence and pace, from the posts published strictly before; NaN without any."""
    before = np.searchsorted(times, at, side="left")
    counts = [before - np.searchsorted(times, at - span) for span in (DAY, 7 * DAY)]
    last = np.where(before > 0, _take(times, before - 1), np.nan)
    rows = np.column_stack([(at - last) / DAY, *(np.minimum(count, seen) for count in counts)])
    rows[np.minimum(before, seen) == 0] = np.nan
    return np.asarray(np.log1p(rows))


def _quantile(
    ranked: NDArray[np.float64], count: NDArray[np.intp], q: float
) -> NDArray[np.float64]:
    """Linear quantile of the first `count` numbers of each ascending row; NaN for none."""
    if ranked.shape[1] == 0:
        return np.full(len(ranked), np.nan)
    place = np.maximum(count - 1, 0) * q
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(ranked))
    low, high = ranked[rows, below], ranked[rows, above]
    between: NDArray[np.float64] = low + (high - low) * (place - below)
    return between


def _row_mean(values: NDArray[np.float64], count: NDArray[np.intp]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.nansum(values, axis=1) / np.maximum(count, 1)
    mean[count == 0] = np.nan
    return mean


def _fading_mean(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.where(np.isnan(residuals), 0.0, TREND_DECAY ** np.arange(WINDOW - 1, -1, -1))
    total = weights.sum(axis=1)
    faded: NDArray[np.float64] = np.nansum(residuals * weights, axis=1) / np.where(total, total, 1)
    faded[total == 0] = np.nan
    return faded


def _take(
    values: NDArray[np.int64] | NDArray[np.float64], places: NDArray[np.intp]
) -> NDArray[np.float64]:
    """`values[places]` with out-of-range places clipped: the caller masks them."""
    if len(values) == 0:
        return np.full(places.shape, np.nan)
    return values[np.clip(places, 0, len(values) - 1)].astype(np.float64)


def account_keys(platforms: Sequence[str | None], accounts: Sequence[str | None]) -> list[str]:
    """One key per account and platform, as the hold-out and the bootstrap group them."""
    return [
        f"{platform or ''}:{account or ''}"
        for platform, account in zip(platforms, accounts, strict=True)
    ]
