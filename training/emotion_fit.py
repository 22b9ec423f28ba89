"""Blends, scales and intervals, fitted on texts that the encoder never trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.schema import EMOTIONS, OVERALL, TARGETS, FloatArray
from models.conformal import Calibration
from models.emotion import COLUMNS, RANGES, Blend, EmotionForecast, EmotionModel, cells, overall_of
from models.scales import Scale
from models.views import CHARACTER_BITS, CharacterView, LinearHeads, character_counts, weighted
from training.heads import Head
from training.splits import group_folds, text_key

Floats = NDArray[np.float64]

CHARACTER_ALPHA = 1.0
"""Ridge penalty: of 0.3, 1 and 3 the best on EI-reg and BRIGHTER."""

RIDGE_ALPHAS = np.logspace(-2, 2, 9)
"""Of unit-length embeddings."""

BLEND_ALPHA = 30.0
"""Ridge penalty that draws a blend towards equal weights, in held-out texts."""

FOLDS = 5
"""Of cross-fitting on the held-out texts."""


def character_view(texts: Sequence[str], labels: pd.DataFrame) -> CharacterView:
    """Fit ridge weights on hashed characters, one target at a time where it is labelled.

    Parameters
    ----------
    texts
        n training texts.
    labels
        n rows, one column per target.
    """
    from sklearn.linear_model import Ridge

    counts = character_counts(texts)
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float16).astype(np.float32)
    rows = weighted(counts, idf)
    weights = np.zeros((2**CHARACTER_BITS, labels.shape[1]), np.float32)
    bias = np.zeros(labels.shape[1], np.float32)
    for column, name in enumerate(labels):
        known = labels[name].notna().to_numpy()
        ridge = Ridge(alpha=CHARACTER_ALPHA, solver="sparse_cg", tol=1e-3)
        ridge.fit(rows[known], labels[name][known].to_numpy(np.float32))
        weights[:, column], bias[column] = ridge.coef_, ridge.intercept_
    rounded = weights.astype(np.float16).astype(np.float32)
    return CharacterView(tuple(labels.columns), idf, rounded, bias)


def linear_heads(heads: Mapping[str, Head], squashed: frozenset[str]) -> LinearHeads:
    """Join the heads of a fine-tuning; those of the tasks in `squashed` through a sigmoid."""
    names = [f"{task}/{output}" for task, head in heads.items() for output in head.outputs]
    return LinearHeads(
        tuple(names),
        np.hstack([head.weights for head in heads.values()]),
        np.hstack([head.bias for head in heads.values()]),
        np.array([name.split("/")[0] in squashed for name in names]),
    )


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out texts with their labels, (n, 8), and the raw opinions of all views, (n, m)."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    truth: Floats
    raw: FloatArray

    def take(self, rows: NDArray[np.intp]) -> "HeldOut":
        """Return some of the rows."""
        return HeldOut(
            tuple(self.texts[row] for row in rows),
            tuple(self.languages[row] for row in rows),
            self.truth[rows],
            self.raw[rows],
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
) -> EmotionModel:
    """Return a model of settled views that forecasts nothing yet."""
    m = len(heads.names) + len(characters.outputs)
    silent = Blend(np.zeros((m, len(TARGETS)), np.float32), (None,) * len(TARGETS))
    return EmotionModel(
        encoder_digest,
        heads,
        characters,
        np.zeros(m, np.float32),
        np.ones(m, np.float32),
        silent,
        silent,
        {},
        measured,
        languages,
    )


def fit(
    blank: EmotionModel,
    held_out: HeldOut,
    targets: Sequence[str],
    details: Mapping[str, Any] | None = None,
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
    """
    value, expected = _cross_fitted(blank, held_out, targets)
    model = _blended(blank, held_out, targets)
    calibrations = _calibrations(model, held_out, value, expected, targets)
    return replace(model, calibrations=calibrations, details=dict(details or {}))


def cross_forecast(
    blank: EmotionModel, held_out: HeldOut, targets: Sequence[str], seed: int = 1
) -> EmotionForecast:
    """Forecast each held-out text by a model fitted on the other held-out texts alone."""
    shape = (len(held_out.texts), len(COLUMNS))
    value, low, high = (np.full(shape, np.nan, np.float32) for _ in range(3))
    for rest, part in _folds(held_out, seed):
        model = fit(blank, held_out.take(rest), targets)
        views = _standardised(model, held_out.raw[part])
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
    value = np.full((len(held_out.texts), len(COLUMNS)), np.nan)
    expected = value.copy()
    for rest, part in _folds(held_out, seed=0):
        model = _blended(blank, held_out.take(rest), targets)
        languages = [held_out.languages[row] for row in part]
        value[part], expected[part] = model.point(
            _standardised(model, held_out.raw[part]), languages
        )
    return value, expected


def _standardised(model: EmotionModel, raw: FloatArray) -> FloatArray:
    return np.asarray((raw - model.centre) / model.spread, dtype=np.float32)


def _blended(blank: EmotionModel, held_out: HeldOut, targets: Sequence[str]) -> EmotionModel:
    centre = held_out.raw.mean(axis=0)
    spread = np.maximum(held_out.raw.std(axis=0), 1e-6)
    model = replace(blank, centre=centre, spread=spread)
    views = _standardised(model, held_out.raw)
    own = np.array([language in blank.measured for language in held_out.languages], dtype=bool)
    if own.sum() < len(own) / 2:
        own = np.ones(len(own), dtype=bool)
    return replace(
        model,
        own=_blend(model, views, held_out.truth, targets, own, favour=True),
        other=_blend(model, views, held_out.truth, targets, own, favour=False),
    )


def _blend(
    model: EmotionModel,
    views: FloatArray,
    truth: Floats,
    targets: Sequence[str],
    rows: NDArray[np.bool_],
    favour: bool,
) -> Blend:
    weights = np.zeros((views.shape[1], len(TARGETS)), np.float32)
    scales: list[Scale | None] = []
    for column, name in enumerate(TARGETS):
        labelled = rows & ~np.isnan(truth[:, column])
        if name not in targets or not labelled.any():
            scales.append(None)
            continue
        found = view_columns(model, name, characters=favour)
        x, y = views[labelled][:, found].astype(np.float64), truth[labelled, column]
        share = _weights(x, y) if favour else np.full(len(found), 1 / len(found))
        weights[found, column] = share
        scales.append(Scale.fit(x @ share.astype(np.float32), y, *RANGES[name]))
    return Blend(weights, tuple(scales))


def view_columns(model: EmotionModel, target: str, characters: bool) -> list[int]:
    """Return the places of all views of a target; characters speak the training languages only."""
    found = list(model.heads.columns(target))
    if (characters or not found) and target in model.characters.outputs:
        found.append(len(model.heads.names) + model.characters.outputs.index(target))
    return found


def _weights(x: Floats, y: Floats) -> Floats:
    """Positive ridge weights that sum to 1, drawn towards equal ones where texts are few."""
    from sklearn.linear_model import Ridge

    scaled = (y - y.mean()) / max(float(y.std()), 1e-6)
    equal = x.mean(axis=1)
    slope = float(equal @ scaled / max(float(equal @ equal), 1e-9))
    # Ridge draws towards zero; shifting the target by the equal blend draws towards that instead.
    ridge = Ridge(alpha=BLEND_ALPHA, fit_intercept=True)
    extra = ridge.fit(x, scaled - slope * equal).coef_
    weights = np.maximum(extra + slope / x.shape[1], 0)
    total = weights.sum()
    return weights / total if total > 0 else np.full(x.shape[1], 1 / x.shape[1])


def _calibrations(
    model: EmotionModel,
    held_out: HeldOut,
    value: Floats,
    expected: Floats,
    targets: Sequence[str],
) -> dict[str, Calibration]:
    truth = np.column_stack([held_out.truth, true_overall(held_out.truth, value, targets)])
    found = {}
    for name in (*targets, OVERALL):
        k = COLUMNS.index(name)
        rows = np.flatnonzero(~np.isnan(truth[:, k] - value[:, k]))
        if len(rows):
            found[name] = Calibration.fit(
                truth[rows, k] - value[rows, k],
                expected[rows, k],
                [cells(held_out.languages[row], model.measured) for row in rows],
            )
    return found


def true_overall(truth: Floats, value: Floats, targets: Sequence[str]) -> Floats:
    """Return `overall` of the labels, (n,), NaN where too little is labelled to tell.

    No set labels emotions, valence and arousal together: what a row does not label is taken from
    its forecast, and at most one emotion may be missing.
    """
    taught = [k for k, name in enumerate(EMOTIONS) if name in targets]
    missing = np.isnan(truth[:, taught]).sum(axis=1)
    filled = np.where(np.isnan(truth), value[:, : len(TARGETS)], truth)
    enough = missing <= (1 if len(taught) > 2 else 0)
    return np.where(enough & bool(taught), overall_of(filled), np.nan)
