"""The table of held-out rows: texts, labels and what an emotion model forecast of them."""

import pandas as pd

from features.schema import INTENSITIES, TARGETS
from models.emotion import EmotionForecast
from training.emotion.blend import HeldOut


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
