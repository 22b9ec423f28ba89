"""How unlike a post a text is: a fitted measure, not a rule about its length.

Told from the text's shape (`features.text.shape`), which is that of language whatever the language,
by a logistic regression that was fitted on posts against noise made from posts: mashed keys, blobs,
code, records. The result is the part of held-out posts that look more like posts, so a threshold on
it refuses a known part of them. A topic or a language that was not among the training posts is no
noise: embeddings, which earlier versions went by, could not tell a Russian post from a strange one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray, Texts
from features.text.shape import shapes
from models.persistence import load_arrays, save_arrays

QUANTILES = 2001
WITHIN = 0.9995
"""Novelty of the strangest held-out post; what is stranger still lies between this and 1."""

BEYOND = 10.0
"""How many log odds beyond it are a novelty of 1."""

CENTRE_WITHIN, CENTRE_BEYOND = 0.99, 1.5
Floats = NDArray[np.float64]


class Novelty(Protocol):
    """What a share model refuses by."""

    def measure(self, texts: Texts, embeddings: FloatArray) -> FloatArray:
        """Return how novel n texts are, 0..1, shape (n,)."""

    def save(self, path: Path) -> None:
        """Write the measure."""


@dataclass(frozen=True, eq=False)
class ShapeNovelty:
    """A logistic regression on shapes and their products.

    Attributes
    ----------
    centre, scale
        Of the shapes, shape (k,); what is not known counts as the centre.
    weights
        Of `expanded` shapes, the last one by itself, shape (k + k (k + 1) / 2 + 1,).
    odds
        Ascending log odds of being noise of held-out posts, shape (QUANTILES,).
    """

    centre: Floats
    scale: Floats
    weights: Floats
    odds: Floats

    def measure(self, texts: Texts, embeddings: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return how novel n texts are, 0..1, shape (n,)."""
        places = np.append(np.linspace(0, WITHIN, len(self.odds)), 1.0)
        marks = np.append(self.odds, self.odds[-1] + BEYOND)
        return np.asarray(np.interp(self.log_odds(shapes(texts)), marks, places), dtype=np.float32)

    def log_odds(self, shape: FloatArray) -> Floats:
        """Log odds of being noise, (n,)."""
        columns = expanded(standardised(shape, self.centre, self.scale))
        return np.asarray(columns @ self.weights[:-1] + self.weights[-1], dtype=np.float64)

    def save(self, path: Path) -> None:
        """Write the regression and the quantiles."""
        arrays = {"centre": self.centre, "scale": self.scale}
        save_arrays(path, {**arrays, "weights": self.weights, "odds": self.odds})


@dataclass(frozen=True, eq=False)
class CentreNovelty:
    """The measure of earlier versions: the distance of an embedding to centres of posts.

    Attributes
    ----------
    centres
        Shape (c, d), of unit length.
    distances
        Ascending quantiles of held-out posts' distances.
    """

    centres: FloatArray
    distances: Floats

    def measure(self, texts: Texts, embeddings: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return how novel n texts are, 0..1, shape (n,)."""
        places = np.append(np.linspace(0, CENTRE_WITHIN, len(self.distances)), 1.0)
        marks = np.append(self.distances, CENTRE_BEYOND * self.distances[-1])
        found = 1 - (embeddings @ self.centres.T).max(axis=1).astype(np.float64)
        return np.asarray(np.interp(found, marks, places), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write centres and distances."""
        save_arrays(path, {"centres": self.centres.astype(np.float16), "distances": self.distances})


def load_novelty(path: Path) -> Novelty:
    """Read a novelty measure of this or an earlier version.

    Raises
    ------
    ModelError
        When the file is not readable.
    """
    arrays = load_arrays(path)
    if "centres" in arrays:
        return CentreNovelty(
            arrays["centres"].astype(np.float32), arrays["distances"].astype(np.float64)
        )
    names = ("centre", "scale", "weights", "odds")
    return ShapeNovelty(*(arrays[name].astype(np.float64) for name in names))


def standardised(shape: FloatArray, centre: Floats, scale: Floats) -> Floats:
    """Shapes about their centre, in spreads, (n, k); zero for what is not known."""
    return np.nan_to_num((shape.astype(np.float64) - centre) / scale)


def expanded(columns: Floats) -> Floats:
    """The columns and their products, (n, k + k (k + 1) / 2)."""
    first, second = np.triu_indices(columns.shape[1])
    return np.hstack([columns, columns[:, first] * columns[:, second]])
