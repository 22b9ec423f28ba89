"""Figures of a training run, as PNG files.

Figures are built with matplotlib's objects on the Agg canvas: no global state, no display. Titles
say what the figure found; colours are those of Okabe & Ito (2008), told apart by colour-blind eyes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from training.judging.bootstrap import Estimate
from training.judging.calibration import Reliability

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#6E6E6E",
)  # fmt: skip
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DPI = 140


@dataclass(frozen=True, slots=True)
class Line:
    """One curve with the interval around it; `low` and `high` may hold NaN."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG, without a time stamp: the same figure gives the same bytes."""
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    return path


def new_figure(title: str, width: float = 7.0, height: float = 4.6) -> tuple[Figure, Axes]:
    """Return a figure with one set of axes, and the title at its left edge."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", wrap=True, pad=10)
    _plain(axes)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)


def calibration_figure(curves: Mapping[str, Reliability], quantity: str) -> Figure:
    """Plot forecasts against what happened, one small panel for each target.

    Parameters
    ----------
    curves
        By target.
    quantity
        What both axes show, such as "intensity".
    """
    errors = {name: curve.error() for name, curve in curves.items()}
    worst = max(errors, key=lambda name: errors[name])
    columns = min(4, len(curves))
    rows = -(-len(curves) // columns)
    size = 2.6 if len(curves) > 1 else 5.4
    figure = Figure(figsize=(size * columns + 0.6, size * rows + 0.8), layout="constrained")
    title = f"Forecasts are off by {np.mean(list(errors.values())):.3f} on average"
    title += f", by {errors[worst]:.3f} for {worst}" if len(curves) > 1 else ""
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    for place, (name, curve) in enumerate(curves.items()):
        _calibration_panel(figure.add_subplot(rows, columns, place + 1), name, curve)
    figure.supxlabel(f"Forecast {quantity}, mean of each tenth of the rows", fontsize=10)
    figure.supylabel(f"Observed {quantity}", fontsize=10)
    return figure


def _calibration_panel(axes: Axes, name: str, curve: Reliability) -> None:
    together = np.concatenate([curve.forecast, curve.observed])
    low, high = float(together.min()), float(together.max())
    margin = 0.05 * (high - low) + 1e-3
    _plain(axes)
    axes.plot([low, high], [low, high], color=GREY, linestyle="--", linewidth=1.1)
    axes.plot(curve.forecast, curve.observed, color=BLUE, marker="o", markersize=4, linewidth=1.4)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(low - margin, high + margin)
    axes.set_title(f"{name}: off by {curve.error():.3f}", fontsize=9.5, loc="left")
    axes.tick_params(labelsize=8)


def pair_figure(curve: Reliability, accuracy: float, what: str) -> Figure:
    """Plot how often the likelier side won, by how likely it was.

    Parameters
    ----------
    curve
        Of the probability of the likelier side.
    accuracy
        Part of the pairs ordered right, 0..1.
    what
        What the pairs are, such as "2,380 headline tests".
    """
    gap = float(np.average(curve.observed - curve.forecast, weights=curve.count))
    sure = "about as often as promised"
    if abs(gap) > 0.02:
        sure = "less often than promised" if gap < 0 else "more often than promised"
    figure, axes = new_figure(f"The favourite wins {accuracy:.0%} of {what}, {sure}", 6.4, 5.2)
    axes.plot([0.5, 1], [0.5, 1], color=GREY, linestyle="--", linewidth=1.2)
    error = 1.96 * np.sqrt(curve.observed * (1 - curve.observed) / np.maximum(curve.count, 1))
    axes.errorbar(curve.forecast, curve.observed, yerr=error, color=BLUE, marker="o", capsize=3,
                  linewidth=1.4)  # fmt: skip
    axes.set_xlabel("Probability given to the favourite")
    axes.set_ylabel("How often it won (bars: 95% of chance)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    right = max(float(curve.forecast.max()) + 0.02, 0.6)
    axes.set_xlim(0.49, right)
    axes.set_ylim(min(0.45, float((curve.observed - error).min()) - 0.02),
                  max(right, float((curve.observed + error).max()) + 0.02))  # fmt: skip
    return figure


def group_figure(metric: str, found: Mapping[str, Estimate], sizes: Mapping[str, int]) -> Figure:
    """Plot a metric with its interval for each group: language, platform.

    Parameters
    ----------
    metric
        Its name and unit, for the axis.
    found
        By group; NaN values are left out.
    sizes
        Rows of each group.
    """
    kept = {name: value for name, value in found.items() if np.isfinite(value.value)}
    order = sorted(kept, key=lambda name: kept[name].value)
    title = f"{metric} could not be measured in any group"
    if order:
        best, worst = order[-1], order[0]
        title = f"{metric}: {kept[best].value:.2f} for {best}"
        title += f", {kept[worst].value:.2f} for {worst}" if best != worst else ""
    figure, axes = new_figure(title, 7.0, 1.6 + 0.42 * max(len(order), 1))
    for place, name in enumerate(order):
        part = kept[name]
        if np.isfinite(part.low):
            axes.plot([part.low, part.high], [place, place], color=SKY, linewidth=5, alpha=0.55,
                      solid_capstyle="butt")  # fmt: skip
        axes.plot(part.value, place, "o", color=BLUE, markersize=6)
    axes.set_yticks(range(len(order)), [f"{name}  (n = {sizes[name]:,})" for name in order])
    axes.set_ylim(-0.6, len(order) - 0.4 if order else 0.6)
    axes.set_xlabel(f"{metric}, with 95% interval")
    axes.grid(axis="y", visible=False)
    return figure


def family_figure(effects: Mapping[str, float], unit: str) -> Figure:
    """Plot the mean size of each feature family's contribution.

    Parameters
    ----------
    effects
        Mean absolute contribution by family, in `unit`.
    unit
        For the axis.
    """
    order = sorted(effects, key=lambda name: effects[name])
    total = sum(effects.values())
    share = effects[order[-1]] / total if total else float("nan")
    figure, axes = new_figure(
        f"{order[-1].capitalize()} moves the score most: {share:.0%} of all movement",
        7.0, 1.6 + 0.42 * len(order),
    )  # fmt: skip
    bars = axes.barh(order, [effects[name] for name in order], color=BLUE, height=0.62)
    axes.bar_label(bars, fmt="%.3f", padding=4, fontsize=9)
    axes.set_xlabel(f"Mean absolute contribution ({unit})")
    axes.margins(x=0.12)
    axes.grid(axis="y", visible=False)
    return figure


def learning_figure(lines: Sequence[Line], unit: str, metric: str) -> Figure:
    """Plot a metric against how much was learnt from.

    Parameters
    ----------
    lines
        The model first, then baselines.
    unit
        What the horizontal axis counts, such as "training rows".
    metric
        For the vertical axis.
    """
    main = lines[0]
    gain = main.y[-1] - main.y[-2] if len(main.y) > 1 else float("nan")
    step = main.x[-1] / main.x[-2] if len(main.x) > 1 else float("nan")
    more = "more data would help" if gain > 0.005 else "more of the same data helps little"
    figure, axes = new_figure(
        f"The last {step:.2g}x of {unit} changed the {main.label} by {gain:+.3f}:\n{more}"
    )
    for place, line in enumerate(lines):
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(line.x, line.y, marker=MARKERS[place], color=colour, label=line.label)
        if len(line.low):
            axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, linewidth=0)
    axes.set_xscale("log")
    axes.set_xticks(main.x, [f"{x:,.0f}" for x in main.x])
    axes.minorticks_off()
    axes.set_xlabel(f"{unit.capitalize()} (logarithmic)")
    axes.set_ylabel(metric)
    axes.legend(frameon=False, fontsize=9)
    return figure
