"""The order in which fine-tuning sees its rows: spread over the run, alike in length per batch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.tuning.tasks import Task

WINDOW = 64
"""Batches whose rows are sorted by length together. Larger pads less but shuffles less."""

IntArray = NDArray[np.int64]


def visits(tasks: Sequence[Task], rng: np.random.Generator) -> IntArray:
    """Return (task, row) for every visit of the run, in order, shape (v, 2).

    The c-th of a row's p passes falls at random into the c-th p-th of the run, so that a row does
    not come twice in short succession and all tasks run from beginning to end.
    """
    rows, places = [], []
    for number, task in enumerate(tasks):
        repeats = int(np.ceil(task.passes))
        for turn in range(repeats):
            part = min(task.passes - turn, 1.0)
            chosen = np.flatnonzero(rng.random(len(task)) < part)
            rows.append(np.column_stack([np.full_like(chosen, number), chosen]))
            places.append((turn + rng.random(len(chosen))) / repeats)
    order = np.argsort(np.concatenate(places), kind="stable")
    return np.concatenate(rows)[order]


def batches(lengths: IntArray, size: int, rng: np.random.Generator) -> list[IntArray]:
    """Cut visits, given by their lengths in tokens, into batches of about equal lengths.

    Returns
    -------
    list of ndarray
        Positions in `lengths`; each occurs once.
    """
    cut: list[IntArray] = []
    for start in range(0, len(lengths), size * WINDOW):
        window = np.arange(start, min(start + size * WINDOW, len(lengths)))
        by_length = window[np.argsort(lengths[window], kind="stable")]
        pieces = [by_length[i : i + size] for i in range(0, len(by_length), size)]
        cut.extend(pieces[i] for i in rng.permutation(len(pieces)))
    return cut
