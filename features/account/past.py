"""The earlier posts of one account, with what is known of their results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account.settling import settling_ns

NOT_A_TIME = np.iinfo(np.int64).min

MOST_READ = 500
"""Posts of an account that are read at once: the last ones."""


@dataclass(frozen=True, slots=True)
class AccountPast:
    """The earlier posts of one account on one platform.

    Attributes
    ----------
    times
        Publishing times, nanoseconds UTC since 1970, ascending.
    log_shares
        log1p of the shares of each; NaN where the count was taken before it had settled.
    texts, post_ids
        What was published, in the same order; empty where nobody needs it.
    """

    times: NDArray[np.int64]
    log_shares: NDArray[np.float64]
    texts: tuple[str, ...] = ()
    post_ids: tuple[str, ...] = ()


Read = Callable[[str, str, datetime | None], AccountPast | None]
"""Reads the last `MOST_READ` posts of a platform's account: all told, or before a time."""

NO_PAST = AccountPast(np.empty(0, np.int64), np.empty(0, np.float64))


def to_ns(at: datetime) -> int:
    """Nanoseconds UTC since 1970 of a time that carries its zone."""
    return int(pd.Timestamp(at).tz_convert(UTC).as_unit("ns").value)


def past_for(read: Read, platform: str, account_id: str, at: datetime | None) -> AccountPast | None:
    """The past of an account for a post at a time, with all that was published before it.

    Parameters
    ----------
    read
        Reads pasts; asked a second time only where the last posts do not reach back far enough.
    platform, account_id
        Of the account.
    at
        When the post goes out; None takes all that is known as past.

    Returns
    -------
    AccountPast or None
        It may hold later posts too. None or empty where nothing is known of the account.
    """
    past = read(platform, account_id, None)
    if past is None or not cut_short(past, at):
        return past
    earlier = read(platform, account_id, at)
    return earlier if earlier is not None and len(earlier.times) else past


def cut_short(past: AccountPast, at: datetime | None) -> bool:
    """Whether the last posts of an account may be fewer than those that it had at a time."""
    return at is not None and len(past.times) >= MOST_READ and past.times[-1] >= to_ns(at)


def past_of(frame: pd.DataFrame) -> AccountPast:
    """The past of the one account that `frame` holds.

    Parameters
    ----------
    frame
        Rows of a canonical posts table, of one account on one platform, in any order.
    """
    return past_from(
        times_of(frame["published_at"]),
        times_of(frame["collected_at"]),
        frame["shares"].to_numpy(np.float64, na_value=np.nan),
        frame["text"].tolist(),
        frame["post_id"].astype(str).tolist(),
        platform_of(frame),
    )


def past_from(
    times: NDArray[np.int64],
    collected: NDArray[np.int64],
    shares: NDArray[np.float64],
    texts: Sequence[str],
    post_ids: Sequence[str],
    platform: str | None,
) -> AccountPast:
    """The past of one account from its posts in any order.

    Parameters
    ----------
    times, collected
        When each of n posts went out and was counted, nanoseconds UTC; `NOT_A_TIME` where a count
        has no time.
    shares
        Shape (n,), NaN where there is no count.
    texts, post_ids
        n each.
    platform
        Decides how long a count takes to settle.
    """
    order = np.lexsort((shares, times))
    return AccountPast(
        times=times[order],
        log_shares=_settled(shares, times, collected, platform)[order],
        texts=tuple(texts[row] for row in order),
        post_ids=tuple(post_ids[row] for row in order),
    )


def settled_log_shares(frame: pd.DataFrame, platform: str | None) -> NDArray[np.float64]:
    """log1p shares, NaN for counts that were collected before they had settled.

    Returns
    -------
    ndarray of shape (n,)
    """
    shares = frame["shares"].to_numpy(np.float64, na_value=np.nan)
    published, collected = times_of(frame["published_at"]), times_of(frame["collected_at"])
    return _settled(shares, published, collected, platform)


def _settled(
    shares: NDArray[np.float64],
    published: NDArray[np.int64],
    collected: NDArray[np.int64],
    platform: str | None,
) -> NDArray[np.float64]:
    early = (collected != NOT_A_TIME) & (collected - published < settling_ns(platform))
    return np.where(early, np.nan, np.log1p(shares))


def settled_before(
    past: AccountPast, at: datetime | None, platform: str | None
) -> NDArray[np.float64]:
    """Log shares of the posts whose counts are known at a time, in order of publishing.

    Returns
    -------
    ndarray of shape (m,)
    """
    counted = np.isfinite(past.log_shares)
    if at is None:
        return past.log_shares[counted]
    return past.log_shares[counted & (past.times <= to_ns(at) - settling_ns(platform))]


def times_of(column: "pd.Series[pd.Timestamp]") -> NDArray[np.int64]:
    """Nanoseconds UTC; a missing time becomes `NOT_A_TIME`."""
    moments = pd.to_datetime(column, utc=True).to_numpy(dtype="datetime64[ns]")
    return moments.astype(np.int64)


def platform_of(frame: pd.DataFrame) -> str | None:
    """The platform of the one account that `frame` holds, None where it is not told."""
    name = None if frame.empty else frame["platform"].iloc[0]
    return name if isinstance(name, str) and name else None
