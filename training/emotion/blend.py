"""Weighing views of a text into one opinion, and bringing it onto the raters' scale."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.schema import EMOTIONS, TARGETS, FloatArray
from models.emotion import ANYWHERE, RANGES, SEVERAL, Blend, EmotionModel, overall_of
from models.scales import Scale
from training.emotion.auxiliary import NAMING
from training.emotion.keep import original

Floats = NDArray[np.float64]

BLEND_ALPHA = 30.0
"""Ridge penalty that draws a blend towards equal weights, in held-out texts."""

RATED_SHARE = 0.15
"""What rated texts count together, beside labels counting 1."""

LEAST_RATED = 100
"""Rated texts from which they are asked."""

DOUBT, TOLERATED = 0.75, 0.25
"""How much of the distance by which other voices hear more of an emotion than rated texts taught
is taken off, and how much of it is let pass, in standard deviations: see `_doubts`. Chosen on
Polish posts rated by people and on our own (BENCHMARKS.md)."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out texts with their labels, (n, 8), and the raw opinions of all views, (n, m).

    Beside them the same of rated texts in labelled languages that nothing learnt from, if any.
    """

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    truth: Floats
    raw: FloatArray
    rated: "HeldOut | None" = None

    def take(self, rows: NDArray[np.intp]) -> "HeldOut":
        """Return some of the rows."""
        return HeldOut(
            tuple(self.texts[row] for row in rows),
            tuple(self.languages[row] for row in rows),
            self.truth[rows],
            self.raw[rows],
            self.rated,
        )


def standardised(model: EmotionModel, raw: FloatArray) -> FloatArray:
    """Return raw opinions, (n, m), in the units of the model's views."""
    return np.asarray((raw - model.centre) / model.spread, dtype=np.float32)


def blended(blank: EmotionModel, held_out: HeldOut, targets: Sequence[str]) -> EmotionModel:
    """Return the model with views standardised and every blend fitted, without intervals.

    Languages with labelled intensities share `own`: heads of intensities and the character view, by
    ridge. What sets that only name emotions taught says nothing more here, and takes weight away.
    Of emotions it also answers for rated texts, a little: see `weights_of`.
    A language that only auxiliary sets speak gets the plain mean of its voices, on a straight
    scale: no label can tell weights or bends. A task of heads taught in it or in several is one
    voice, though an earlier model may have left a second head of it; the spelling of the language
    is another. Emotions that heads of rated texts do not hear are doubted. All the rest get ridge
    weights without the character view: spellings learnt in other languages are noise there.
    """
    centre = held_out.raw.mean(axis=0)
    spread = np.maximum(held_out.raw.std(axis=0), 1e-6)
    centre[blank.shared_views :], spread[blank.shared_views :] = 0, 1
    model = replace(blank, centre=centre, spread=spread)
    own = np.isin(held_out.languages, list(blank.measured))
    if own.sum() < len(own) / 2:
        own = np.ones(len(own), dtype=bool)
    rows = held_out.take(np.flatnonzero(own))
    others = {language: _plain(model, rows, targets, language) for language in unlabelled(model)}
    return replace(
        model,
        own=_weighed(model, rows, targets, characters=True, rated=rows.rated),
        others={**others, ANYWHERE: _weighed(model, rows, targets, characters=False, rated=None)},
    )


def unlabelled(model: EmotionModel) -> list[str]:
    """Return the languages without labelled intensities that auxiliary views speak."""
    spoken = {*model.auxiliaries.values(), *model.spellings}
    return sorted(spoken - model.measured - {SEVERAL})


def _weighed(
    model: EmotionModel,
    rows: HeldOut,
    targets: Sequence[str],
    characters: bool,
    rated: HeldOut | None,
) -> Blend:
    """Weigh heads as labels and, beside them, rated texts tell."""
    found = {}
    for name in targets:
        heads = model.heads.columns(name)
        measuring = [k for k in heads if _voice(model.heads.names[k]) not in NAMING]
        spelling = _characters(model, name) if characters or not heads else []
        found[name] = [*(measuring or heads), *spelling]
    return _blend(model, rows, found, None, rated)


def _characters(model: EmotionModel, target: str) -> list[int]:
    """Return the place of the character view of a target, if it has one."""
    known = target in model.characters.outputs
    return [len(model.heads.names) + model.characters.outputs.index(target)] if known else []


def _plain(model: EmotionModel, rows: HeldOut, targets: Sequence[str], language: str) -> Blend:
    found, views = {}, model.view_names
    # Of texts in other languages a spelling knows nothing: there it says what it says on average.
    rows = replace(rows, raw=rows.raw.copy())
    rows.raw[:, model.shared_views :] = 0
    for name in targets:
        columns = [*model.heads.columns(name)] or _characters(model, name)
        kept = [k for k in columns if _speaker(model, k) in (SEVERAL, language)]
        own = [k for k, view in enumerate(views) if view == f"{language}:{name}"]
        found[name] = [*(kept or columns), *own]
    blend = _blend(model, rows, found, [_voice(view) for view in views])
    return replace(blend, doubts=_doubts(model, found, blend.weights))


def _doubts(
    model: EmotionModel, columns: dict[str, list[int]], weights: FloatArray
) -> FloatArray | None:
    """Return what of an emotion is doubted, as of `models.emotion.Blend`; None without rated texts.

    Heads of sets that name emotions, and spellings, go by words: "I'm not afraid" is fear to them.
    Heads of rated texts read more than words, and know less of how strongly people feel.
    """
    doubts = np.zeros((len(weights) + 1, len(TARGETS)), np.float32)
    for name in set(EMOTIONS) & set(columns):
        at, place = np.array(columns[name]), TARGETS.index(name)
        rated = np.array([_is_rated(model, column) for column in at])
        if rated.all() or not rated.any():
            continue
        share = weights[at, place]
        sides = np.where(rated, -share / share[rated].sum(), share / share[~rated].sum())
        doubts[at, place], doubts[-1, place] = DOUBT * sides, -DOUBT * TOLERATED
    return doubts if doubts.any() else None


def _is_rated(model: EmotionModel, column: int) -> bool:
    """Whether a view is a head that rated texts taught."""
    if column >= len(model.heads.names):
        return False
    task = model.heads.names[column].split("/")[0]
    return task in model.auxiliaries and original(task) not in NAMING


def _voice(view: str) -> str:
    """Return what views of one target have in common that count as one."""
    return original(view.split("/")[0])


def _speaker(model: EmotionModel, column: int) -> str:
    """Return the language that a view was taught in; `SEVERAL` for intensities."""
    if column >= len(model.heads.names):
        return SEVERAL
    return model.auxiliaries.get(model.heads.names[column].split("/")[0], SEVERAL)


def _blend(
    model: EmotionModel,
    rows: HeldOut,
    columns: dict[str, list[int]],
    voices: Sequence[str] | None,
    rated: HeldOut | None = None,
) -> Blend:
    """Weigh the views in `columns` of each target: each of the voices alike, or as labels tell."""
    views = standardised(model, rows.raw)
    weights = np.zeros((views.shape[1], len(TARGETS)), np.float32)
    scales: list[Scale | None] = []
    for place, name in enumerate(TARGETS):
        labelled, found = ~np.isnan(rows.truth[:, place]), columns.get(name)
        if not found or not labelled.any():
            scales.append(None)
            continue
        x, y = views[labelled][:, found].astype(np.float64), rows.truth[labelled, place]
        if voices is None:
            share = weights_of(x, y, _told(model, rated, name, found))
        else:
            share = _alike([voices[k] for k in found])
        weights[found, place] = share
        scale = Scale.fit if voices is None else Scale.straight
        scales.append(scale(x @ share.astype(np.float32), y, *RANGES[name]))
    return Blend(weights, tuple(scales))


def _told(
    model: EmotionModel, rated: HeldOut | None, target: str, columns: Sequence[int]
) -> tuple[Floats, Floats] | None:
    """Return what views say of rated texts, (m, k), and their ratings; None where too few are."""
    if rated is None or target not in EMOTIONS:
        return None
    ratings = rated.truth[:, TARGETS.index(target)]
    known = ~np.isnan(ratings)
    if known.sum() < LEAST_RATED:
        return None
    views = standardised(model, rated.raw[known])[:, columns]
    return views.astype(np.float64), ratings[known]


def _alike(voices: Sequence[str]) -> Floats:
    """Return weights of views, by the voice of each, that give every voice the same."""
    counts = Counter(voices)
    return np.array([1 / (len(counts) * counts[voice]) for voice in voices])


def weights_of(x: Floats, y: Floats, rated: tuple[Floats, Floats] | None = None) -> Floats:
    """Return ridge weights, none below zero, that sum to 1; of few texts nearly equal ones.

    Parameters
    ----------
    x
        What k views say of n texts, (n, k).
    y
        What is true of them, (n,).
    rated
        What the views say of m rated texts, (m, k), and their ratings, (m,), of which the unit does
        not matter: weights answer for these with `RATED_SHARE` of what labels count.
    """
    from scipy.optimize import nnls

    views, truth = x - x.mean(axis=0), (y - y.mean()) / max(float(y.std()), 1e-6)
    k = x.shape[1]
    mean = views.mean(axis=1)
    slope = max(float(mean @ truth / max(float(mean @ mean), 1e-9)), 0)
    # Rows that ask every weight to be an equal share of the whole, as in a ridge they ask for zero.
    drawn = np.sqrt(BLEND_ALPHA) * np.eye(k)
    parts = [(views, truth), (drawn, drawn.sum(axis=0) * slope / k)]
    if rated is not None:
        said, ratings = (part - part.mean(axis=0) for part in rated)
        equal = slope * said.mean(axis=1)
        unit = float(equal.std()) / max(float(ratings.std()), 1e-6)
        weight = np.sqrt(RATED_SHARE * len(y) / len(ratings))
        parts.append((weight * said, weight * unit * ratings))
    weights, _ = nnls(*(np.concatenate(side) for side in zip(*parts, strict=True)))
    total = weights.sum()
    return weights / total if total > 0 else np.full(k, 1 / k)


def truth_of(held_out: HeldOut, value: Floats, targets: Sequence[str]) -> Floats:
    """Return the labels with `overall` of them beside, (n, 9).

    Parameters
    ----------
    held_out
        n texts.
    value
        Their forecasts, (n, 9).
    targets
        Those that are taught.
    """
    return np.column_stack([held_out.truth, true_overall(held_out.truth, value, targets)])


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
