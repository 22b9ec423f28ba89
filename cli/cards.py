"""One score as a creator reads it."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.flat import excerpt, known
from features.schema import DIMENSIONS, OVERALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.score import Interval, Note, Score, SharePotential

BAR = 20
SMALLEST_EFFECT = 0.005


def card(score: "Score", text: str) -> Group:
    """Lay out a score: how far it travels, what it evokes, why, and how sure that is."""
    title = Text(f"“{excerpt(text, 72)}”", style="bold")
    parts = [title]
    if score.refusal is not None:
        parts += [Text(), Text("No score: " + score.refusal.message)]
    blocks: list[Text | Padding] = [*parts]
    emotion = known(score.emotion)
    if score.share is not None and emotion:
        blocks += [Text(), *_share(score.share)]
        blocks += [_heading("What it evokes (0 to 1; valence −1 to 1)")]
        blocks += [_indented(_feelings(emotion))]
        blocks += [_heading("Why (what lifts it and what lowers it)"), _indented(_reasons(score))]
    return Group(*blocks, *good_to_know(score.warnings), Text(), Text(_models(score), style="dim"))


def good_to_know(warnings: "Sequence[Note]") -> list[Text | Padding]:
    """Lay out what is said beside a forecast; nothing where there is nothing to say."""
    if not warnings:
        return []
    notes = (Text(f"• {note.message}") for note in warnings)
    return [_heading("Good to know"), *(Padding.indent(note, 2) for note in notes)]


def _share(share: "SharePotential") -> list[Text | Padding]:
    place, among = share.percentile, share.population
    table = Table.grid(padding=(0, 2))
    table.add_row(
        "Share potential",
        Text(f"{place.value:.0f} of 100", style="bold"),
        _bar(place.value / 100),
        f"90% sure: {place.low:.0f} to {place.high:.0f}",
    )
    if share.expected_shares is not None:
        expected = share.expected_shares
        table.add_row(
            "Expected shares",
            f"{expected.value:,.0f}",
            "",
            f"90% sure: {expected.low:,.0f} to {expected.high:,.0f}",
        )
    if share.beats_median is not None:
        table.add_row(
            "Beats the usual post", f"{share.beats_median:.0%}", _bar(share.beats_median), ""
        )
    return [Padding(table, 0), Text(f"Compared with {among.label}.", style="dim")]


def _feelings(emotion: "dict[str, Interval]") -> Table:
    table = Table.grid(padding=(0, 2))
    strongest_first = sorted(emotion, key=lambda name: -emotion[name].value)
    emotions = [name for name in strongest_first if name not in (OVERALL, *DIMENSIONS)]
    for name in (OVERALL, *emotions, *DIMENSIONS):
        if name in emotion:
            value = emotion[name].value
            filled = (value + 1) / 2 if name == "valence" else value
            style = "bold" if name == OVERALL else ""
            table.add_row(Text(name, style=style), *_feeling(emotion[name], filled))
    return table


def _feeling(part: "Interval", filled: float) -> tuple[str, Text, str]:
    return f"{part.value:.2f}", _bar(filled), f"{part.low:.2f} to {part.high:.2f}"


def _reasons(score: "Score") -> Table:
    table = Table.grid(padding=(0, 2))
    for reason in score.reasons:
        if abs(reason.effect) >= SMALLEST_EFFECT:
            style = "green" if reason.effect > 0 else "red"
            table.add_row(Text(f"{reason.effect:+.2f}", style=style), reason.label)
    total = score.share.score.value if score.share else 0.0
    table.add_row(Text(f"{total:+.2f}", style="bold"), "all together; 0 is the usual post by now")
    return table


def _models(score: "Score") -> str:
    emotion, share = score.models.emotion, score.models.share
    language = f"Language {score.language}. " if score.language else ""
    return (
        f"{language}{emotion.name} {emotion.version}, {share.name} {share.version}. "
        "A forecast, not a promise."
    )


def _bar(part: float) -> Text:
    filled = round(min(max(part, 0.0), 1.0) * BAR)
    return Text("█" * filled, style="cyan").append("░" * (BAR - filled), style="dim")


def _heading(words: str) -> Text:
    return Text(f"\n{words}", style="bold")


def _indented(table: Table) -> Padding:
    return Padding(table, (0, 0, 0, 2))
