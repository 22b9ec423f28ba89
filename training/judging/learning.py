"""Would more data help? A simple model refitted on parts of the data, measured on held-out rows.

The encoder has seen all of the training data, so a curve of the whole model would be flat for the
wrong reason. The curve is that of a ridge on the words or characters alone, which is refitted on
each part; the whole model stands beside it as one point.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.judging.bootstrap import Floats
from training.record.plots import Line
from training.splits import hash_shares

PARTS = (0.125, 0.25, 0.5, 1.0)
SMALLEST_PART = 50
"""Rows below which a part teaches nothing worth a point."""

Rows = NDArray[np.intp]


def nested_parts(keys: Sequence[str], seed: int) -> list[Rows]:
    """Return rows in growing parts, each within the next; equal keys stay together.

    Parameters
    ----------
    keys
        Text, account or group of n rows.
    seed
        Chooses which come first.

    Returns
    -------
    list of row numbers, the smallest part first, the last one all rows
    """
    place = hash_shares(keys, f"prescore learning {seed}")
    parts = [np.flatnonzero(place < part) for part in PARTS]
    return [part for part in parts if len(part) >= SMALLEST_PART] or [parts[-1]]


def curve(
    parts: Sequence[Rows],
    sizes: Sequence[int],
    measure: Callable[[Rows], float],
    whole: float,
    names: tuple[str, str],
) -> tuple[Line, ...]:
    """Return the lines of `plots.learning_figure`, or none where nothing could be drawn.

    Parameters
    ----------
    parts
        Of `nested_parts`.
    sizes
        What the figure counts: rows or accounts of each part.
    measure
        Fits on some rows and returns the metric on held-out rows.
    whole
        The metric of the model itself.
    names
        Of the refitted model and of the model itself.
    """
    counts: Floats = np.array(sizes, dtype=np.float64)
    found = np.array([measure(part) for part in parts])
    kept = np.isfinite(found)
    if kept.sum() < 2 or not np.isfinite(whole):
        return ()
    return (
        Line(names[0], counts[kept].tolist(), found[kept].tolist()),
        Line(names[1], [float(counts[-1])], [whole]),
    )
