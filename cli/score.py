"""`prescore score`: one draft, a file, or standard input."""

import sys
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from cli.drafts import Candidate, Draft, Reading, candidates, check_source, drafts, read_options
from cli.options import (
    Account,
    AsJson,
    At,
    DayFirst,
    EmotionModel,
    Encoding,
    Followers,
    Format,
    Language,
    MediaType,
    NaiveZone,
    Paid,
    Platform,
    ShareModel,
    Sheet,
    SkipBadRows,
    Timezone,
)
from cli.places import open_home, open_registry, open_scorer, open_store, past_reader
from cli.printing import console, counting, is_terminal, whole_file, working
from cli.writers import Scored, writer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

CHUNK = 512
"""Posts in work at once on one core: texts of one length are encoded together, and of more posts
more are of one length. Beyond it little is won, and the next result is long in coming."""
NOT_WRITTEN = {".xls", ".ods", ".parquet", ".tsv"}
"""JSON lines under such a name would open as a broken file."""
EXAMPLES = """Examples:

prescore score --text "Dziś otwieramy nowy sklep!" --platform facebook --account my-page

prescore score drafts.xlsx --out scores.xlsx

cat drafts.jsonl | prescore score - --json
"""

Source = Annotated[
    str | None,
    typer.Argument(metavar="FILE|-", help="CSV, TSV, JSONL, Parquet or XLSX; - is standard input."),
]
Text = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Score this text instead of a file.")
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write here: .xlsx, .csv, .txt, else JSONL."),
]
Form = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="table|jsonl|csv|xlsx",
        help="A table on a terminal, JSONL elsewhere, if not given.",
    ),
]
Excel = Annotated[
    bool,
    typer.Option("--excel", help="CSV for Excel where commas are decimal: semicolons, 0,5, a BOM."),
]


def score(
    source: Source = None,
    text: Text = None,
    account: Account = None,
    platform: Platform = None,
    at: At = None,
    timezone: Timezone = None,
    media_type: MediaType = None,
    language: Language = None,
    followers: Followers = None,
    paid: Paid = None,
    out: Out = None,
    form: Form = None,
    excel: Excel = False,
    as_json: AsJson = False,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
    emotion_model: EmotionModel = None,
    share_model: ShareModel = None,
) -> None:
    """Forecast how strongly posts move people and how far they travel, before publishing."""
    draft = Draft(platform, account, at, timezone, media_type, language, followers, paid)
    check_source(source, [] if text is None else [text], draft)
    chosen = Format.JSONL if as_json else form or _format_of(out)
    _check_format(chosen, out, excel)
    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    options = read_options(source, reading, platform=platform, account=account, beside=out)
    chunks = candidates(source, options, CHUNK) if source else iter([drafts([text or ""], draft)])
    first = next(chunks)  # what is wrong with the input is said before the models are loaded
    # Reasons cost more than the score; only these two show them.
    explain = chosen is Format.JSONL or source is None
    rater = _rater(emotion_model, share_model, explain)
    with rater as rate, _output(out) as file, _progress(out) as advance:
        if source is None and chosen is Format.TABLE:
            _print_card(rate(first)[0], file)
            return
        writer = writer_of(chosen, file, excel)
        for scored in _in_order(rate, chain([first], chunks)):
            writer.write(scored)
            advance(len(scored))
        writer.finish()


def _in_order(
    rate: "Callable[[Sequence[Candidate]], list[Scored]]", chunks: "Iterable[Sequence[Candidate]]"
) -> "Iterator[list[Scored]]":
    from features.cores import available_cores
    from models.stream import cut_at_the_end, in_order

    threads = available_cores()
    return in_order(rate, cut_at_the_end(chunks, threads), threads)


@contextmanager
def _rater(
    emotion_model: str | None, share_model: str | None, explain: bool
) -> "Iterator[Callable[[Sequence[Candidate]], list[Scored]]]":
    """Yield what scores a chunk, each post against the past of its own account."""
    from models.grounds import late_notes
    from models.score import annotate

    home = open_home()
    with working("Loading the models"):
        # Chunks go side by side, each on one thread: that leaves no core idle while one predicts.
        scorer = open_scorer(open_registry(home), emotion_model, share_model, threads=1)
        store = open_store(home)
    pasts_of = past_reader(store)

    def rate(chunk: "Sequence[Candidate]") -> list[Scored]:
        posts = [one.post for one in chunk]
        late = late_notes(posts, datetime.now(UTC))
        scores = annotate(scorer.score(posts, pasts_of(posts), explain=explain), late)
        return [
            Scored(score, one.post.text, one.row, one.post_id)
            for score, one in zip(scores, chunk, strict=True)
        ]

    with closing(store):
        yield rate


def _format_of(out: Path | None) -> Format:
    if out is None:
        return Format.TABLE if is_terminal(sys.stdout) else Format.JSONL
    if out.suffix.lower() in NOT_WRITTEN:
        raise typer.BadParameter(
            f"{out.suffix} is not written; use .xlsx, .csv, .txt or .jsonl.",
            param_hint="--out",
        )
    known = {".csv": Format.CSV, ".txt": Format.TABLE, ".xlsx": Format.XLSX}
    return known.get(out.suffix.lower(), Format.JSONL)


def _check_format(chosen: Format, out: Path | None, excel: bool) -> None:
    if excel and chosen is not Format.CSV:
        raise typer.BadParameter("--excel is for CSV: use --out scores.csv or --format csv.")
    if chosen is Format.XLSX and out is None:
        raise typer.BadParameter("A workbook needs a file: use --out scores.xlsx.")


def _output(out: Path | None) -> "AbstractContextManager[TextIO]":
    return nullcontext(sys.stdout) if out is None else whole_file(out)


def _progress(out: Path | None) -> "AbstractContextManager[Callable[[int], None]]":
    """A bar, unless scores are scrolling by already."""
    if out is None and is_terminal(sys.stdout):
        return nullcontext(lambda _: None)
    return counting("Scoring posts")


def _print_card(scored: Scored, file: TextIO) -> None:
    from cli.cards import card

    console(file).print(card(scored.score, scored.text))
