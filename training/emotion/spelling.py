"""Fitting ridges on hashed characters: of labelled texts, and of languages that are only rated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from features.schema import FloatArray
from models.emotion import EmotionModel
from models.hashing import weighted
from models.views import CHARACTER_BITS, CharacterView, character_counts
from training.emotion.auxiliary import Labelled
from training.emotion.blend import HeldOut

CHARACTER_ALPHA = 1.0
"""Ridge penalty: of 0.3, 1 and 3 the best on EI-reg and BRIGHTER."""

SPELLING_TEXTS = 1000
"""Rated texts from which a language without labels has a view of its own spelling. With so many
Polish ones, people's ratings of other texts were forecast as without; with 4,000 better."""


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


def spelling_views(
    taught: Iterable[Labelled],
    apart: Iterable[Labelled],
    measured: frozenset[str],
    known: Mapping[str, CharacterView],
) -> dict[str, CharacterView]:
    """Return character views of languages without labels, from rated texts, where there are many.

    Parameters
    ----------
    taught
        Sets to learn from; those that are not rated are left out.
    apart
        Rated texts that nothing learns from. They tell the view's unit alone: on those of the
        language an opinion is 0 on average, its standard deviation 1.
    measured
        Languages with labels: characters of labelled texts tell more.
    known
        Views of an earlier model, kept where there are not texts enough for another.

    Returns
    -------
    dict
        Language -> view, in alphabetical order.
    """
    rated = _by_language(part for part in taught if part.rated and part.language)
    aside = _by_language(apart)
    found = dict(known)
    for code in set(rated) & set(aside):
        labels = rated[code].drop(columns="text")
        labels = labels.loc[:, labels.notna().sum() >= SPELLING_TEXTS]
        labels = labels.loc[:, labels.nunique() > 1]
        if labels.shape[1]:
            view = character_view(tuple(rated[code]["text"]), labels)
            found[code] = _in_units(view, view(character_counts(tuple(aside[code]["text"]))))
    return {code: found[code] for code in sorted(set(found) - measured)}


def without_spellings(model: EmotionModel, held_out: HeldOut) -> tuple[EmotionModel, HeldOut]:
    """Return the model and its opinions with spellings that say nothing of any target.

    Parameters
    ----------
    model
        Not yet blended; that its languages have spellings stays known.
    held_out
        Opinions of all of its views.
    """
    silent = {
        code: replace(view, outputs=(), weights=view.weights[:, :0], bias=view.bias[:0])
        for code, view in model.spellings.items()
    }
    shared, rated = model.shared_views, held_out.rated
    if rated is not None:
        rated = replace(rated, raw=rated.raw[:, :shared])
    return replace(model, spellings=silent), replace(
        held_out, raw=held_out.raw[:, :shared], rated=rated
    )


def _by_language(sets: Iterable[Labelled]) -> dict[str, pd.DataFrame]:
    frames: dict[str, list[pd.DataFrame]] = {}
    for part in sets:
        labels = pd.DataFrame(part.labels, columns=pd.Index(part.outputs))
        frames.setdefault(part.language, []).append(labels.assign(text=part.texts))
    return {code: pd.concat(parts, ignore_index=True) for code, parts in frames.items()}


def _in_units(view: CharacterView, said: FloatArray) -> CharacterView:
    """Return the view with its mean and its spread brought to 0 and 1, where `said` was said."""
    spread = np.maximum(said.std(axis=0), 1e-6)
    weights = (view.weights / spread).astype(np.float16).astype(np.float32)
    return replace(view, weights=weights, bias=(view.bias - said.mean(axis=0)) / spread)
