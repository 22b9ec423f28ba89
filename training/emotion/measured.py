"""What an emotion model did on its held-out rows: figures, baselines, and the table of both."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.schema import INTENSITIES, TARGETS
from models.emotion import EmotionForecast, EmotionModel
from training.emotion.blend import HeldOut
from training.emotion.data import EmotionData
from training.emotion.report import EmotionRows, emotion_report, text_codes


def measured(
    data: EmotionData, held_out: HeldOut, forecast: EmotionForecast, blank: EmotionModel
) -> dict[str, Any]:
    """Measure a held-out forecast, and what the baselines make of the same rows."""
    value, low, high = (
        part[:, : len(TARGETS)].astype(np.float64)
        for part in (forecast.value, forecast.low, forecast.high)
    )
    languages, codes = list(held_out.languages), text_codes(held_out.texts)
    rows = EmotionRows(TARGETS, held_out.truth, value, low, high, languages, codes)
    return dict(emotion_report(rows, _baselines(data, held_out, blank)))


def _baselines(
    data: EmotionData, held_out: HeldOut, blank: EmotionModel
) -> Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """What a bag of characters gives by itself, and what the mean of the training labels gives."""
    k = len(blank.heads.names)
    characters = np.full(held_out.truth.shape, np.nan)
    for column, name in enumerate(blank.characters.outputs):
        characters[:, TARGETS.index(name)] = held_out.raw[:, k + column]
    means = data.frame[data.train][list(TARGETS)].mean().to_numpy(np.float64)
    return {
        "characters_ridge": characters,
        "mean": np.broadcast_to(means, held_out.truth.shape).copy(),
    }


def card_figures(report: Mapping[str, Any]) -> dict[str, Any]:
    """The figures worth keeping inside the model; None where one is not defined."""
    parts = {"": report, **report["by_language"]}
    means = {name: float(part["mean_pearson"]) for name, part in parts.items()}
    finite = {name: mean if np.isfinite(mean) else None for name, mean in means.items()}
    return {"mean_pearson": finite.pop(""), "n": int(report["n"]), "by_language": finite}


def held_out_table(held_out: HeldOut, forecast: EmotionForecast) -> pd.DataFrame:
    """Put held-out texts, labels and forecasts side by side, one row for each text."""
    forecasts = {
        f"{name}_{part}": getattr(forecast, part)[:, column]
        for column, name in enumerate(INTENSITIES)
        for part in ("value", "low", "high")
    }
    return labelled_table(held_out).assign(**forecasts)


def labelled_table(held_out: HeldOut) -> pd.DataFrame:
    """Put texts, languages and labels side by side, one row for each text."""
    labels = dict(zip(TARGETS, held_out.truth.T, strict=True))
    return pd.DataFrame({"text": held_out.texts, "language": held_out.languages, **labels})
