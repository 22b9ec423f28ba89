"""Options that several commands share, worded once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.printing import check_target


class Format(StrEnum):
    """How scores are written."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Platform = Annotated[
    str | None,
    typer.Option(
        "--platform", metavar="NAME", help="Where it goes out, e.g. facebook, x, linkedin."
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="NAME", help="The account, to compare with its own earlier posts."
    ),
]
At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="Planned time: 2027-11-27T18:00+01:00.")
]
Timezone = Annotated[
    str | None,
    typer.Option("--timezone", metavar="ZONE", help="Of its readers and of --at: Europe/Warsaw."),
]
MediaType = Annotated[
    str | None, typer.Option("--media-type", metavar="TYPE", help="text, link, photo, video, …")
]
Language = Annotated[
    str | None, typer.Option("--language", metavar="CODE", help="pl, en, …; detected if not given.")
]
Followers = Annotated[str | None, typer.Option("--followers", metavar="N", help="Of the account.")]
Paid = Annotated[bool | None, typer.Option("--paid/--organic", help="Whether reach is paid for.")]
DraftText = Annotated[str, typer.Option("--text", metavar="TEXT", help="The draft.")]
SkipBadRows = Annotated[
    bool,
    typer.Option("--skip-bad-rows", help="Set rows with impossible values aside and go on."),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="Of text files, e.g. cp1250; else detected."),
]
Sheet = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help="Of a workbook; else the first with the columns."),
]
DayFirst = Annotated[
    bool | None,
    typer.Option("--day-first/--month-first", help="How to read 03/04/2026; else told by others."),
]
NaiveZone = Annotated[
    str,
    typer.Option(
        "--naive-zone", metavar="ZONE", help="Of times without one, nor one in their row."
    ),
]
EmotionModel = Annotated[
    str | None,
    typer.Option("--emotion-model", metavar="URI", help="Instead of the champion."),
]
ShareModel = Annotated[
    str | None,
    typer.Option("--share-model", metavar="URI", help="Instead of the champion."),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="URI",
        help="share, models:/prescore-share/3, …; the champion if not given.",
    ),
]
JsonOut = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="OUT",
        callback=check_target,
        help="Write the figures as JSON to OUT; - prints them.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="NAME", help="Register under this name instead of the usual one."
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", metavar="N", min=0, max=2**31 - 1, help="Of all randomness."),
]
