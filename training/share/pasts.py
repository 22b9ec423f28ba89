"""What was known of each post's account just before it, cut out of the table it stands in."""

import numpy as np
import pandas as pd

from features.account.past import NO_PAST, AccountPast, past_of, platform_of
from features.account.settling import settled_by
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
    codes = account_codes(frame)
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows):
            part = frame.iloc[rows]
            for row, past in zip(rows.tolist(), _cut(part), strict=True):
                pasts[row] = past
    return pasts


def _cut(account: pd.DataFrame) -> list[AccountPast]:
    """Return the past of each post of one account, in the order of its rows."""
    whole = past_of(account)
    at = account["published_at"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
    ends = settled_by(whole.times, at, platform_of(account))
    return [AccountPast(whole.times[:end], whole.log_shares[:end]) for end in ends.tolist()]
