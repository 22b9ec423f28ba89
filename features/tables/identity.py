"""Which rows tell of the same post: one platform and one post id, unless the ids cannot be trusted.

Exports of some tools number the posts of every account 1, 2, 3. Where the same id comes with
another account *and* another text it is another post, and is then known as `account:id`.
"""

import pandas as pd

KEY = ["platform", "post_id"]
BETWEEN = ":"


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
    if not {"account_id", "text"} <= set(posts.columns):
        return posts
    shared = posts[posts.duplicated(KEY, keep=False) & posts["account_id"].notna()]
    if shared.empty:
        return posts
    first = shared.groupby(KEY, sort=False, dropna=False)[["account_id", "text"]].transform("first")
    other = (shared["account_id"] != first["account_id"]) & (shared["text"] != first["text"])
    if not other.any():
        return posts
    rows = shared[other]
    names = posts["post_id"].copy()
    names.loc[rows.index] = rows["account_id"] + BETWEEN + rows["post_id"]
    return posts.assign(post_id=names)
