"""What was known of each post's account just before it, cut out of the table it stands in."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account.past import NO_PAST, AccountPast, past_of, platform_of, times_of
from features.account.settling import settled_by
from features.text.language import usual_language
from models.spoken import USUAL_POSTS
from training.share.report import account_codes


def known_pasts(frame: pd.DataFrame) -> list[AccountPast]:
    """Return the past of each post: the account's earlier posts whose counts had settled.

    The rule is that of `features.account.history.states`. The arrays are views of one array an
    account: the pasts of 130,000 posts cost no copies. Texts and ids are left out.

    Parameters
    ----------
    frame
        A canonical posts table of n rows.

    Returns
    -------
    list of n pasts, in the order of the rows
    """
    pasts = [NO_PAST] * len(frame)
    for rows in _accounts(frame):
        for row, past in zip(rows.tolist(), _cut(frame.iloc[rows]), strict=True):
            pasts[row] = past
    return pasts


def usual_languages(frame: pd.DataFrame, places: Sequence[int]) -> dict[int, str | None]:
    """Return the language that the account of each of some posts usually wrote in before it.

    The rule is that of `models.spoken.usual_languages`. What was published is known at once: a text
    counts from then on, whether or not its shares have settled.

    Parameters
    ----------
    frame
        A canonical posts table.
    places
        The rows to tell it of: those that it helps, see `models.spoken.is_told_by_account`.

    Returns
    -------
    dict
        Row -> ISO 639 code; None where it is not clear, or nothing came before.
    """
    asked = np.zeros(len(frame), dtype=np.bool_)
    asked[list(places)] = True
    found: dict[int, str | None] = {}
    for rows in _accounts(frame):
        if asked[rows].any():
            found |= _usual(frame.iloc[rows], rows, asked[rows])
    return found


def _usual(
    account: pd.DataFrame, rows: NDArray[np.intp], asked: NDArray[np.bool_]
) -> dict[int, str | None]:
    """Return the usual language before those posts of one account that are asked for, by row."""
    whole = past_of(account)
    ends = np.searchsorted(whole.times, times_of(account["published_at"])[asked], side="left")
    told = {
        end: usual_language(whole.texts[max(0, end - USUAL_POSTS) : end])
        for end in np.unique(ends).tolist()
    }
    return {row: told[end] for row, end in zip(rows[asked].tolist(), ends.tolist(), strict=True)}


def _accounts(frame: pd.DataFrame) -> Iterator[NDArray[np.intp]]:
    """Yield the rows of each account."""
    codes = account_codes(frame)
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows):
            yield rows


def _cut(account: pd.DataFrame) -> list[AccountPast]:
    """Return the past of each post of one account, in the order of its rows."""
    whole = past_of(account)
    at = account["published_at"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
    ends = settled_by(whole.times, at, platform_of(account))
    return [AccountPast(whole.times[:end], whole.log_shares[:end]) for end in ends.tolist()]
