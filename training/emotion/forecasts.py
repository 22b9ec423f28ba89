"""Forecast labelled texts, beside simpler forecasts of the same texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.schema import EMOTIONS, INTENSITIES, TARGETS
from features.text.encoder import Encoder
from models.emotion import overall_of
from models.views import character_counts
from training.embedding import EMBED, Embedder
from training.emotion.languages import languages_of
from training.emotion.report import EmotionRows, text_codes
from training.judging.bootstrap import Floats
from training.judging.reports import UNKNOWN

if TYPE_CHECKING:
    from models.emotion import EmotionForecast, EmotionModel

LABELS_FOR_OVERALL = 5
LONG = 1000
"""Characters of a text that the length baseline takes for intensity 1, on a log scale."""


@dataclass(frozen=True, slots=True)
class JudgedEmotion:
    """Labelled texts, their forecast, and simpler forecasts of the same shape."""

    rows: EmotionRows
    baselines: Mapping[str, Floats]


def judge_emotion(
    frame: pd.DataFrame, model: "EmotionModel", encoder: Encoder, embed: Embedder = EMBED
) -> JudgedEmotion:
    """Forecast labelled texts.

    Parameters
    ----------
    frame
        A canonical emotion table.
    model, encoder
        A fitted model and the encoder that it was fitted on.
    embed
        How texts become vectors.
    """
    texts, languages = frame["text"].tolist(), [code or UNKNOWN for code in languages_of(frame)]
    forecast = model.predict(texts, embed(encoder, texts), _known(languages))
    rows = emotion_rows(frame, languages, forecast)
    return JudgedEmotion(rows, simple_intensities(rows, texts, model))


def emotion_rows(
    frame: pd.DataFrame, languages: Sequence[str], forecast: "EmotionForecast"
) -> EmotionRows:
    """Put labelled texts and a forecast of them together.

    Parameters
    ----------
    frame
        A canonical emotion table of n rows.
    languages
        n codes.
    forecast
        Of the same rows in the same order.
    """
    labels = frame[list(TARGETS)].to_numpy(np.float64)
    value, low, high = (
        np.array(part, dtype=np.float64) for part in (forecast.value, forecast.low, forecast.high)
    )
    value[:, -1] = labelled_overall(value[:, :-1], labels)
    whole = np.isfinite(labels).all(axis=1)
    low[~whole, -1], high[~whole, -1] = np.nan, np.nan
    return EmotionRows(
        names=INTENSITIES,
        truth=np.column_stack([labels, labelled_overall(labels, labels)]),
        value=value,
        low=low,
        high=high,
        languages=languages,
        codes=text_codes(frame["text"].tolist()),
    )


def labelled_overall(values: Floats, labels: Floats) -> Floats:
    """Return the overall intensity of what is labelled, of labels or forecasts alike, (n,).

    NaN with fewer than `LABELS_FOR_OVERALL` emotions labelled: the strongest of one emotion is not
    the strongest of six. Parts that have no label are left out of both, or a forecast would be
    measured against a label that knows less.

    Parameters
    ----------
    values
        Labels or forecasts, (n, 8), columns as in `features.schema.TARGETS`.
    labels
        Shape (n, 8); NaN where not labelled.
    """
    known = np.isfinite(labels)
    enough = known[:, : len(EMOTIONS)].sum(axis=1) >= LABELS_FOR_OVERALL
    return np.where(enough, overall_of(np.where(known, values, np.nan)), np.nan)


def simple_intensities(
    rows: EmotionRows, texts: Sequence[str], model: "EmotionModel"
) -> dict[str, Floats]:
    """Return a constant, the length, and the character ridge that a version carries.

    Parameters
    ----------
    rows
        Labels of n texts.
    texts
        The same texts.
    model
        Whose character ridge is asked.

    Returns
    -------
    forecasts by name, each of the shape of `rows.truth`
    """
    opinions = model.characters(character_counts(texts))
    ridge = np.full(rows.truth.shape, np.nan)
    for place, name in enumerate(model.characters.outputs):
        ridge[:, rows.names.index(name)] = opinions[:, place]
    ridge[:, -1] = labelled_overall(ridge[:, :-1], rows.truth[:, :-1])
    lengths = np.log1p([min(len(text), LONG) for text in texts]) / np.log1p(LONG)
    return {
        "constant": np.zeros(rows.truth.shape),
        "length": np.tile(lengths[:, None], (1, rows.truth.shape[1])),
        "tfidf_ridge": ridge,
    }


def _known(languages: Sequence[str]) -> list[str | None]:
    return [None if code == UNKNOWN else code for code in languages]
