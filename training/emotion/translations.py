"""Sentences that say the same in two languages: told by their keys, or found among labelled sets.

XED's Polish lines are translations of its English ones, but the published files do not say of
which. Nearest neighbours in a multilingual encoder tell most of them, and the labels, which were
carried over from the original, sort out the wrong ones. Fine-tuning then keeps the two alike, so
that a draft and its translation are given the same forecast.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray
from training.emotion.auxiliary import Labelled
from training.tuning.tasks import Task

NEIGHBOURS = 4
"""Whose mean similarity a candidate's is measured against (Artetxe & Schwenk 2019)."""

LEAST_MARGIN = 1.0
CHUNK = 1024
PASSES = 2.0
TOLD_PASSES = 6.0
"""Over translations that keys tell: fewer than those found, and none of them wrong."""


class Embed(Protocol):
    """Texts to unit-length vectors, (n, d)."""

    def __call__(self, texts: Sequence[str], /) -> FloatArray: ...  # noqa: D102


def translation_tasks(sets: Sequence[Labelled], embed: Embed) -> list[Task]:
    """Return all translations among sets as tasks: those that keys tell, and those to be found.

    Parameters
    ----------
    sets, embed
        As of `translation_task`.
    """
    told = [
        told_task(first, second)
        for first, second in combinations([part for part in sets if part.keys], 2)
        if first.name == second.name
    ]
    found = [translation_task(*pair, embed) for pair in in_two_languages(sets)]
    return [task for task in (*told, *found) if len(task)]


def in_two_languages(sets: Sequence[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """Yield the sets that hold the same labels in different languages, two by two.

    Rated sets are left out: two texts are hardly rated alike, and those say what translates what.
    """
    for first, second in combinations([part for part in sets if not part.rated], 2):
        if first.language != second.language and first.outputs == second.outputs:
            yield first, second


def told_task(first: Labelled, second: Labelled) -> Task:
    """Return the texts that have the same key in both sets, as a task: see `translation_task`.

    A key that a set has twice is no name of a text, but of its author, say.
    """
    mine, theirs = _by_key(first), _by_key(second)
    shared = [(text, theirs[key]) for key, text in mine.items() if key in theirs]
    return replace(_alike(first, second, shared), passes=TOLD_PASSES)


def translation_task(first: Labelled, second: Labelled, embed: Embed) -> Task:
    """Return the translations among two sets as a task: both sides should embed alike.

    Parameters
    ----------
    first, second
        Of different languages, with the same labels.
    embed
        An encoder that knows both languages, before it was tuned for anything else.
    """
    pairs = mined(embed(first.texts), embed(second.texts))
    alike = (first.labels[pairs[:, 0]] == second.labels[pairs[:, 1]]).all(axis=1)
    kept = pairs[alike]
    shared = [(first.texts[mine], second.texts[theirs]) for mine, theirs in kept]
    return _alike(first, second, shared)


def _alike(first: Labelled, second: Labelled, pairs: Sequence[tuple[str, str]]) -> Task:
    return Task(
        name=f"translations-{_named(first)}-{_named(second)}",
        texts=tuple(text for text, _ in pairs),
        rivals=tuple(text for _, text in pairs),
        targets=np.zeros((len(pairs), 0)),
        loss="mirror",
        outputs=(),
        passes=PASSES,
    )


def _by_key(part: Labelled) -> dict[str, str]:
    counts = Counter(part.keys)
    pairs = zip(part.keys, part.texts, strict=True)
    return {key: text for key, text in pairs if key and counts[key] == 1}


def _named(part: Labelled) -> str:
    return f"{part.name}-{part.language}" if part.rated else part.name


def mined(first: FloatArray, second: FloatArray) -> NDArray[np.intp]:
    """Return the rows that are each other's best by margin, and closer than their neighbours are.

    Parameters
    ----------
    first, second
        Unit-length vectors, (n, d) and (m, d).

    Returns
    -------
    ndarray of shape (p, 2)
        A row of `first` and the row of `second` that translates it.

    References
    ----------
    Artetxe & Schwenk (2019), Margin-based Parallel Corpus Mining, the ratio margin.
    """
    mine, theirs = neighbourhood(first, second), neighbourhood(second, first)
    there, margin = best_by_margin(first, second, mine, theirs)
    back, _ = best_by_margin(second, first, theirs, mine)
    rows = np.flatnonzero((back[there] == np.arange(len(first))) & (margin > LEAST_MARGIN))
    return np.column_stack([rows, there[rows]])


def neighbourhood(rows: FloatArray, others: FloatArray) -> FloatArray:
    """Return the mean similarity of each row to its nearest of the others, (n,)."""
    k = min(NEIGHBOURS, len(others))
    parts = [np.partition(part @ others.T, -k, axis=1)[:, -k:] for part in _chunks(rows)]
    return np.concatenate([part.mean(axis=1) for part in parts])


def best_by_margin(
    rows: FloatArray, others: FloatArray, mine: FloatArray, theirs: FloatArray
) -> tuple[NDArray[np.intp], FloatArray]:
    """Return each row's best partner among the others and its margin, both (n,).

    Parameters
    ----------
    rows, others
        Unit-length vectors, (n, d) and (m, d).
    mine, theirs
        Their `neighbourhood` in the other side.
    """
    best, margins, at = [], [], 0
    for part in _chunks(rows):
        scale = (mine[at : at + len(part), None] + theirs[None, :]) / 2
        margin = part @ others.T / np.maximum(scale, 1e-6)
        best.append(margin.argmax(axis=1))
        margins.append(margin.max(axis=1))
        at += len(part)
    return np.concatenate(best), np.concatenate(margins)


def _chunks(rows: FloatArray) -> Iterator[FloatArray]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
