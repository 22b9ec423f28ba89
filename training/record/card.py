"""The model card: what a version learnt from, how good it is, and what it must not be used for."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.judging.bootstrap import Estimate

CANNOT = (
    "It cannot guarantee virality. Most of what decides whether a post spreads is not in the post: "
    "who sees it first, what else happens that day, how a platform ranks it."
)
INTENDED = (
    "Comparing drafts of one account before publishing, and planning which of several to publish."
)
NOT_INTENDED = (
    "Judging people or accounts; deciding what people may say; any use where a wrong score harms "
    "someone; texts that are not posts."
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One table that the version learnt from.

    Attributes
    ----------
    name
        File name, without folders, or what stands for the history store.
    rows
        Rows read.
    digest
        sha256 of the file, or of the rows of the history store.
    terms
        Licence and attribution; empty where the file says nothing.
    comparisons
        Whether its rows are comparisons.
    """

    name: str
    rows: int
    digest: str
    terms: str = ""
    comparisons: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table of metrics.

    Attributes
    ----------
    name
        What was measured, with its unit.
    model
        The version's own figure.
    beside
        Figures of baselines and of the champion so far, by name.
    """

    name: str
    model: Estimate
    beside: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """How a version was made.

    Attributes
    ----------
    command
        The exact command that made it.
    created
        ISO 8601, UTC.
    data
        What it learnt from.
    encoder
        Digest of the encoder.
    parameters
        Names and values of the run.
    """

    command: str
    created: str
    data: tuple[DataSet, ...]
    encoder: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """What a model card says.

    Attributes
    ----------
    title
        Name of the model and what it does, one line.
    summary
        What comes out, in which unit.
    origin
        How it was made.
    held_out
        A sentence: what was held out, and how it was chosen.
    measures
        Figures on the held-out rows.
    languages
        Languages measured, with their figures, as text.
    limits
        Sentences.
    verdict
        What the gate said, as sentences.
    """

    title: str
    summary: str
    origin: Origin
    held_out: str
    measures: tuple[Measure, ...]
    languages: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]
    verdict: tuple[str, ...] = ()


def render(card: Card) -> str:
    """Return the card as Markdown."""
    origin = card.origin
    parts = [
        f"# {card.title}\n\n{card.summary}",
        f"**{CANNOT}**",
        f"## Use\n\nIntended: {INTENDED}\n\nNot intended: {NOT_INTENDED}",
        f"## How good it is\n\n{card.held_out}\n\n{_measures(card.measures)}",
        _section("By language", _table(("language", "figure"), card.languages)),
        _section("Limits", _items(card.limits)),
        f"## What it learnt from\n\n{_data(origin.data)}",
        f"## How it was made\n\nOn {origin.created}, with\n\n```\n{origin.command}\n```",
        _section("What the gate said", _items(card.verdict)),
        _section("Settings", _table(("setting", "value"), _settings(origin))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def shown(estimate: Estimate) -> str:
    """Return a figure with its interval, `0.412 (0.380 to 0.444)`."""
    value = figure(estimate.value)
    if estimate.low != estimate.low:
        return value
    return f"{value} ({figure(estimate.low)} to {figure(estimate.high)})"


def counted(number: int, thing: str) -> str:
    """Return how many there are, `1 post` or `2,000 posts`."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def figure(value: float) -> str:
    """Return three decimals, or a dash where there is no number."""
    return f"{value:.3f}" if value == value else "–"


def _section(heading: str, body: str) -> str:
    return f"## {heading}\n\n{body}" if body else ""


def _items(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _measures(measures: Sequence[Measure]) -> str:
    names = list(dict.fromkeys(name for measure in measures for name, _ in measure.beside))
    rows = [
        (measure.name, shown(measure.model), *(_beside(measure, name) for name in names))
        for measure in measures
    ]
    return _table(("on held-out rows", "this version (95% interval)", *names), rows)


def _beside(measure: Measure, name: str) -> str:
    return figure(dict(measure.beside).get(name, float("nan")))


def _data(data: Sequence[DataSet]) -> str:
    rows = [
        (part.name, f"{part.rows:,}", part.terms or "not stated", f"`{part.digest}`")
        for part in data
    ]
    return _table(("file", "rows", "terms", "sha256"), rows)


def _settings(origin: Origin) -> list[tuple[str, str]]:
    encoder = [("encoder", f"`{origin.encoder}`")] if origin.encoder else []
    return [*encoder, *origin.parameters]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return "| " + " | ".join(escaped) + " |"
