"""Which rows tell of the same post: one platform and one post id, unless the ids cannot be trusted.

Exports of some tools number the posts of every account 1, 2, 3, and pages of one house publish the
same announcements. Where the same id comes with another account *and* another text or a time far
from the first it is another post, and is then known as `account:id`. With text and time alike it is
one post, of an account that was renamed.
"""

from datetime import timedelta

import pandas as pd

KEY = ["platform", "post_id"]
BETWEEN = ":"

APART = timedelta(days=1)
"""Publishing times of one id that differ by more, while account or text differs, are of two posts.
Less is a post that was edited, or the same clock read in another zone."""


def tell_apart(posts: pd.DataFrame) -> pd.DataFrame:
    """Give posts of different accounts that share an id ids of their own.

    Parameters
    ----------
    posts
        Canonical posts frame. Of each id the first account keeps it as it is.

    Returns
    -------
    DataFrame
        The same rows, `post_id` changed where needed; `posts` itself where nothing was.
    """
    telling = ["account_id", "text", "published_at"]
    if not set(telling) <= set(posts.columns):
        return posts
    shared = posts[posts.duplicated(KEY, keep=False) & posts["account_id"].notna()]
    if shared.empty:
        return posts
    first = shared.groupby(KEY, sort=False, dropna=False)[telling].transform("first")
    differs = shared["text"] != first["text"]
    differs |= (shared["published_at"] - first["published_at"]).abs() > APART
    other = differs & (shared["account_id"] != first["account_id"])
    if not other.any():
        return posts
    rows = shared[other]
    names = posts["post_id"].copy()
    names.loc[rows.index] = rows["account_id"] + BETWEEN + rows["post_id"]
    return posts.assign(post_id=names)


def renamed(posts: pd.DataFrame) -> int:
    """Count posts that come under more than one account, in a frame that was told apart."""
    shared = posts[posts.duplicated(KEY, keep=False)]
    accounts = shared.groupby(KEY, sort=False)["account_id"].nunique()
    return int((accounts > 1).sum())
