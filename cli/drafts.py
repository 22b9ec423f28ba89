"""Posts to score: from an option, a file, or standard input, as chunks of one shape."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.printing import counted, is_replaceable, say

if TYPE_CHECKING:
    from features.schema import Post
    from features.tables.validation import Read, ReadOptions

STDIN = "-"
ROW_OF_OPTIONS = re.compile(r"^Row \d+, column '(\w+)'")
"""Whoever typed options has no rows."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of one post besides its text, as typed."""

    platform: str | None = None
    account_id: str | None = None
    published_at: str | None = None
    timezone: str | None = None
    media_type: str | None = None
    language: str | None = None
    followers: str | None = None
    is_paid: bool | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post, and what finds it again in the file that it came from."""

    post: "Post"
    row: int | None = None
    post_id: str | None = None


def check_source(source: str | None, texts: list[str], draft: Draft) -> None:
    """Refuse a call with nothing to score, with two sources, or with options that cannot apply.

    Raises
    ------
    BadParameter
        Which ends the command with exit code 2.
    """
    if (source is None) == (not texts):
        raise typer.BadParameter("give either FILE (or - for standard input) or --text.")
    single = {name for name, value in asdict(draft).items() if value is not None}
    single -= {"platform", "account_id"}
    if source is not None and single:
        raise typer.BadParameter(f"{', '.join(sorted(single))}: in a file this is a column.")


def drafts(texts: list[str], draft: Draft) -> list[Candidate]:
    """Read posts that were typed as options.

    Raises
    ------
    InputError
        When an option cannot be what it is for.
    """
    import pandas as pd

    from features.errors import InputError, TableError
    from models.frames import posts_of

    known = {name: value for name, value in asdict(draft).items() if value is not None}
    frame = pd.DataFrame([{"text": text, **known} for text in texts], dtype=object)
    try:
        return [Candidate(post) for post in posts_of(frame, datetime.now(UTC))]
    except TableError as err:
        raise InputError(ROW_OF_OPTIONS.sub(r"\1", str(err))) from err


def candidates(source: str, options: "ReadOptions", rows: int) -> Iterator[list[Candidate]]:
    """Read posts from a file, or from standard input for `-`, `rows` at a time.

    Raises
    ------
    TableError
        When the file is no table of posts, or has bad rows that are not to be skipped.
    """
    from features.tables.validation import iter_posts

    refused = naive = blank = midnights = 0
    aside: Path | None = None
    unread: Counter[str] = Counter()
    path = sys.stdin.buffer if source == STDIN else Path(source)
    for number, read in enumerate(iter_posts(path, options, rows)):
        if number == 0:
            tell_headers(read)
        refused += read.report.refused
        aside = read.report.refused_to or aside
        naive += read.report.naive_times
        midnights += read.report.midnights
        blank += read.report.blank_texts
        unread.update(read.report.unread)
        yield list(_candidates(read))
    name = read.report.source.name
    tell_counts(name, options.naive_zone, naive, blank_texts=blank, midnights=midnights)
    tell_unread(name, unread)
    if refused:
        say(f"{counted(refused, 'bad row', 'bad rows')} set aside in {aside}.")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person wants tables read, as the options of every command that reads some."""

    skip_bad_rows: bool = False
    encoding: str | None = None
    sheet: str | None = None
    day_first: bool | None = None
    naive_zone: str = "UTC"


def _is_file(out: Path) -> bool:
    return str(out) != "-" and is_replaceable(out)


def read_options(
    source: str | None,
    reading: Reading,
    *,
    platform: str | None = None,
    account: str | None = None,
    beside: Path | None = None,
) -> "ReadOptions":
    """Return how to read a table; bad rows go beside `beside` where that is given and a file."""
    from features.tables.reading import RawOptions
    from features.tables.validation import ReadOptions

    aside = None
    if source is not None and beside is not None and _is_file(beside):
        stem = "stdin" if source == STDIN else Path(source).stem
        aside = beside.with_name(f"{stem}.bad-rows.csv")
    return ReadOptions(
        skip_bad_rows=reading.skip_bad_rows,
        bad_rows_out=aside,
        naive_zone=reading.naive_zone,
        day_first=reading.day_first,
        platform=platform,
        account_id=account,
        raw=RawOptions(encoding=reading.encoding, sheet=reading.sheet),
    )


def tell_headers(read: "Read") -> None:
    """Say which headers were taken for which column, where they differ, and which were left."""
    from features.tables.headers import Listing

    headers, name = read.report.headers, read.report.source.name
    if read.report.source.sheet:
        say(f"{name}: read the sheet {read.report.source.sheet!r}.")
    if headers.renamed:
        pairs = ", ".join(f"{header!r} as {column}" for column, header in headers.renamed.items())
        say(f"{name}: read {pairs}.")
    if headers.clock:
        say(f"{name}: read {headers.clock!r} as the time of day of published_at.")
    for column, fillers in headers.fillers.items():
        if fillers:
            say(f"{name}: read {Listing(fillers)} as {column} where that is blank.")
    if headers.ignored:
        say(f"{name}: left out {Listing(headers.ignored)}, known only after publishing.")
    if headers.unknown:
        say(f"{name}: did not read {Listing(headers.unknown)}.")


def tell_counts(
    name: str,
    zone: str = "UTC",
    naive_times: int = 0,
    duplicates: int = 0,
    told_apart: int = 0,
    blank_texts: int = 0,
    without_shares: int = 0,
    midnights: int = 0,
    renamed: int = 0,
) -> None:
    """Say what was assumed of times and ids, and how many rows were left out and why."""
    if naive_times:
        say(f"{name}: times without a zone ({naive_times:,}) taken as {zone}; see --naive-zone.")
    if midnights:
        say(f"{name}: dates without a time of day ({midnights:,}) taken as midnight.")
    if without_shares:
        left = counted(without_shares, "post", "posts")
        say(f"{name}: left out {left} without a number of shares.")
    if duplicates:
        earlier = counted(duplicates, "earlier count", "earlier counts")
        say(f"{name}: left out {earlier} of posts that come again.")
    if told_apart:
        shared = counted(told_apart, "post shares", "posts share")
        say(f"{name}: {shared} an id with a post of another account: kept apart, as account:id.")
    if renamed:
        came = counted(renamed, "post came", "posts came")
        say(
            f"{name}: {came} under two accounts with one id and text, within a day: taken for one "
            "renamed account's, under the name counted last. If there are two accounts, give each "
            "post an id of its own, such as its link."
        )
    if blank_texts:
        say(f"{name}: posts without a text ({blank_texts:,}) are among those read.")


def tell_unread(name: str, unread: Mapping[str, int]) -> None:
    """Say how many cells of which columns could not be read."""
    from features.tables.headers import Listing

    if unread:
        counts = ", ".join(f"{Listing((header,))} ({cells:,})" for header, cells in unread.items())
        say(f"{name}: cells that could not be read count as missing: {counts}.")


def _candidates(read: "Read") -> Iterator[Candidate]:
    from features.tables.validation import posts_of

    ids = read.frame["post_id"].astype(object).where(read.frame["post_id"].notna(), None)
    for row, post_id, post in zip(read.rows.tolist(), ids, posts_of(read.frame), strict=True):
        yield Candidate(post, row, post_id)
