"""`prescore evaluate emotion` and `evaluate share`: how well a version does on a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import own_texts
from cli.drafts import Reading
from cli.options import DayFirst, Encoding, JsonOut, Model, NaiveZone, Sheet, SkipBadRows
from cli.places import open_home, open_registry, open_version, scored_languages
from cli.printing import counting, give_json, show
from cli.seen import tell_held_out, warn_of_seen
from cli.tables import joined, read_each

if TYPE_CHECKING:
    from models.settings import Home
    from models.versions import Version
    from training.embedding import Embedder

EMOTION_EXAMPLES = """Examples:

prescore evaluate emotion rated.csv --json report.json

prescore evaluate emotion rated.csv --model models:/prescore-emotion/2
"""
SHARE_EXAMPLES = """Examples:

prescore evaluate share --posts last-month.csv --json report.json

prescore evaluate share --comparisons ab-tests.csv --model models:/prescore-share@challenger

prescore evaluate share --posts trained-on.parquet --held-out
"""
app = typer.Typer(help="Measure a registered version on labelled data.", no_args_is_help=True)
app.command("bias", epilog=own_texts.BIAS_EXAMPLES)(own_texts.bias)
app.command("robustness", epilog=own_texts.ROBUSTNESS_EXAMPLES)(own_texts.robustness)
app.command("gaming", epilog=own_texts.GAMING_EXAMPLES)(own_texts.gaming)


HeldOut = Annotated[
    bool,
    typer.Option(
        "--held-out",
        help="Of tables that the version was trained on: only what its training held out.",
    ),
]


@app.command("emotion", epilog=EMOTION_EXAMPLES)
def emotion(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Emotion-labelled texts.")],
    model: Model = None,
    json_out: JsonOut = None,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
) -> None:
    """Compare forecast emotions with people's ratings."""
    from features.tables.validation import read_emotion
    from training.evaluate import evaluate_emotion

    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    frame = joined(read_each(read_emotion, files, reading, json_out))
    home = open_home()
    loaded = open_version(open_registry(home), model, "emotion")
    warn_of_seen(loaded, files)
    with _embedding(home) as embed:
        report = evaluate_emotion(frame, loaded, embed)
    _give(report, json_out, loaded.version)


@app.command("share", epilog=SHARE_EXAMPLES)
def share(
    posts: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Posts with results; repeatable.")
    ] = None,
    comparisons: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Pairs of wordings; repeatable.")
    ] = None,
    held_out: HeldOut = False,
    model: Model = None,
    json_out: JsonOut = None,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
) -> None:
    """Compare forecast shares with what happened, by account and by pair."""
    from features.tables.validation import latest, read_comparisons, read_posts
    from models.record import lessons_of
    from training import evaluate

    if not posts and not comparisons:
        raise typer.BadParameter("give --posts, --comparisons, or both.")
    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    results = pairs = None
    if posts:  # one post may be told of in several files
        results = latest(joined(read_each(read_posts, posts, reading, json_out)))
    if comparisons:
        pairs = joined(read_each(read_comparisons, comparisons, reading, json_out))
    home = open_home()
    registry = open_registry(home)
    loaded = open_version(registry, model, "share")
    judged, files = None, [*(posts or ()), *(comparisons or ())]
    if held_out:
        lessons = lessons_of(loaded.folder)
        unseen = evaluate.held_out(results, pairs, lessons.by_time)
        results, judged, pairs = unseen.posts, unseen.judged, unseen.comparisons
        tell_held_out(loaded, lessons, files, judged)
    else:
        warn_of_seen(loaded, files, "Add --held-out.")
    languages = None if results is None else scored_languages(registry)
    with _embedding(home) as embed:
        report = evaluate.evaluate_share(
            results, pairs, loaded, embed, judged=judged, languages=languages
        )
    _give(report, json_out, loaded.version)


@contextmanager
def _embedding(home: "Home") -> "Iterator[Embedder]":
    from features.text.cache import EmbeddingCache
    from training.embedding import Embedder

    with counting("Embedding texts") as advance:
        yield Embedder(EmbeddingCache(home.embeddings), advance)


def _give(report: "dict[str, object]", json_out: Path | None, version: "Version") -> None:
    if str(json_out) != "-":
        _show(report, version)
    give_json(report, json_out)


def _show(report: "dict[str, object]", version: "Version") -> None:
    from cli import figures

    show(f"{version.name} version {version.number}")
    for table in figures.held_out_tables(version.kind, report):
        show(table)
