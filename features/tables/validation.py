"""Tables as the product means them: canonical columns, typed, every impossible value found.

A bad row is named by file, row, column, the kind of its value and what was expected; never by the
value, which may be somebody's words, unless it is written like a date.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import ConfigError, TableError
from features.schema import POST_INPUTS, TARGETS, Post
from features.tables.badrows import BadRows, complaint
from features.tables.checking import check
from features.tables.dates import Order, refuse_unclear
from features.tables.dayorder import COLUMN, day_first_in_file, order_in
from features.tables.formats import (
    COMPARISONS,
    EMOTION,
    POSTS,
    SCORING,
    TableFormat,
)
from features.tables.headerrow import HeaderRule
from features.tables.headers import Headers
from features.tables.identity import KEY, renamed, tell_apart
from features.tables.parsing import Context
from features.tables.reading import Fault, RawOptions, RawTable, Source, iter_raw, read_raw
from features.tables.words import zone_words

CHUNK_ROWS = 1024


@dataclass(frozen=True)
class ReadOptions:
    """How to read a table.

    Attributes
    ----------
    skip_bad_rows
        Set bad rows aside instead of failing.
    bad_rows_out
        Where to; None for `<file>.bad-rows.csv` beside the file.
    now
        The time now, with its zone; None for the clock's. Nothing is collected after it.
    naive_zone
        IANA zone, in capitals or not, of times that name none, in rows that name none (`timezone`).
    day_first
        Whether 03/04/2026 is the third of April; None to tell from the column.
    platform, account_id
        Values for a file without that column, and for its empty cells.
    raw
        Encoding and sheet, where detection should not decide.
    """

    skip_bad_rows: bool = False
    bad_rows_out: Path | None = None
    now: datetime | None = None
    naive_zone: str = "UTC"
    day_first: bool | None = None
    platform: str | None = None
    account_id: str | None = None
    raw: RawOptions = field(default_factory=RawOptions)

    @property
    def given(self) -> dict[str, str]:
        """Values of columns that the file need not have."""
        given = {"platform": self.platform, "account_id": self.account_id}
        return {name: value for name, value in given.items() if value is not None}

    def __post_init__(self) -> None:
        zone = zone_words().get(self.naive_zone.lower())
        if zone is None:
            raise ConfigError(
                f"Got naive_zone={self.naive_zone!r}; expected an IANA zone such as Europe/Warsaw."
            )
        object.__setattr__(self, "naive_zone", zone)


@dataclass(frozen=True)
class Report:
    """What reading found.

    Attributes
    ----------
    source
        File, kind, encoding, delimiter, sheet.
    headers
        Which header was taken for which column; `headers.renamed` is worth telling a person.
    rows
        Rows in the file, bad ones included.
    kept
        Rows delivered.
    duplicates
        Rows left out because a later one tells of the same post.
    told_apart
        Posts with the id of another account's post, now known as `account:id`.
    renamed
        Posts told under more than one account, now of the one counted last.
    faults
        Of every bad row, in the order of the rows.
    refused
        Bad rows set aside.
    refused_to
        The file they went to.
    naive_times
        Times without a zone in rows without one, taken to be in the options' zone.
    midnights
        Publishing times without a time of day, taken to be midnight.
    blank_texts
        Rows delivered whose text is empty.
    unread
        Header -> how many of its cells could not be read and count as missing.
    without_shares
        Posts left out because their shares are not told: a post without a result.
    """

    source: Source
    headers: Headers
    rows: int
    kept: int
    duplicates: int = 0
    told_apart: int = 0
    renamed: int = 0
    faults: tuple[Fault, ...] = ()
    refused: int = 0
    refused_to: Path | None = None
    naive_times: int = 0
    midnights: int = 0
    blank_texts: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    without_shares: int = 0


@dataclass(frozen=True)
class Read:
    """A validated table (or a chunk of one).

    Attributes
    ----------
    frame
        Canonical columns, index 0..n-1.
    rows
        The row of the file that each row of `frame` was, shape (n,).
    report
        What reading found.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    report: Report


def read_posts(path: Path, options: ReadOptions = ReadOptions()) -> Read:
    """Read posts with results; of rows about one post the latest `collected_at` stays.

    A row without a number of shares has no result: it is left out and counted.

    Returns
    -------
    Read
        `frame` has the columns of `features.tables.formats.POSTS`, all of them: ids, vocabulary and
        text `str`, times `datetime64[us, UTC]`, counts `float64`, `is_paid` `boolean`.

    Raises
    ------
    TableError
        If the file is no such table, or has bad rows and `skip_bad_rows` is off.
    """
    read = _read(path, POSTS, options)
    posts = tell_apart(read.frame)
    frame = latest(posts)
    changed = (frame["post_id"] != read.frame.loc[frame.index, "post_id"]).sum()
    duplicates = len(read.frame) - len(frame)
    report = replace(
        read.report,
        kept=len(frame),
        duplicates=duplicates,
        told_apart=int(changed),
        renamed=renamed(posts),
        blank_texts=_blank_texts(frame),
    )
    return Read(frame.reset_index(drop=True), read.rows[frame.index], report)


def read_emotion(path: Path, options: ReadOptions = ReadOptions()) -> Read:
    """Read emotion-labelled texts; an empty label is NaN, not labelled.

    Returns
    -------
    Read
        `frame` has `text`, `language`, `split` and the eight targets `float64`.

    Raises
    ------
    TableError
        As `read_posts`, and if no column holds a label.
    """
    read = _read(path, EMOTION, options)
    if not read.frame[list(TARGETS)].notna().any(axis=None):
        raise TableError(f"{path}: no labels. Expected values in any of {', '.join(TARGETS)}.")
    return read


def read_comparisons(path: Path, options: ReadOptions = ReadOptions()) -> Read:
    """Read pairs of wordings with the one that won.

    Returns
    -------
    Read
        `frame` has `text_a, text_b, winner, group_id, platform, language, p_value, split`, then
        `impressions_*` and `ctr_*` as the file has them.

    Raises
    ------
    TableError
        As `read_posts`.
    """
    return _read(path, COMPARISONS, options)


def iter_posts(
    source: Path | BinaryIO, options: ReadOptions = ReadOptions(), rows: int = CHUNK_ROWS
) -> Iterator[Read]:
    """Read posts to score, `rows` at a time, in constant memory.

    Only `text` must be there. Results that the file has beside (`shares`, …) are not read:
    `report.headers.ignored` names them. Counts in `report` are of the chunk.

    Whether 03/04/2026 is in March or in April is told by all dates of a file, which is looked
    through for it beforehand, so that it is refused before the first chunk or not at all. A stream
    passes once: it is refused at the first chunk with such dates if no chunk has told by then, and
    at the one that tells otherwise than those before.

    Parameters
    ----------
    source
        A file, or a binary stream of CSV, TSV or JSONL such as standard input.
    options
        How to read it.
    rows
        Posts in a chunk, at most.

    Yields
    ------
    Read
        `frame` has `post_id` and `POST_INPUTS`.

    Raises
    ------
    TableError
        As `read_posts`, at the chunk where the trouble lies.
    """
    reading = replace(options.raw, rows=rows, header=_header_rule(SCORING, options))
    if options.day_first is None and isinstance(source, Path):
        options = replace(options, day_first=day_first_in_file(source, reading))
    bad_rows = BadRows(_refuge(source, options))
    shown = Order.UNASKED
    for raw in iter_raw(source, reading):
        told = options
        if options.day_first is None:
            shown |= order_in(raw)
            refuse_unclear(shown, raw.source.name, COLUMN)
            told = replace(options, day_first=shown.day_first)
        yield _validated(raw, SCORING, told, bad_rows)


def posts_of(frame: pd.DataFrame) -> list[Post]:
    """Rows of a canonical frame as posts: inputs only, never results."""
    present = [name for name in POST_INPUTS if name in frame.columns]
    columns = [frame[name].astype(object).where(frame[name].notna(), None) for name in present]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Post(**dict(zip(present, row, strict=True))) for row in rows]


def latest(posts: pd.DataFrame) -> pd.DataFrame:
    """One row for each (platform, post_id): the last collected, of equals the last in the file.

    Posts of different accounts that share an id stay apart; see `features.tables.identity`.
    """
    posts = tell_apart(posts)
    order = posts["collected_at"].sort_values(kind="stable", na_position="first").index
    last = ~posts.loc[order].duplicated(KEY, keep="last")
    return posts.loc[np.sort(last.index[last])]


def _read(path: Path, table: TableFormat, options: ReadOptions) -> Read:
    raw = read_raw(path, replace(options.raw, header=_header_rule(table, options)))
    read = _validated(raw, table, options, BadRows(_refuge(path, options)))
    report = read.report
    if report.without_shares and report.without_shares == report.rows:
        raise TableError("{name}: no post with a number of shares.", name=str(path))
    if report.kept == 0:
        raise complaint(str(path), report.faults, report.refused, report.rows, report.headers)
    return read


def _header_rule(table: TableFormat, options: ReadOptions) -> HeaderRule:
    return HeaderRule(table, frozenset(options.given))


def _refuge(source: Path | BinaryIO, options: ReadOptions) -> Path:
    if options.bad_rows_out is not None:
        return options.bad_rows_out
    beside = source if isinstance(source, Path) else Path("stdin")
    return beside.with_name(f"{beside.stem}.bad-rows.csv")


def _validated(raw: RawTable, table: TableFormat, options: ReadOptions, bad_rows: BadRows) -> Read:
    context = Context(
        where=raw.source.name,
        now=options.now or datetime.now(UTC),
        naive_zone=options.naive_zone,
        day_first=options.day_first,
        excel=raw.source.kind == "excel",
        escaped=raw.source.kind in ("csv", "excel"),
        future=table is SCORING,
    )
    checked = check(raw, table, context, options.given)
    bad = np.zeros(len(raw.frame), dtype=bool)
    bad[list(checked.faults)] = True
    good = ~(bad | checked.without_shares)
    faults = sorted(
        (*checked.faults.values(), *(row.fault for row in raw.broken)), key=lambda fault: fault.row
    )
    total = len(bad) + len(raw.broken)
    if faults and not options.skip_bad_rows:
        raise complaint(raw.source.name, faults, len(faults), total)
    if faults:
        bad_rows.add(raw, checked.faults)
    frame = pd.DataFrame(checked.columns)[good].reset_index(drop=True)
    report = Report(
        source=raw.source,
        headers=checked.headers,
        rows=total,
        kept=len(frame),
        faults=tuple(faults),
        refused=len(faults),
        refused_to=bad_rows.path if faults else None,
        naive_times=checked.naive_times,
        midnights=checked.midnights,
        blank_texts=_blank_texts(frame),
        unread=checked.unread,
        without_shares=int(checked.without_shares.sum()),
    )
    return Read(frame, raw.rows[good], report)


def _blank_texts(frame: pd.DataFrame) -> int:
    return int((frame["text"].str.strip() == "").sum()) if "text" in frame.columns else 0
