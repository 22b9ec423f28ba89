"""`prescore import`: past posts with results into the history store."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.drafts import Reading, read_options, tell_counts, tell_headers, tell_unread
from cli.options import Account, AsJson, DayFirst, Encoding, NaiveZone, Platform, Sheet, SkipBadRows
from cli.places import open_store
from cli.printing import print_json, say, working

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
    as_json: AsJson = False,
) -> None:
    """Put past posts with their results into the history store; safe to repeat."""
    from features.tables.validation import read_posts

    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    summaries = []
    for path in files:
        options = read_options(str(path), reading, platform=platform, account=account)
        with working(f"Reading {path}"):
            read = read_posts(path, options)
        tell_headers(read)
        report = read.report
        tell_counts(str(path), naive_zone, report.naive_times, without_shares=report.without_shares)
        tell_unread(str(path), report.unread)
        with working(f"Importing {path}"):
            summary = open_store().upsert(read.frame, report.refused)
        tell_counts(str(path), naive_zone, 0, told_apart=summary.told_apart)
        told = {"file": str(path), **asdict(summary), "duplicates": report.duplicates}
        told["without_shares"] = report.without_shares
        summaries.append(told)
        if report.refused:
            say(f"{path}: {report.refused} bad rows set aside in {report.refused_to}.")
        if not as_json:
            typer.echo(_sentence(told))
    if as_json:
        print_json(summaries)


def _sentence(told: dict[str, Any]) -> str:
    again = f", {told['duplicates']} told of twice" if told["duplicates"] else ""
    return (
        f"{told['file']}: {told['added']} added, {told['updated']} updated, "
        f"{told['unchanged']} unchanged, {told['refused']} refused{again}."
    )
