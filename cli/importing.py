"""`prescore import`: past posts with results into the history store."""

from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.drafts import Reading, read_options, tell_counts, tell_headers, tell_unread
from cli.options import Account, AsJson, DayFirst, Encoding, NaiveZone, Platform, Sheet, SkipBadRows
from cli.places import open_store
from cli.printing import counted, print_json, say, working

if TYPE_CHECKING:
    import pandas as pd

    from features.tables.validation import Read, ReadOptions

GIVEN = {"account_id": "--account", "platform": "--platform"}
"""Column that every row may share -> the option that gives it."""

EXAMPLES = """Examples:

prescore import last-month.csv

prescore import export.xlsx --account my-page --platform facebook --skip-bad-rows
"""


def import_posts(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Posts with results.")],
    account: Account = None,
    platform: Platform = None,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
    collected_at: Annotated[
        str | None,
        typer.Option(
            "--collected-at",
            metavar="TIME",
            help="When counts without a time were taken; else the file's time of change.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put past posts with their results into the history store; safe to repeat.

    Where one of several files cannot be read, none is imported.
    """
    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    options = read_options(None, reading, platform=platform, account=account)
    told_at = _moment(collected_at, options) if collected_at else None
    tables = [_read(path, options, told_at) for path in files]
    summaries = []
    try:
        for path, read in zip(files, tables, strict=True):
            summaries.append(_keep(path, read))
            if not as_json:
                typer.echo(_sentence(summaries[-1]))
    finally:
        # Where the store fails half way, what was kept before is told.
        if as_json:
            print_json(summaries)


def _read(path: Path, options: "ReadOptions", told_at: datetime | None) -> "Read":
    """Read posts with the time of their counts, and say what was made of the file."""
    from features.account.counting import counted_by

    with working(f"Reading {path}"):
        read = _posts_in(path, options)
    tell_headers(read)
    report = read.report
    tell_counts(
        str(path),
        options.naive_zone,
        report.naive_times,
        blank_texts=report.blank_texts,
        without_shares=report.without_shares,
        midnights=report.midnights,
    )
    tell_unread(str(path), report.unread)
    if report.refused:
        bad = counted(report.refused, "bad row", "bad rows")
        say(f"{path}: {bad} set aside in {report.refused_to}.")
    return replace(read, frame=counted_by(read.frame, _counted(path, read.frame, told_at)))


def _posts_in(path: Path, options: "ReadOptions") -> "Read":
    """Read posts; what a file lacks and an option can give is told with the option."""
    from features.errors import TableError
    from features.tables.validation import read_posts

    try:
        return read_posts(path, options)
    except TableError as err:
        given = [GIVEN[column] for column in err.missing if column in GIVEN]
        if not given:
            raise
        raise TableError(f"{err} Where all rows share it, give {' and '.join(given)}.") from err


def _keep(path: Path, read: "Read") -> dict[str, Any]:
    """Put what was read into the store, and return what `--json` tells of the file."""
    from features.account.counting import too_young

    report, posts = read.report, read.frame
    with working(f"Importing {path}"), closing(open_store()) as store:
        summary = store.upsert(posts, report.refused)
    renamed = report.renamed + summary.renamed
    tell_counts(str(path), told_apart=summary.told_apart, renamed=renamed)
    if summary.clashes:
        others = counted(summary.clashes, "post has", "posts have")
        say(
            f"{path}: {others} the id of another post of the account: only the one counted last is "
            "kept. Give each post an id of its own, such as its link; `prescore forget` removes "
            "what was imported."
        )
    early = too_young(posts)
    if early:
        were = counted(early, "post was", "posts were")
        say(f"{path}: {were} counted too soon after publishing to be learnt from.")
    return {
        "file": str(path),
        **asdict(summary),
        "renamed": renamed,
        "duplicates": report.duplicates,
        "without_shares": report.without_shares,
        "too_young": early,
    }


def _moment(text: str, options: "ReadOptions") -> datetime:
    import pandas as pd

    from features.tables.dates import Order, times

    read = times(pd.Series([text], dtype=object), options.naive_zone, options.day_first)
    if read.order is Order.UNTOLD:
        raise typer.BadParameter(
            f"Got --collected-at {text}: day and month cannot be told apart. "
            "Write 2026-03-31, or say --day-first or --month-first."
        )
    moment = read.values[0]
    if pd.isna(moment) or moment > datetime.now(UTC):
        raise typer.BadParameter(
            f"Got --collected-at {text}; expected a time that has passed, such as "
            "2027-11-27T18:00+01:00."
        )
    return pd.Timestamp(moment).to_pydatetime()


def _counted(path: Path, posts: "pd.DataFrame", told: datetime | None) -> datetime:
    """The latest moment at which the counts of a file can have been taken."""
    from features.account.counting import taken_by
    from features.errors import TableError

    if told is None:
        return taken_by(posts, datetime.fromtimestamp(path.stat().st_mtime, UTC), datetime.now(UTC))
    if posts.loc[posts["collected_at"].isna(), "published_at"].max() > told:
        raise TableError(f"{path}: posts were published after --collected-at.")
    return told


def _sentence(told: dict[str, Any]) -> str:
    earlier = counted(told["duplicates"], "earlier count of a post", "earlier counts of posts")
    again = f", {earlier} left out" if told["duplicates"] else ""
    return (
        f"{told['file']}: {told['added']} added, {told['updated']} updated, "
        f"{told['unchanged']} unchanged, {told['refused']} refused{again}."
    )
