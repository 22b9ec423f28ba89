"""Which figures a run leaves behind, from its reports and forecasts."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from training.emotion.report import EmotionRows
from training.judging.calibration import Reliability, reliability
from training.judging.reports import Report, estimate_in
from training.record.plots import (
    Line,
    calibration_figure,
    family_figure,
    group_figure,
    learning_figure,
    pair_figure,
)
from training.share.comparison_report import ComparisonRows
from training.share.pairs import choices_right, confidences
from training.share.report import ShareRows

SMALLEST_GROUP = 30
"""Rows below which a language or platform is left out of a figure: it would show noise."""


def emotion_figures(
    rows: EmotionRows, report: Report, learning: tuple[Line, ...] = ()
) -> dict[str, Figure]:
    """Return the figures of an emotion run, by name.

    Parameters
    ----------
    rows
        Held-out rows with their forecast.
    report
        What `emotion_report` said of them.
    learning
        Curves of `learning_figure`; none leaves it out.
    """
    curves = {
        name: curve
        for place, name in enumerate(rows.names)
        if len((curve := reliability(rows.value[:, place], rows.truth[:, place])).count) > 1
    }
    figures = {
        "order_by_language": _by(report, "by_language", "mean_pearson", "Mean Pearson r"),
        "coverage_by_target": _by(report, "metrics", "coverage_90", "Coverage of 90% intervals"),
        "error_by_target": _by(report, "metrics", "mae", "Mean absolute error"),
    }
    if curves:
        figures["calibration"] = calibration_figure(curves, "intensity")
    return figures | _learning(learning, "training texts", "mean Pearson r on held-out texts")


def share_figures(
    rows: ShareRows | None,
    families: Mapping[str, float],
    comparisons: ComparisonRows | None,
    report: Report,
    learning: tuple[Line, ...] = (),
) -> dict[str, Figure]:
    """Return the figures of a share run, by name.

    Parameters
    ----------
    rows
        Held-out posts with their forecast; None where none were held out.
    families
        Mean absolute contribution of each feature family.
    comparisons
        Held-out comparisons, or None.
    report
        The parts `posts` and `comparisons` of `prescore evaluate share`.
    learning
        Curves of `learning_figure`; none leaves it out.
    """
    figures: dict[str, Figure] = {}
    if rows is not None:
        figures |= _post_figures(rows, report["posts"])
    if families:
        figures["families"] = family_figure(families, "spreads of the account")
    if comparisons is not None and len(comparisons.a_won):
        figures["pairs"] = _pairs(comparisons)
    return figures | _learning(
        learning, "training accounts", "within-account Spearman on held-out accounts"
    )


def _post_figures(rows: ShareRows, report: Report) -> dict[str, Figure]:
    figures = {
        f"{name}_by_{group}": _by(report, f"by_{group}", metric, title)
        for group in ("platform", "language")
        for name, metric, title in (
            ("order", "within_account_spearman", "Within-account Spearman"),
            ("coverage", "coverage_90", "Coverage of 90% intervals"),
        )
    }
    curve = reliability(rows.beats_median, rows.beat_their_median())
    if len(curve.count) > 1:
        figures["beats_median"] = calibration_figure(
            {"beats the account's median": curve}, "probability"
        )
    return figures


def _pairs(rows: ComparisonRows) -> Figure:
    right = choices_right(rows.probability, rows.a_won)
    curve: Reliability = reliability(confidences(rows.probability), right)
    return pair_figure(curve, float(right.mean()), f"{len(right):,} held-out comparisons")


def _by(report: Report, groups: str, metric: str, title: str) -> Figure:
    parts: Mapping[str, Report] = report[groups]
    kept = {name: part for name, part in parts.items() if part["n"] >= SMALLEST_GROUP}
    found = {name: estimate_in(part, metric) for name, part in kept.items()}
    return group_figure(title, found, {name: part["n"] for name, part in kept.items()})


def _learning(lines: tuple[Line, ...], unit: str, metric: str) -> dict[str, Figure]:
    return {"learning_curve": learning_figure(lines, unit, metric)} if lines else {}
