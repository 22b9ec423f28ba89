"""Evaluation reports as tables for a person; the JSON holds all of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Report = Mapping[str, Any]
TARGET_COLUMNS = (
    *("pearson", "spearman", "mae", "coverage_90"),
    *("calibration_slope", "calibration_error", "n"),
)
EMOTION_COLUMNS = ("mean_pearson", "coverage_90", "n")
POST_COLUMNS = (
    *("within_account_spearman", "pair_accuracy_2x", "coverage_90", "interval_width"),
    *("n", "abstained"),
)
COMPARISON_COLUMNS = ("accuracy", "log_loss", "calibration_error", "n")
PAIR_COLUMNS = ("accuracy", "log_loss", "calibration_error", "n")
CAPTION = "In brackets: 95% interval of the figure."
NO_INTERVALS = "No intervals: they need at least 5 accounts, groups or texts."
FEWEST_SHOWN = 30
"""Rows of a platform or language below which it has no line: a file may hold forty of those."""


def emotion_tables(report: Report) -> "Iterator[Table]":
    """Lay out an emotion evaluation."""
    yield _table("Forecast against people's ratings", TARGET_COLUMNS, report["metrics"])
    yield _table("Mean over the six emotions", EMOTION_COLUMNS, *_variants(report))


def share_tables(report: Report) -> "Iterator[Table]":
    """Lay out a share evaluation: posts, comparisons, or both."""
    for part, title, columns in (
        ("posts", "Posts with results", POST_COLUMNS),
        ("comparisons", "Comparisons", COMPARISON_COLUMNS),
    ):
        if report.get(part) is not None:
            yield _table(title, columns, *_variants(report[part]))
    yield from _beside(report.get("posts") or {})


def _beside(posts: Report) -> "Iterator[Table]":
    """How posts do with less known of their account, and how right the odds between them are."""
    if posts.get("by_history"):
        known = {_known(int(count), part): part for count, part in posts["by_history"].items()}
        yield _table("The same posts, with less known of their account", POST_COLUMNS, known)
    if posts.get("pairs"):
        pairs = {"this version": posts["pairs"]} | {
            f"only {name}": part for name, part in posts["pairs"]["by_platform"].items()
        }
        yield _table("Which of two posts of an account gets further", PAIR_COLUMNS, pairs)


def _known(count: int, part: Report) -> str:
    most = part.get("most_known", count)
    return f"{count} known posts" if most == count else f"all known posts ({most} at most)"


def held_out_tables(kind: str, report: Report) -> "Iterator[Table]":
    """Lay out how a new version did on held-out rows."""
    return emotion_tables(report) if kind == "emotion" else share_tables(report)


def _variants(report: Report) -> tuple[dict[str, Report], int]:
    """The version, its baselines, and the same of each larger part; how many parts are smaller."""
    named = {"this version": report} | _baselines(report)
    parts = {
        f"only {name}": part
        for group in ("by_platform", "by_language")
        for name, part in (report.get(group) or {}).items()
        if len(report[group]) > 1
    }
    shown = {name: part for name, part in parts.items() if part.get("n", 0) >= FEWEST_SHOWN}
    for name, part in shown.items():
        named[name] = part
        named |= _baselines(part, f"{name}, ")
    return named, len(parts) - len(shown)


def _baselines(part: Report, of: str = "") -> dict[str, Report]:
    return {f"{of}baseline: {name}": told for name, told in (part.get("baselines") or {}).items()}


def _table(
    title: str, columns: Sequence[str], entries: Mapping[str, Report], smaller: int = 0
) -> "Table":
    from rich import box
    from rich.table import Table

    shown = [name for name in columns if any(name in entry for entry in entries.values())]
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        caption=_caption(entries.values(), shown, smaller),
        caption_justify="left",
    )
    table.add_column("")
    for name in shown:
        table.add_column(name.replace("_", " "), justify="right")
    for label, entry in entries.items():
        table.add_row(label, *(_cell(entry, name) for name in shown))
    return table


def _caption(entries: Iterable[Report], names: Sequence[str], smaller: int) -> str | None:
    made = [entry for entry in entries if entry.get("ci")]
    inside = any(_bounds(entry, name) for entry in made for name in names)
    lines = [CAPTION if inside else NO_INTERVALS] if made else []
    if smaller:
        left_out = f"Platforms and languages of fewer than {FEWEST_SHOWN} rows are in the JSON only"
        lines.append(f"{left_out} ({smaller}).")
    return "\n".join(lines) or None


def _cell(entry: Report, name: str) -> str:
    value = entry.get(name)
    if value is None or isnan(value):
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    bounds = _bounds(entry, name)
    return f"{value:.3f}" + (f" ({bounds[0]:.3f}–{bounds[1]:.3f})" if bounds else "")


def _bounds(entry: Report, name: str) -> Sequence[float] | None:
    bounds: Sequence[float] | None = (entry.get("ci") or {}).get(name)
    if bounds is None or any(bound is None or isnan(bound) for bound in bounds):
        return None
    return bounds
