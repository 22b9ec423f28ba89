"""`prescore import`: past posts with results into the history store."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.drafts import Reading, read_options, tell_counts, tell_headers
from cli.options import Account, AsJson, DayFirst, Encoding, NaiveZone, Platform, Sheet, SkipBadRows
from cli.places import open_store
from cli.printing import counted, print_json, say, working

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
        tell_counts(str(path), naive_zone, report.naive_times, blank_texts=report.blank_texts)
        with working(f"Importing {path}"), closing(open_store()) as store:
            summary = store.upsert(read.frame, report.refused)
        tell_counts(str(path), naive_zone, 0, told_apart=summary.told_apart)
        told = {"file": str(path), **asdict(summary), "duplicates": read.report.duplicates}
        summaries.append(told)
        if read.report.refused:
            bad = counted(read.report.refused, "bad row", "bad rows")
            say(f"{path}: {bad} set aside in {read.report.refused_to}.")
        if not as_json:
            typer.echo(_sentence(told))
    if as_json:
        print_json(summaries)


def _sentence(told: dict[str, Any]) -> str:
    earlier = counted(told["duplicates"], "earlier count of a post", "earlier counts of posts")
    again = f", {earlier} left out" if told["duplicates"] else ""
    return (
        f"{told['file']}: {told['added']} added, {told['updated']} updated, "
        f"{told['unchanged']} unchanged, {told['refused']} refused{again}."
    )
