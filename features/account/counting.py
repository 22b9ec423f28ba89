"""When the counts of an import were taken, where its file does not say.

No export of a platform says it. A count taken minutes after publishing would pass for a result.
"""

from datetime import datetime

import pandas as pd

from features.account.settling import settling_time
from features.tables.dates import STAMP


def taken_by(posts: pd.DataFrame, changed: datetime, now: datetime) -> datetime:
    """Return the latest moment at which the counts of a file can have been taken.

    Parameters
    ----------
    posts
        Canonical posts frame, as read from the file.
    changed
        The file's time of change: it holds unless the future or a post in the file belies it.
    now
        Both with their zone.

    Returns
    -------
    datetime
        In whole seconds: browsers tell less of a file's time than the file system, and a file that
        is imported again must not seem older.
    """
    last = posts.loc[posts["collected_at"].isna(), "published_at"].max()
    return (now if last > changed else min(changed, now)).replace(microsecond=0)


def counted_by(posts: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Posts with `at` as `collected_at` where none is told.

    Parameters
    ----------
    posts
        Canonical posts frame of n rows.
    at
        The latest moment, with its zone, at which the counts can have been taken.
    """
    latest = pd.Series(pd.Timestamp(at), index=posts.index).astype(STAMP)
    return posts.assign(collected_at=posts["collected_at"].fillna(latest))


def too_young(posts: pd.DataFrame) -> int:
    """How many posts were counted too soon after publishing for their shares to have settled."""
    ages = posts["collected_at"] - posts["published_at"]
    return int((ages < posts["platform"].map(settling_time)).sum())
