"""What the training of a version left behind: its card, what it measured, its figures.

The card, the report and the digests of the tables lie in the version's own folder; figures lie with
its run, where there is one. All of it is figures about held-out rows, never a text of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import NotInRegistryError, RegistryError
from models.persistence import load_json
from models.versions import Version

if TYPE_CHECKING:
    from models.registry import Registry

CARD, REPORT, TABLES, COMPARISONS = "card.md", "report.json", "tables.json", "comparisons.json"
FIGURES = "plots"
HISTORY = "the history store"
"""What a version calls the posts of the history store among the tables that it learnt from."""

SMALLEST_GROUP = 30
"""Rows below which a language or platform is left out: it would show noise."""

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure on held-out rows, with its 95% interval and what simpler models reach.

    Attributes
    ----------
    name
        Of the metric, such as `mean_pearson`.
    low, high
        None where no interval was worked out.
    beside
        The same figure of baselines and of the champion so far, by name.
    """

    name: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    beside: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One metric by language, platform or target; rows as `Measure`, named by the group."""

    by: str
    metric: str
    rows: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Forecasts in bins of equal count, against what happened; lists of one length."""

    name: str
    forecast: tuple[float, ...]
    observed: tuple[float, ...]
    n: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What a version's training left behind.

    Attributes
    ----------
    card
        The model card, Markdown; empty where there is none.
    measures, groups, curves
        From the report on held-out rows; empty where the version holds none.
    figures
        File names of the figures that its run kept.
    """

    card: str
    measures: tuple[Measure, ...] = ()
    groups: tuple[Group, ...] = ()
    curves: tuple[Curve, ...] = ()
    figures: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a version learnt from, as far as its folder tells.

    Attributes
    ----------
    tables
        sha256 of each file, or of the rows of the history store -> its name, or `HISTORY`.
    by_time
        Whether the latest posts of each account were held out, instead of whole accounts.
    comparisons
        Those of `tables` that hold comparisons, by sha256; older versions do not tell.
    """

    tables: Mapping[str, str]
    by_time: bool
    comparisons: frozenset[str] = frozenset()


def lessons_of(folder: Path) -> Lessons:
    """Return what the version in a model folder learnt from."""
    tables, report, pairs = folder / TABLES, folder / REPORT, folder / COMPARISONS
    told: Report = load_json(report) if report.exists() else {}
    learnt: Mapping[str, str] = load_json(tables) if tables.exists() else {}
    compared: Sequence[str] = load_json(pairs) if pairs.exists() else ()
    return Lessons(learnt, "blocks" in (told.get("posts") or {}), frozenset(compared))


def record_of(registry: "Registry", version: Version) -> Record:
    """Return what the training of a version left behind.

    Raises
    ------
    RegistryError, ModelError
        When the version's files cannot be fetched, or were altered.
    """
    folder = registry.folder(version)
    card, report = folder / CARD, folder / REPORT
    told: Report = load_json(report) if report.exists() else {}
    read = {"emotion": _emotion, "share": _share}[version.kind]
    return Record(
        card=card.read_text(encoding="utf-8") if card.exists() else "",
        figures=tuple(_figures_at_hand(registry, version)),
        **(read(told) if told else {}),
    )


def figure(registry: "Registry", version: Version, name: str) -> bytes:
    """Return one figure of a version's run, a PNG.

    Raises
    ------
    NotInRegistryError
        When the run kept no such figure, or is gone.
    RegistryError
        When the registry cannot be read.
    """
    if name not in _figures(registry, version):
        raise NotInRegistryError(f"{version.uri} has no figure {name!r}.")
    return registry.store.run_file(str(version.run_id), f"{FIGURES}/{name}")


def _figures(registry: "Registry", version: Version) -> list[str]:
    return registry.store.run_files(version.run_id, FIGURES) if version.run_id else []


def _figures_at_hand(registry: "Registry", version: Version) -> list[str]:
    """A run that is gone, or cannot be read, leaves a version without figures and nothing worse."""
    try:
        return _figures(registry, version)
    except RegistryError:
        return []


def _emotion(report: Report) -> dict[str, Any]:
    targets: Report = report["metrics"]
    rows = report["n"]
    return {
        "measures": (
            _measure("mean_pearson", report, rows, report["baselines"]),
            _measure("coverage_90", report, rows),
        ),
        "groups": (
            _group("language", "mean_pearson", report["by_language"]),
            _group("language", "coverage_90", report["by_language"]),
            *(_group("target", metric, targets) for metric in ("pearson", "mae", "coverage_90")),
        ),
        "curves": tuple(
            _curve(name, part["reliability"])
            for name, part in targets.items()
            if "reliability" in part
        ),
    }


def _share(report: Report) -> dict[str, Any]:
    posts, comparisons = report.get("posts"), report.get("comparisons")
    found: dict[str, tuple[Any, ...]] = {"measures": (), "groups": (), "curves": ()}
    if posts:
        names = ("within_account_spearman", "pair_accuracy_2x", "coverage_90", "interval_width")
        found["measures"] += tuple(
            _measure(name, posts, posts["n"], posts["baselines"]) for name in names
        )
        found["groups"] += tuple(
            _group(by, metric, posts[f"by_{by}"])
            for by in ("platform", "language")
            for metric in ("within_account_spearman", "coverage_90")
        )
        if bins := posts["beats_median"].get("reliability"):
            found["curves"] += (_curve("beats_median", bins),)
    if comparisons:
        found["measures"] += tuple(
            _measure(name, comparisons, comparisons["n"], comparisons["baselines"])
            for name in ("accuracy", "log_loss")
        )
        if bins := comparisons.get("reliability"):
            found["curves"] += (_curve("comparisons", bins),)
    return found


def _measure(name: str, part: Report, n: int, baselines: Report | None = None) -> Measure:
    low, high = (part.get("ci") or {}).get(name) or (None, None)
    beside = {
        rival: other[name]
        for rival, other in (baselines or {}).items()
        if other.get(name) is not None
    }
    return Measure(name, part[name], n, low, high, beside)


def _group(by: str, metric: str, parts: Report) -> Group:
    rows = []
    for name, part in parts.items():
        if part["n"] >= SMALLEST_GROUP and part.get(metric) is not None:
            low, high = (part.get("ci") or {}).get(metric) or (None, None)
            rows.append(Measure(name, part[metric], part["n"], low, high))
    return Group(by, metric, tuple(rows))


def _curve(name: str, bins: Sequence[Report]) -> Curve:
    columns = (tuple(one[part] for one in bins) for part in ("forecast", "observed", "n"))
    return Curve(name, *columns)
