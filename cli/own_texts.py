"""`prescore evaluate bias`, `robustness` and `gaming`: asked with texts of our own, no table."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cli.options import JsonOut, Model
from cli.places import open_home, open_registry, open_version
from cli.printing import counting, give_json, show

if TYPE_CHECKING:
    from rich.table import Table

    from models.versions import Loaded
    from training.embedding import Embedder

Report = Mapping[str, Any]
BIAS_EXAMPLES = "Examples:\n\nprescore evaluate bias --json bias.json"
ROBUSTNESS_EXAMPLES = "Examples:\n\nprescore evaluate robustness --model prescore-emotion"
GAMING_EXAMPLES = "Examples:\n\nprescore evaluate gaming --json gaming.json"


def bias(model: Model = None, json_out: JsonOut = None) -> None:
    """Tell how far intensities differ by whom a sentence is about."""
    from training.evaluate import evaluate_bias

    report = _measured(model, "emotion", evaluate_bias)
    _give(report, json_out, _bias_rows(report), ("mean difference", "pairs"))


def robustness(model: Model = None, json_out: JsonOut = None) -> None:
    """Tell how far slips, capitals, hashtags, links and emoji move intensities."""
    from training.evaluate import evaluate_robustness

    report = _measured(model, "emotion", evaluate_robustness)
    columns = ("change", "largest", "kept", "own emotion", "wrong way")
    _give(report, json_out, _language_rows(report, columns), columns)


def gaming(model: Model = None, json_out: JsonOut = None) -> None:
    """Tell how far stuffing and shuffled words raise the share score."""
    from training.evaluate import evaluate_gaming

    report = _measured(model, "share", evaluate_gaming)
    _give(report, json_out, _gaming_rows(report), ("mean gain", "largest"))


def _measured(
    model: str | None, kind: str, measure: "Callable[[Loaded, Embedder], dict[str, Any]]"
) -> dict[str, Any]:
    from features.text.cache import EmbeddingCache
    from training.embedding import Embedder

    home = open_home()
    loaded = open_version(open_registry(home), model, kind)
    with counting("Embedding texts") as advance:
        return measure(loaded, Embedder(EmbeddingCache(home.embeddings), advance))


def _bias_rows(report: Report) -> dict[str, list[object]]:
    rows: dict[str, list[object]] = {}
    for code, part in report["by_language"].items():
        rows[f"{code}: mean over kinds"] = [part["mean"], part["pairs"]]
        rows |= {f"{code}: {kind}": [gap, None] for kind, gap in part["by_kind"].items()}
    return rows


def _language_rows(report: Report, columns: tuple[str, ...]) -> dict[str, list[object]]:
    return {
        f"{code}: {name}": [found[column.replace(" ", "_")] for column in columns]
        for code, part in report["by_language"].items()
        for name, found in part.items()
    }


def _gaming_rows(report: Report) -> dict[str, list[object]]:
    return {
        f"{code}, {platform}: {trick}": [found["gain"][trick], found["largest"][trick]]
        for code, part in report["by_language"].items()
        for platform, found in part.items()
        for trick in found["gain"]
    }


def _give(
    report: dict[str, Any],
    json_out: JsonOut,
    rows: Mapping[str, list[object]],
    columns: tuple[str, ...],
) -> None:
    if str(json_out) != "-":
        show(_table(rows, columns))
    give_json(report, json_out)


def _table(rows: Mapping[str, list[object]], columns: tuple[str, ...]) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for label, cells in rows.items():
        table.add_row(label, *map(_cell, cells))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
