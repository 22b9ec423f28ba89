"""Sentences that say the same in two languages, found among sets labelled alike.

XED's Polish lines are translations of its English ones, but the published files do not say of
which. Nearest neighbours in a multilingual encoder tell most of them, and the labels, which were
carried over from the original, sort out the wrong ones. Fine-tuning then keeps the two alike, so
that a draft and its translation are given the same forecast.
"""

from collections.abc import Iterator, Sequence
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


class Embed(Protocol):
    """Texts to unit-length vectors, (n, d)."""

    def __call__(self, texts: Sequence[str], /) -> FloatArray: ...  # noqa: D102


def in_two_languages(sets: Sequence[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """Yield the sets that hold the same labels in different languages, two by two."""
    for first, second in combinations(sets, 2):
        if first.language != second.language and first.outputs == second.outputs:
            yield first, second


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
    return Task(
        name=f"translations-{first.name}-{second.name}",
        texts=tuple(first.texts[row] for row in kept[:, 0]),
        rivals=tuple(second.texts[row] for row in kept[:, 1]),
        targets=np.zeros((len(kept), 0)),
        loss="mirror",
        outputs=(),
        passes=PASSES,
    )


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
