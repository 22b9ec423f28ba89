"""`prescore train emotion` and `train share`: from tables to a judged and registered version."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.drafts import Reading
from cli.options import DayFirst, Encoding, JsonOut, NaiveZone, Name, Seed, Sheet, SkipBadRows
from cli.places import open_home, open_registry, open_store
from cli.printing import counted, give_json, say, show, stages, working
from cli.tables import read_each

if TYPE_CHECKING:
    from features.tables.validation import Read, ReadOptions
    from training.run import Job, Summary, TrainingTable

EMOTION_EXAMPLES = """Examples:

prescore train emotion rated-texts.csv

prescore train emotion part1.parquet part2.parquet --seed 7 --json report.json

prescore train emotion rated-texts.csv --posts last-month.csv --comparisons ab-tests.csv
"""
SHARE_EXAMPLES = """Examples:

prescore train share --history

prescore train share --posts last-month.csv

prescore train share --posts a.parquet --posts b.parquet --comparisons ab-tests.csv
"""
Terms = Annotated[
    list[str] | None,
    typer.Option(
        "--terms", metavar="FILE=TEXT", help="Licence of a table, for the model card; repeatable."
    ),
]
BaseEncoder = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A base encoder or a folder; if not given, the champion's."),
]
Finetune = Annotated[
    bool, typer.Option("--finetune/--no-finetune", help="Off: minutes instead of half an hour.")
]
Runs = Annotated[
    int,
    typer.Option(
        metavar="N", min=1, max=9, help="Fine-tune with N seeds and take the mean of the weights."
    ),
]
OwnLayers = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=0,
        help="Teach the N topmost layers only, in a copy for emotions: share versions stay as good"
        " as they are, and one pass serves both. 0: the whole encoder.",
    ),
]
Auxiliary = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PATH",
        exists=True,
        help="A set that names emotions, or an emotion table: taught, never measured by."
        " Repeatable.",
    ),
]
app = typer.Typer(help="Train a new version from labelled data.", no_args_is_help=True)


@app.command("emotion", epilog=EMOTION_EXAMPLES)
def emotion(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Emotion-labelled texts.")],
    name: Name = None,
    seed: Seed = 0,
    json_out: JsonOut = None,
    encoder: BaseEncoder = None,
    finetune: Finetune = True,
    own_layers: OwnLayers = 0,
    runs: Runs = 1,
    auxiliary: Auxiliary = None,
    posts: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Posts that the encoder learns from too; repeatable."),
    ] = None,
    comparisons: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Wordings that it learns from too; repeatable."),
    ] = None,
    terms: Terms = None,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
) -> None:
    """Learn emotion intensities from rated texts; the gate decides whether the version reigns."""
    from features.tables.validation import read_comparisons, read_emotion, read_posts

    _check(finetune, bool(posts or comparisons), runs, own_layers)
    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    tables = _tables(read_emotion, files, reading, json_out)
    folders = tuple(path for path in auxiliary or () if path.is_dir())
    silver = [path for path in auxiliary or () if path not in folders]
    rated = _tables(read_emotion, silver, reading, json_out)
    results = _tables(read_posts, posts or [], reading, json_out)
    pairs = _tables(read_comparisons, comparisons or [], reading, json_out)
    try:
        from training.emotion.options import EmotionOptions
        from training.emotion.run import ShareTables, run_train_emotion
    except ModuleNotFoundError as err:
        raise _missing(err) from err
    options = EmotionOptions(
        encoder, finetune, folders, own_layers=own_layers, runs=runs, seed=seed
    )
    words = ["emotion", *_names(files), *_told("encoder", [Path(encoder).name] if encoder else [])]
    words += [] if finetune else ["--no-finetune"]
    words += _told("own-layers", [str(own_layers)] if own_layers else [])
    words += _told("runs", [str(runs)] if runs > 1 else [])
    words += _told("auxiliary", _names(auxiliary)) + _told("posts", _names(posts))
    words += _told("comparisons", _names(comparisons)) + _as_read(reading)
    with _job(words, name, seed, terms) as job:
        beside = ShareTables(results, pairs)
        summary = run_train_emotion(tables, job, options, beside=beside, rated=rated)
    _tell(summary, json_out)


def _check(finetune: bool, beside: bool, runs: int, own_layers: int) -> None:
    if beside and not finetune:
        raise typer.BadParameter("an encoder that is not fine-tuned learns nothing from posts.")
    if runs > 1 and not finetune:
        raise typer.BadParameter("an encoder that is not fine-tuned has no runs.")
    if own_layers and not finetune:
        raise typer.BadParameter("an encoder that is not fine-tuned gets no layers of its own.")
    if own_layers and beside:
        raise typer.BadParameter(
            "layers for emotions alone learn nothing from posts: leave out --own-layers, or --posts"
            " and --comparisons."
        )


@app.command("share", epilog=SHARE_EXAMPLES)
def share(
    posts: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Posts with results; repeatable.")
    ] = None,
    history: Annotated[
        bool,
        typer.Option("--history", help="Learn from all posts that `prescore import` has kept."),
    ] = False,
    comparisons: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Pairs of wordings; repeatable.")
    ] = None,
    encoder_taught_here: Annotated[
        bool,
        typer.Option(
            "--encoder-taught-here",
            help="The encoder learnt from these tables (train emotion --posts): skip its posts.",
        ),
    ] = False,
    name: Name = None,
    seed: Seed = 0,
    json_out: JsonOut = None,
    terms: Terms = None,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
) -> None:
    """Learn how far posts travel by their account's own standard, from results and comparisons."""
    from features.tables.validation import read_comparisons, read_posts
    from training.share.options import ShareOptions
    from training.share.run import run_train_share

    if not posts and not history:
        raise typer.BadParameter("give --posts, --history, or both.")
    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    results = _tables(read_posts, posts or [], reading, json_out)
    results += [_remembered()] if history else []
    pairs = _tables(read_comparisons, comparisons or [], reading, json_out)
    words = ["share", *_told("posts", _names(posts)), *(["--history"] if history else [])]
    words += _told("comparisons", _names(comparisons))
    words += ["--encoder-taught-here"] if encoder_taught_here else []
    words += _as_read(reading)
    options = ShareOptions(seed=seed, encoder_taught_here=encoder_taught_here)
    with _job(words, name, seed, terms) as job:
        summary = run_train_share(results, pairs, job, options)
    _tell(summary, json_out)


def _tables(
    reader: "Callable[[Path, ReadOptions], Read]",
    files: Sequence[Path],
    reading: Reading,
    beside: Path | None,
) -> "list[TrainingTable]":
    from training.run import TrainingTable

    frames = read_each(reader, files, reading, beside)
    return [TrainingTable.of_file(path, frame) for path, frame in zip(files, frames, strict=True)]


def _remembered() -> "TrainingTable":
    """Return the posts of the history store, and say how many there are."""
    from training.run import TrainingTable

    with working("Reading the history store"), closing(open_store()) as store:
        table = TrainingTable.of_history(store)
    say(f"{table.name}: read {counted(len(table.frame), 'post', 'posts')}.")
    return table


@contextmanager
def _job(
    words: list[str], name: str | None, seed: int, terms: Sequence[str] | None
) -> "Iterator[Job]":
    """Put together what a run is told; it shows how far it got while the block runs."""
    from features.text.cache import EmbeddingCache
    from training.judging.gate_settings import gate_path, read_gate
    from training.run import Job

    home, licences = open_home(), _terms(terms or ())
    command = ["prescore", "train", *words]
    command += _told("terms", [f"{file}={text}" for file, text in licences.items()])
    command += [*_told("name", [name] if name else []), f"--seed={seed}"]
    with stages() as progress:
        yield Job(
            registry=open_registry(home),
            gate=read_gate(gate_path()),
            command=shlex.join(command),
            now=datetime.now(UTC),
            seed=seed,
            name=name,
            cache=EmbeddingCache(home.embeddings),
            progress=progress,
            terms=licences,
            tell=say,
        )


def _names(files: Sequence[Path] | None) -> list[str]:
    """Names without folders: where somebody keeps data is no business of the card's."""
    return [path.name for path in files or ()]


def _told(option: str, values: Sequence[str]) -> list[str]:
    """The option as it was given, once for each value."""
    return [f"--{option}={value}" for value in values]


def _as_read(reading: Reading) -> list[str]:
    """The options that decide which rows of the tables are learnt from, and as what."""
    order = {None: [], True: ["--day-first"], False: ["--month-first"]}[reading.day_first]
    zone = reading.naive_zone
    return [
        *(["--skip-bad-rows"] if reading.skip_bad_rows else []),
        *_told("encoding", [reading.encoding] if reading.encoding else []),
        *_told("sheet", [reading.sheet] if reading.sheet else []),
        *order,
        *_told("naive-zone", [zone] if zone != Reading().naive_zone else []),
    ]


def _terms(given: Sequence[str]) -> dict[str, str]:
    pairs = [part.partition("=") for part in given]
    if not all(sign for _, sign, _ in pairs):
        raise typer.BadParameter("expected FILE=TEXT.", param_hint="--terms")
    return {Path(name).name: text for name, _, text in pairs}


def _missing(err: ModuleNotFoundError) -> Exception:
    from features.errors import ConfigError
    from training.encoder import INSTALL

    return ConfigError(f"This training needs {err.name}, which is not installed. Run: {INSTALL}")


def _tell(summary: "Summary", json_out: Path | None) -> None:
    # The version is registered: whatever becomes of the file, its verdict is told.
    if str(json_out) != "-":
        _show(summary)
    give_json(summary.to_json(), json_out)


def _show(summary: "Summary") -> None:
    from cli import figures

    version = summary.version
    for table in figures.held_out_tables(version.kind, summary.report):
        show(table)
    standing = "champion" if summary.verdict.champion else "challenger"
    show(f"{version.name} version {version.number} is the {standing} now.")
    if summary.note:
        show(summary.note)
    for reason in summary.verdict.reasons:
        show(f"  • {reason}")
