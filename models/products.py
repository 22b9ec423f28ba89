"""Products of rows and weights that come out the same whatever rows stand beside them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def product(rows: NDArray[Any], weights: NDArray[Any]) -> Floats:
    """Multiply n rows by weights, in double precision.

    A matrix library adds up in another order for another number of rows. In single precision that
    shows in the last digits of an answer, so that a draft scored alone would differ from the same
    draft scored among others; in double precision it is lost when the result is rounded.

    Parameters
    ----------
    rows
        Shape (n, d).
    weights
        Shape (d, k).

    Returns
    -------
    ndarray of shape (n, k)
    """
    return np.asarray(np.asarray(rows, dtype=np.float64) @ np.asarray(weights, dtype=np.float64))
