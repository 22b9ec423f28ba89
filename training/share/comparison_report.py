"""Which of two texts won: the `comparisons` part of `prescore evaluate share`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.judging.bootstrap import (
    DEFAULT,
    Bootstrap,
    Codes,
    Floats,
    cluster_codes,
    cluster_sums,
)
from training.judging.calibration import log_losses, reliability
from training.judging.metrics import as_floats, mean_columns
from training.judging.reports import Report, flat, groups, mean_estimate
from training.share.pairs import CHANCE, choices_right, confidences

SIGNIFICANT = 0.05

DEFINITIONS = {
    "accuracy": "part of the comparisons whose likelier side won; a probability of one half is "
    "half right",
    "log_loss": "mean log loss in nats of the probability that a wins; a coin costs 0.693. On the "
    "comparisons that a training held out it flatters, as calibration_error does: the worth of a "
    "lead, one number for each platform, is fitted there",
    "calibration_error": "mean distance, over ten bins of equal count, between the probability of "
    "the likelier side and how often it won",
    "significant": "the comparisons with p_value < 0.05 only",
    "longer_wins": "the text with more characters wins; half right when equally long",
    "tfidf_ridge": "the ridge on words (TF-IDF) that is a part of this version, fitted on the "
    "comparisons of the platform where it has enough of them and else on posts, asked alone",
    "ci": "95% percentile bootstrap over groups (one test or topic)",
}


@dataclass(frozen=True, slots=True)
class ComparisonRows:
    """Comparisons with their outcome and the forecast.

    Attributes
    ----------
    probability
        Shape (n,), probability that side a wins.
    a_won
        Shape (n,), 1 or 0.
    p_value
        Shape (n,); NaN where not given.
    codes
        Shape (n,), the group of each comparison.
    platforms, languages
        n names each.
    """

    probability: Floats
    a_won: Floats
    p_value: Floats
    codes: Codes
    platforms: tuple[str, ...]
    languages: tuple[str, ...]

    def take(self, rows: NDArray[np.intp]) -> "ComparisonRows":
        """Return some of the rows."""
        return ComparisonRows(
            self.probability[rows],
            self.a_won[rows],
            self.p_value[rows],
            cluster_codes(self.codes[rows]),
            tuple(self.platforms[row] for row in rows),
            tuple(self.languages[row] for row in rows),
        )


def comparison_rows(frame: pd.DataFrame, probability: Floats) -> ComparisonRows:
    """Put a canonical comparisons table and the forecast of its rows together."""
    group = frame["group_id"].astype(object)
    p_value = pd.to_numeric(frame["p_value"]) if "p_value" in frame else np.nan
    return ComparisonRows(
        probability=probability,
        a_won=as_floats(frame["winner"] == "a"),
        p_value=np.broadcast_to(np.asarray(p_value, dtype=np.float64), len(frame)),
        codes=cluster_codes(
            f"\0{row}" if missing else key
            for row, (key, missing) in enumerate(zip(group, group.isna(), strict=True))
        ),
        platforms=_names(frame, "platform"),
        languages=_names(frame, "language"),
    )


def _names(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    if column not in frame:
        return ("und",) * len(frame)
    return tuple(frame[column].astype(object).where(frame[column].notna(), "und"))


def main_metrics(rows: ComparisonRows, options: Bootstrap) -> Report:
    """Return accuracy, log loss and calibration of some comparisons."""
    losses = log_losses(rows.probability, rows.a_won)
    right = choices_right(rows.probability, rows.a_won)
    return {
        "n": len(rows.a_won),
        "groups": len(np.unique(rows.codes)),
        **flat(
            {
                "accuracy": mean_estimate(right, rows.codes, options),
                "log_loss": mean_estimate(losses, rows.codes, options),
            }
        ),
        "calibration_error": reliability(confidences(rows.probability), right).error(),
    }


def choice_metrics(rows: ComparisonRows, probability: Floats, options: Bootstrap) -> Report:
    """Return the accuracy of a baseline, overall and where the outcome was significant."""
    right = choices_right(probability, rows.a_won)
    sure = np.where(rows.p_value < SIGNIFICANT, right, np.nan)
    found = {"accuracy": mean_estimate(right, rows.codes, options)}
    if np.isfinite(sure).any():
        found["accuracy_significant"] = mean_estimate(sure, rows.codes, options)
    return flat(found)


def comparisons_report(
    rows: ComparisonRows, baselines: Mapping[str, Floats], options: Bootstrap = DEFAULT
) -> Report:
    """Return the `comparisons` part of the contract.

    Parameters
    ----------
    rows
        Comparisons with the forecast of the model.
    baselines
        Probabilities, or 0, one half and 1, that a wins, of simpler rules; (n,) each.
    options
        Resamples, level and seed of the intervals.
    """
    significant = np.flatnonzero(rows.p_value < SIGNIFICANT)
    right = choices_right(rows.probability, rows.a_won)
    return {
        **main_metrics(rows, options),
        "reliability": reliability(confidences(rows.probability), right).to_json(),
        "chance": CHANCE,
        "significant": main_metrics(rows.take(significant), options) if len(significant) else None,
        "baselines": _simpler(rows, baselines, options),
        "by_platform": _by(rows, rows.platforms, baselines, options),
        "by_language": _by(rows, rows.languages, baselines, options),
        "definitions": DEFINITIONS,
    }


def _simpler(rows: ComparisonRows, baselines: Mapping[str, Floats], options: Bootstrap) -> Report:
    return {
        name: choice_metrics(rows, probability, options) for name, probability in baselines.items()
    }


def _by(
    rows: ComparisonRows,
    labels: tuple[str, ...],
    baselines: Mapping[str, Floats],
    options: Bootstrap,
) -> Report:
    """Return the figures of each part: which pairs are scored decides what the baselines get."""
    found: Report = {}
    for label, places in groups(labels):
        part = rows.take(places)
        theirs = {name: probability[places] for name, probability in baselines.items()}
        found[label] = main_metrics(part, options) | {"baselines": _simpler(part, theirs, options)}
    return found


def accuracy_sums(rows: ComparisonRows, probability: Floats) -> Floats:
    """Return per group what the accuracy is made of, (groups, 2), for paired resampling."""
    return cluster_sums(mean_columns(choices_right(probability, rows.a_won)), rows.codes)
