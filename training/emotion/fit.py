"""Blends, scales and intervals, fitted on texts that the encoder never trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.schema import INTENSITIES, OVERALL, TARGETS, FloatArray
from models.conformal import Calibration
from models.emotion import ANYWHERE, Blend, EmotionForecast, EmotionModel
from models.views import CharacterView, LinearHeads
from training.emotion.blend import HeldOut, blended, standardised, truth_of
from training.emotion.silver import silver_errors, with_silver_scales
from training.emotion.unknown import Errors, with_unknown
from training.splits import group_folds, text_key
from training.tuning.heads import Head

Floats = NDArray[np.float64]

RIDGE_ALPHAS = np.logspace(-2, 2, 9)
"""Of unit-length embeddings."""

FOLDS = 5
"""Of cross-fitting on the held-out texts."""

LANGUAGE_TEXTS = 150
"""Labelled texts from which a language's intervals are its own: raters of one language spread their
labels wider than those of another. Fewer leave less than eight labels outside on each side."""


def linear_heads(heads: Mapping[str, Head], squashed: frozenset[str]) -> LinearHeads:
    """Join the heads of a fine-tuning; those of the tasks in `squashed` through a sigmoid."""
    names = [f"{task}/{output}" for task, head in heads.items() for output in head.outputs]
    return LinearHeads(
        tuple(names),
        np.hstack([head.weights for head in heads.values()]),
        np.hstack([head.bias for head in heads.values()]),
        np.array([name.split("/")[0] in squashed for name in names]),
    )


def ridge_heads(embeddings: FloatArray, labels: Mapping[str, pd.DataFrame]) -> LinearHeads:
    """Fit heads on an encoder as it is: ridge, its penalty chosen by leaving one out.

    Parameters
    ----------
    embeddings
        Shape (n, d).
    labels
        For each task n rows, one column per target, NaN where not labelled.
    """
    from sklearn.linear_model import RidgeCV

    heads: dict[str, Head] = {}
    for task, frame in labels.items():
        weights = np.zeros((embeddings.shape[1], frame.shape[1]), np.float32)
        bias = np.zeros(frame.shape[1], np.float32)
        for column, name in enumerate(frame):
            known = frame[name].notna().to_numpy()
            ridge = RidgeCV(RIDGE_ALPHAS).fit(embeddings[known], frame[name][known].to_numpy())
            weights[:, column], bias[column] = ridge.coef_, ridge.intercept_
        heads[task] = Head(tuple(frame.columns), weights, bias)
    return linear_heads(heads, frozenset())


def blank_model(
    encoder_digest: str,
    heads: LinearHeads,
    characters: CharacterView,
    measured: frozenset[str],
    languages: frozenset[str],
    judged: Mapping[str, frozenset[str]],
    auxiliaries: Mapping[str, str],
    spellings: Mapping[str, CharacterView],
) -> EmotionModel:
    """Return a model of settled views that forecasts nothing yet; see its attributes."""
    spelt = sum(len(view.outputs) for view in spellings.values())
    m = len(heads.names) + len(characters.outputs) + spelt
    silent = Blend(np.zeros((m, len(TARGETS)), np.float32), (None,) * len(TARGETS))
    return EmotionModel(
        encoder_digest,
        heads,
        characters,
        np.zeros(m, np.float32),
        np.ones(m, np.float32),
        silent,
        {ANYWHERE: silent},
        {},
        measured,
        languages,
        judged,
        auxiliaries,
        spellings,
    )


def fit(
    blank: EmotionModel,
    held_out: HeldOut,
    targets: Sequence[str],
    details: Mapping[str, Any] | None = None,
    apart: HeldOut | None = None,
) -> EmotionModel:
    """Return the model with blends, scales and intervals fitted on the held-out texts.

    Parameters
    ----------
    blank
        A model of which the views, the languages and the encoder are settled.
    held_out
        Their raw opinions.
    targets
        Those to be taught.
    details
        JSON values for the model's card.
    apart
        Rated texts that nothing learnt from and nothing is judged by: see
        `training.emotion.silver`.
    """
    value, expected = _cross_fitted(blank, held_out, targets)
    model = blended(blank, held_out, targets)
    calibrations = _calibrations(model, held_out, value, expected, targets)
    silver: dict[str, Errors] = {}
    if apart is not None:
        model = with_silver_scales(model, apart)
        silver = silver_errors(model, apart)
    calibrations = with_unknown(calibrations, blank, held_out, targets, silver)
    return replace(model, calibrations=calibrations, details=dict(details or {}))


def cross_forecast(
    blank: EmotionModel, held_out: HeldOut, targets: Sequence[str], seed: int = 1
) -> EmotionForecast:
    """Forecast each held-out text by a model fitted on the other held-out texts alone."""
    shape = (len(held_out.texts), len(INTENSITIES))
    value, low, high = (np.full(shape, np.nan, np.float32) for _ in range(3))
    for rest, part in _folds(held_out, seed):
        model = fit(blank, held_out.take(rest), targets)
        views = standardised(model, held_out.raw[part])
        languages = [held_out.languages[row] for row in part]
        value[part], low[part], high[part] = model.bounded(
            *model.point(views, languages), languages
        )
    return EmotionForecast(value, low, high)


def _folds(held_out: HeldOut, seed: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    folds = group_folds(map(text_key, held_out.texts), seed, FOLDS)
    return [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in range(FOLDS)]


def _cross_fitted(
    blank: EmotionModel, held_out: HeldOut, targets: Sequence[str]
) -> tuple[Floats, Floats]:
    """Values and expected errors, (n, 9) each, every row by a blend fitted on other rows."""
    value = np.full((len(held_out.texts), len(INTENSITIES)), np.nan)
    expected = value.copy()
    for rest, part in _folds(held_out, seed=0):
        model = blended(blank, held_out.take(rest), targets)
        languages = [held_out.languages[row] for row in part]
        value[part], expected[part] = model.point(
            standardised(model, held_out.raw[part]), languages
        )
    return value, expected


def _calibrations(
    model: EmotionModel,
    held_out: HeldOut,
    value: Floats,
    expected: Floats,
    targets: Sequence[str],
) -> dict[str, Calibration]:
    truth = truth_of(held_out, value, targets)
    found = {}
    for name in (*targets, OVERALL):
        k, judged = INTENSITIES.index(name), model.judged.get(name, model.measured)
        labelled = ~np.isnan(truth[:, k] - value[:, k])
        inside = labelled & np.isin(held_out.languages, list(judged))
        rows = np.flatnonzero(inside if inside.any() else labelled)
        if len(rows):
            found[name] = Calibration.fit(
                truth[rows, k] - value[rows, k],
                expected[rows, k],
                [(held_out.languages[row], ANYWHERE) for row in rows],
                LANGUAGE_TEXTS,
            )
    return found
