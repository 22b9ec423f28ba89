"""Emotion forecasts against labelled rows: the JSON of `prescore evaluate emotion`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import rankdata

from features.schema import EMOTIONS, OVERALL, TARGETS
from training.judging.bootstrap import (
    DEFAULT,
    Bootstrap,
    Codes,
    Floats,
    cluster_codes,
    cluster_sums,
)
from training.judging.bootstrap import estimate as estimate_of
from training.judging.calibration import calibration_slope, reliability
from training.judging.metrics import (
    absolute_errors,
    correlation,
    covered,
    mean,
    moments,
    pearson,
    spearman_estimate,
)
from training.judging.reports import Report, flat, groups, mean_estimate, pearson_estimate
from training.splits import text_key

SPEARMAN_RESAMPLES = 200
"""Ranks are taken anew in each resample, which costs far more than adding sums."""

DEFINITIONS = {
    "mean_pearson": "plain mean of Pearson's r over those of the six emotions that the rows label "
    "and that vary; valence, arousal and overall are not part of it",
    "not_forecast": "labelled targets that the version was never taught; they count as an r of 0",
    "overall": "the formula of models.emotion over the labelled parts of a row, of labels and of "
    "forecasts alike, where at least five of the six emotions are labelled; its interval can only "
    "be judged where all eight targets are",
    "overall_check": "Spearman of the forecast overall with the rated arousal, and with the "
    "strongest of the rated emotions; nobody rated overall itself",
    "coverage_90": "part of the rows whose label lies within the 90% interval",
    "calibration_slope": "slope of label on forecast; 1 is calibrated, less exaggerates",
    "calibration_error": "mean distance between forecast and label over ten bins of equal count",
    "mean_over_languages": "mean of mean_pearson over the languages where it is defined",
    "ci": "95% percentile bootstrap over distinct texts; Spearman with "
    f"{SPEARMAN_RESAMPLES} resamples",
}


@dataclass(frozen=True, slots=True)
class EmotionRows:
    """Labelled rows and what was forecast for them.

    Attributes
    ----------
    names
        The k targets in the order of the columns.
    truth
        Shape (n, k); NaN where not labelled.
    value, low, high
        Shape (n, k), same order; NaN for targets that the model was never taught.
    languages
        n codes.
    codes
        Shape (n,): rows with the same text share a number.
    """

    names: tuple[str, ...]
    truth: Floats
    value: Floats
    low: Floats
    high: Floats
    languages: Sequence[str]
    codes: Codes

    def ordering(self) -> Floats:
        """Return the forecast with 0 for what was never taught: it orders nothing."""
        return np.where(np.isfinite(self.value), self.value, 0.0)

    def take(self, rows: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> "EmotionRows":
        """Return some of the rows."""
        return replace(
            self,
            truth=self.truth[rows],
            value=self.value[rows],
            low=self.low[rows],
            high=self.high[rows],
            languages=[self.languages[row] for row in rows.tolist()],
            codes=cluster_codes(self.codes[rows]),
        )


def text_codes(texts: Sequence[str]) -> Codes:
    """Number the distinct texts: the same text is not two independent observations."""
    return cluster_codes(text_key(text) for text in texts)


def emotion_columns(rows: EmotionRows) -> list[int]:
    """Return the columns of the emotions that the rows label and that vary."""
    found = [rows.names.index(name) for name in EMOTIONS]
    spread = {k: rows.truth[np.isfinite(rows.truth[:, k]), k] for k in found}
    return [k for k in found if len(spread[k]) and np.ptp(spread[k]) > 0]


def mean_pearson_sums(rows: EmotionRows, value: Floats) -> Floats:
    """Return per distinct text what `mean_pearson` is made of, for resampling.

    Parameters
    ----------
    rows
        Truth and clusters; its own forecast is not used.
    value
        Shape (n, k), any model's forecast of the same rows.

    Returns
    -------
    ndarray of shape (texts, 6 e)
        The moments of each of the e emotions that count.
    """
    known = np.where(np.isfinite(value), value, 0.0)
    parts = [moments(rows.truth[:, k], known[:, k]) for k in emotion_columns(rows)]
    columns = np.concatenate(parts, axis=1) if parts else np.zeros((len(value), 0))
    return cluster_sums(columns, rows.codes)


def mean_pearson(sums: Floats) -> Floats:
    """Turn sums of `mean_pearson_sums`, (r, 6 e), into the metric, (r,)."""
    each = correlation(sums.reshape(len(sums), sums.shape[1] // 6, 6))
    defined = np.isfinite(each)
    count = defined.sum(axis=1)
    total = np.where(defined, each, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def target_report(rows: EmotionRows, column: int, options: Bootstrap) -> Report:
    """Return the metrics of one target over the rows that label it."""
    labelled = np.flatnonzero(np.isfinite(rows.truth[:, column]))
    part = rows.take(labelled)
    truth, value = part.truth[:, column], part.value[:, column]
    order = part.ordering()[:, column]
    low, high = part.low[:, column], part.high[:, column]
    few = replace(options, resamples=min(options.resamples, SPEARMAN_RESAMPLES))
    return {
        "n": len(labelled),
        **flat(
            {
                "pearson": pearson_estimate(truth, order, part.codes, options),
                "spearman": spearman_estimate(truth, order, part.codes, few),
                "mae": mean_estimate(absolute_errors(truth, value), part.codes, options),
                "coverage_90": mean_estimate(covered(truth, low, high), part.codes, options),
                "interval_width": mean_estimate(high - low, part.codes, options),
            }
        ),
        "calibration_slope": calibration_slope(value, truth),
        "calibration_error": reliability(value, truth).error(),
        "reliability": reliability(value, truth).to_json(),
    }


def group_report(rows: EmotionRows, options: Bootstrap) -> Report:
    """Return the metrics of a group of rows, without those that only the whole gets."""
    found = flat(
        {"mean_pearson": estimate_of(mean_pearson, mean_pearson_sums(rows, rows.value), options)}
    )
    inside = mean(label_coverage(rows).ravel())
    counted = [rows.names[k] for k in emotion_columns(rows)]
    each = {
        name: _short(rows, column)
        for column, name in enumerate(rows.names)
        if np.isfinite(rows.truth[:, column]).any()
    }
    return {
        "n": len(rows.truth),
        **found,
        "emotions": counted,
        "coverage_90": inside,
        "metrics": each,
    }


def label_coverage(rows: EmotionRows) -> Floats:
    """Return 1 where a label lies in its interval, 0 where not, NaN unlabelled: (n, targets).

    `overall` is left out: its label follows from the others'.
    """
    kept = [rows.names.index(name) for name in TARGETS]
    return covered(rows.truth[:, kept], rows.low[:, kept], rows.high[:, kept])


def _short(rows: EmotionRows, column: int) -> Report:
    truth, value = rows.truth[:, column], rows.value[:, column]
    return {
        "n": int(np.isfinite(truth).sum()),
        "pearson": pearson(truth, rows.ordering()[:, column]),
        "mae": mean(absolute_errors(truth, value)),
        "coverage_90": mean(covered(truth, rows.low[:, column], rows.high[:, column])),
        "calibration_slope": calibration_slope(value, truth),
        "calibration_error": reliability(value, truth).error(),
    }


def overall_check(rows: EmotionRows) -> Report:
    """Return how the forecast `overall` goes with what people rated: Spearman's rho and rows.

    Against the rated arousal, and against the strongest of the rated emotions. Nobody rated
    `overall` itself.
    """
    overall = rows.value[:, rows.names.index(OVERALL)] if OVERALL in rows.names else None
    arousal = rows.truth[:, rows.names.index("arousal")]
    emotions = rows.truth[:, [rows.names.index(name) for name in EMOTIONS]]
    whole = np.isfinite(emotions).sum(axis=1) >= len(EMOTIONS) - 1
    strongest = np.where(whole, np.nan_to_num(emotions, nan=-1.0).max(axis=1), np.nan)
    found: Report = {}
    for name, truth in (("arousal", arousal), ("strongest_emotion", strongest)):
        forecast = np.full(len(truth), np.nan) if overall is None else overall
        known = np.isfinite(truth) & np.isfinite(forecast)
        rho = pearson(rankdata(truth[known]), rankdata(forecast[known])) if known.any() else np.nan
        found[name] = {"spearman": rho, "n": int(known.sum())}
    return found


def emotion_report(
    rows: EmotionRows, baselines: Mapping[str, Floats], options: Bootstrap = DEFAULT
) -> Report:
    """Return the JSON of the contract: metrics by target, by language, and of the baselines.

    Parameters
    ----------
    rows
        Labelled rows with the forecast of the model.
    baselines
        Forecasts of simpler models for the same rows, (n, k) each.
    options
        Resamples, level and seed of the intervals.
    """
    whole = group_report(rows, options)
    by_language = {
        name: group_report(rows.take(part), options) for name, part in groups(rows.languages)
    }
    defined = [part["mean_pearson"] for part in by_language.values()]
    return {
        **whole,
        "metrics": {
            name: target_report(rows, rows.names.index(name), options) for name in whole["metrics"]
        },
        "not_forecast": [
            name
            for name in whole["metrics"]
            if not np.isfinite(rows.value[:, rows.names.index(name)]).any()
        ],
        "mean_over_languages": float(np.mean([r for r in defined if np.isfinite(r)] or [np.nan])),
        "baselines": {
            name: group_report(
                replace(rows, value=value, low=value * np.nan, high=value * np.nan), options
            )
            for name, value in baselines.items()
        },
        "by_language": by_language,
        "overall_check": overall_check(rows),
        "definitions": DEFINITIONS,
    }
