"""How unlike the training posts a text is: a fitted measure, not a rule about its length.

The distance of an embedding to the nearest of some hundred centres of the training posts, read as
the part of held-out posts that lie nearer; 1 is kept for what lies half as far again as any of
them. A language that was not among the training posts lies a fifth beyond, and is no stranger.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray
from models.persistence import load_arrays, save_arrays

CENTRES = 128
QUANTILES = 1001
WITHIN, BEYOND = 0.99, 1.5
"""Novelty of the farthest held-out post, and how many times its distance make a novelty of 1."""


@dataclass(frozen=True, eq=False)
class Novelty:
    """Centres of the training posts and how far held-out posts lie from them.

    Attributes
    ----------
    centres
        Shape (c, d), of unit length.
    distances
        Shape (QUANTILES,), ascending quantiles of held-out posts' distances.
    """

    centres: FloatArray
    distances: NDArray[np.float64]

    @classmethod
    def fit(cls, embeddings: FloatArray, held_out: FloatArray, seed: int) -> "Novelty":
        """Find the centres of some posts, and measure others against them.

        Parameters
        ----------
        embeddings
            Of unit length, shape (n, d).
        held_out
            Of posts of other accounts, shape (m, d).
        seed
            Of the clustering.
        """
        from sklearn.cluster import MiniBatchKMeans

        count = min(CENTRES, len(embeddings))
        clusters = MiniBatchKMeans(count, random_state=seed, n_init=1, batch_size=2048)
        centres = clusters.fit(embeddings).cluster_centers_
        lengths = np.linalg.norm(centres, axis=1, keepdims=True)
        centres = (centres / np.maximum(lengths, 1e-9)).astype(np.float16).astype(np.float32)
        distances = _distances(held_out, centres)
        return cls(centres, np.quantile(distances, np.linspace(0, 1, QUANTILES)))

    def measure(self, embeddings: FloatArray) -> FloatArray:
        """Return how novel embeddings are, 0..1, shape (n,)."""
        places = np.append(np.linspace(0, WITHIN, len(self.distances)), 1.0)
        marks = np.append(self.distances, BEYOND * self.distances[-1])
        found = np.interp(_distances(embeddings, self.centres), marks, places)
        return np.asarray(found, dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write centres and distances."""
        save_arrays(path, {"centres": self.centres.astype(np.float16), "distances": self.distances})

    @classmethod
    def load(cls, path: Path) -> "Novelty":
        """Read a novelty measure.

        Raises
        ------
        ModelError
            When the file is not readable.
        """
        arrays = load_arrays(path)
        return cls(arrays["centres"].astype(np.float32), arrays["distances"].astype(np.float64))


def _distances(embeddings: FloatArray, centres: FloatArray) -> NDArray[np.float64]:
    """Cosine distance to the nearest centre, (n,)."""
    nearest = (embeddings @ centres.T).max(axis=1)
    return np.asarray(1 - nearest, dtype=np.float64)
