"""The history store: what each account posted and how it did.

See `features.database` for where it is kept and how times are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from features.account.past import MOST_READ, NOT_A_TIME, AccountPast, past_from
from features.database import LOCK_SECONDS, Database
from features.tables.dates import STAMP, microseconds
from features.tables.formats import POSTS
from features.tables.identity import APART, BETWEEN
from features.tables.validation import latest

INSERT_ROWS = 5_000

_KEY = ("platform", "post_id")
_TIMES = {"published_at": "published_us", "collected_at": "collected_us"}
_NUMBERS = ("followers", "shares", "likes", "comments")
_NAMES = tuple(_TIMES.get(field.name, field.name) for field in POSTS.fields)


def _columns() -> list[sa.Column[Any]]:
    types: dict[str, Any] = {
        **dict.fromkeys(_NUMBERS, sa.Double()),
        **dict.fromkeys(_TIMES.values(), sa.BigInteger()),
        "is_paid": sa.Boolean(),
    }
    return [sa.Column(n, types.get(n, sa.Text()), primary_key=n in _KEY) for n in _NAMES]


# The tables as statements see them; `features.account.migrations` makes the lasting one.
_METADATA = sa.MetaData()
_POSTS = sa.Table("posts", _METADATA, *_columns())
_INCOMING = sa.Table("incoming_posts", _METADATA, *_columns(), prefixes=["TEMPORARY"])
_SAME_POST = sa.and_(*(_INCOMING.c[name] == _POSTS.c[name] for name in _KEY))


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, in posts.

    `refused` counts rows of the file that were no posts, `told_apart` posts that came with the id
    of another account's post and are kept as `account:id`, `renamed` stored posts that came under
    another account and belong to the one that was counted last, and `clashes` posts that came with
    the id of another post of the account, of which only the one counted last is kept.
    """

    added: int
    updated: int
    unchanged: int
    refused: int = 0
    told_apart: int = 0
    renamed: int = 0
    clashes: int = 0


class HistoryStore:
    """Posts with results, one for each (platform, post_id).

    Parameters
    ----------
    url
        A SQLAlchemy URL: `sqlite:///path/to/history.db` or `postgresql+psycopg://…`.
    lock_seconds
        How long to wait for another process that is writing.

    Raises
    ------
    StoreError
        If the database cannot be opened, or is of a newer prescore.
    """

    def __init__(self, url: str, lock_seconds: float = LOCK_SECONDS) -> None:
        self._database = Database(url, lock_seconds)

    def upsert(self, posts: pd.DataFrame, refused: int = 0) -> ImportSummary:
        """Add posts and bring known ones up to date, all of them or none.

        Of two tellings of a post the later `collected_at` wins; a telling without one never
        replaces a telling with one. What the winner leaves empty stays as it was.

        Parameters
        ----------
        posts
            Canonical posts frame (`features.tables.validation.read_posts`).
        refused
            Rows that reading refused, for the summary.

        Raises
        ------
        StoreError
            If the store is locked, read-only, full or damaged; it is then as it was.
        """
        distinct = latest(posts.reset_index(drop=True))
        with self._database.write() as connection:
            _INCOMING.create(connection, checkfirst=False)
            for start in range(0, len(distinct), INSERT_ROWS):
                records = _records(distinct.iloc[start : start + INSERT_ROWS])
                connection.execute(_INCOMING.insert(), records)
            connection.execute(_own_names())
            connection.execute(_known_names())
            renamed = int(connection.execute(_count_renamed()).scalar_one())
            clashes = int(connection.execute(_count_clashes()).scalar_one())
            updated = connection.execute(_update()).rowcount
            counted = {"preserve_rowcount": True}
            added = connection.execute(_add(), execution_options=counted).rowcount
            apart = int(connection.execute(_count_apart()).scalar_one())
            _INCOMING.drop(connection, checkfirst=False)
        same = len(distinct) - added - updated
        return ImportSummary(added, updated, same, refused, apart, renamed, clashes)

    def forget(self, platform: str, account_id: str) -> int:
        """Remove all posts of an account on a platform, all of them or none.

        Returns
        -------
        int
            How many there were.

        Raises
        ------
        StoreError
            If the store is locked, read-only or damaged; it is then as it was.
        """
        mine = _POSTS.c
        theirs = sa.and_(mine.platform == platform, mine.account_id == account_id)
        with self._database.write() as connection:
            return connection.execute(sa.delete(_POSTS).where(theirs)).rowcount

    def past(
        self,
        platform: str,
        account_id: str,
        before: datetime | None = None,
        limit: int = MOST_READ,
    ) -> AccountPast:
        """The account's last `limit` posts before a time, oldest first; empty if it has none."""
        # Read at every score: frames would cost more than the score's trees.
        names = ("published_us", "collected_us", "shares", "text", "post_id")
        chosen = [_POSTS.c[name] for name in names]
        rows = self._last(sa.select(*chosen), platform, account_id, before, limit)
        published, collected, shares, texts, ids = zip(*rows, strict=True) if rows else [()] * 5
        return past_from(
            _nanoseconds(published),
            _nanoseconds(collected),
            np.array(shares, dtype=np.float64),
            texts,
            ids,
            platform,
        )

    def posts(
        self,
        platform: str | None = None,
        account_id: str | None = None,
        before: datetime | None = None,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """Stored posts as a canonical frame, oldest first; the last `limit` of them.

        All accounts and all times unless told otherwise: what retraining reads.
        """
        return _frame(self._last(sa.select(_POSTS), platform, account_id, before, limit))

    def _last(
        self,
        query: "sa.Select[Any]",
        platform: str | None,
        account_id: str | None,
        before: datetime | None,
        limit: int | None,
    ) -> Sequence[sa.Row[Any]]:
        """Return the last rows of a query on posts, oldest first."""
        if platform is not None:
            query = query.where(_POSTS.c.platform == platform)
        if account_id is not None:
            query = query.where(_POSTS.c.account_id == account_id)
        if before is not None:
            query = query.where(_POSTS.c.published_us < microseconds(before))
        order = (_POSTS.c.published_us.desc(), _POSTS.c.platform.desc(), _POSTS.c.post_id.desc())
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(*order).limit(limit)).all()
        return rows[::-1]

    def accounts(self) -> pd.DataFrame:
        """One row for each account: `platform, account_id, posts, first_at, last_at`."""
        published = _POSTS.c.published_us
        query = (
            sa.select(
                _POSTS.c.platform,
                _POSTS.c.account_id,
                sa.func.count().label("posts"),
                sa.func.min(published).label("first_at"),
                sa.func.max(published).label("last_at"),
            )
            .group_by(_POSTS.c.platform, _POSTS.c.account_id)
            .order_by(sa.desc("posts"), _POSTS.c.platform, _POSTS.c.account_id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        names = ["platform", "account_id", "posts", "first_at", "last_at"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(
            first_at=_instants(frame["first_at"]), last_at=_instants(frame["last_at"])
        )

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _own_names() -> sa.Update:
    """Posts whose id is that of another account's stored post get a name of their own."""
    mine, theirs = _POSTS.c, _INCOMING.c
    other = sa.or_(mine.text != theirs.text, _far_apart())
    clash = sa.and_(_SAME_POST, mine.account_id != theirs.account_id, other)
    named = sa.and_(mine.platform == theirs.platform, mine.post_id == _named(theirs))
    either = sa.or_(sa.exists().where(clash), sa.exists().where(named))
    return sa.update(_INCOMING).where(either).values(post_id=_named(theirs))


def _known_names() -> sa.Update:
    """A post that got such a name from its file alone takes back the id that the store knows."""
    mine, theirs = _POSTS.c, _INCOMING.c
    plain = sa.func.substr(theirs.post_id, sa.func.length(theirs.account_id) + 2)
    known = sa.and_(
        mine.platform == theirs.platform,
        mine.account_id == theirs.account_id,
        mine.post_id == plain,
    )
    was_named = theirs.post_id == theirs.account_id + BETWEEN + plain
    return sa.update(_INCOMING).where(was_named, sa.exists().where(known)).values(post_id=plain)


def _named(columns: Any) -> sa.ColumnElement[str]:
    name: sa.ColumnElement[str] = columns.account_id + BETWEEN + columns.post_id
    return name


def _count_apart() -> sa.Select[int]:
    theirs = _INCOMING.c
    start = theirs.account_id + BETWEEN
    return sa.select(sa.func.count()).where(
        sa.func.substr(theirs.post_id, 1, sa.func.length(start)) == start
    )


def _far_apart() -> sa.ColumnElement[bool]:
    apart = sa.func.abs(_INCOMING.c.published_us - _POSTS.c.published_us)
    return apart > APART // timedelta(microseconds=1)


def _count_renamed() -> sa.Select[int]:
    """Posts that come under another account than the stored ones, whichever will be kept."""
    mine, theirs = _POSTS.c, _INCOMING.c
    return sa.select(sa.func.count()).where(_SAME_POST, theirs.account_id != mine.account_id)


def _count_clashes() -> sa.Select[int]:
    """Posts that tell of another post than the stored one of their id, whichever will be kept."""
    mine, theirs = _POSTS.c, _INCOMING.c
    return sa.select(sa.func.count()).where(_SAME_POST, theirs.text != mine.text, _far_apart())


def _update() -> sa.Update:
    mine, theirs = _POSTS.c, _INCOMING.c
    later = sa.or_(
        theirs.collected_us >= mine.collected_us,
        mine.collected_us.is_(None),
    )
    told = {n: sa.func.coalesce(theirs[n], mine[n]) for n in _NAMES if n not in _KEY}
    changed = sa.or_(*(value.is_distinct_from(mine[name]) for name, value in told.items()))
    return sa.update(_POSTS).where(_SAME_POST, later, changed).values(told)


def _add() -> sa.Insert:
    known = sa.exists().where(_SAME_POST)
    new = sa.select(*(_INCOMING.c[name] for name in _NAMES)).where(~known)
    return _POSTS.insert().from_select(list(_NAMES), new)


def _records(posts: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {}
    for field in POSTS.fields:
        cells = posts[field.name]
        if field.kind == "time":
            cells = cells.astype(STAMP).astype("int64").where(cells.notna(), None)
        columns[_TIMES.get(field.name, field.name)] = (
            cells.astype(object).where(cells.notna(), None).tolist()
        )
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _frame(rows: Sequence[sa.Row[Any]]) -> pd.DataFrame:
    told = pd.DataFrame(rows, columns=list(_NAMES), dtype=object)
    columns: dict[str, pd.Series] = {}
    for field in POSTS.fields:
        cells = told[_TIMES.get(field.name, field.name)]
        if field.kind == "time":
            columns[field.name] = _instants(cells)
        elif field.kind == "count":
            columns[field.name] = cells.astype("float64")
        elif field.kind == "flag":
            columns[field.name] = cells.astype("boolean")
        else:
            columns[field.name] = cells.astype("str")
    return pd.DataFrame(columns)


def _nanoseconds(microseconds: Sequence[int | None]) -> NDArray[np.int64]:
    return np.array([NOT_A_TIME if us is None else 1000 * us for us in microseconds], np.int64)


def _instants(microseconds: pd.Series) -> pd.Series:
    missing = np.iinfo(np.int64).min
    whole = np.array([missing if us is None else us for us in microseconds], dtype=np.int64)
    return pd.Series(whole.view("M8[us]")).dt.tz_localize("UTC")
