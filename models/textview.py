"""Linear views of a text: what its words, and what its meaning, say about being passed on.

A view has two halves that are fitted apart and kept apart: hashed words (who writes "breaking" is
shared) and the dense half, the embedding beside the surface counts. Each output is one question:
how posts did against their account's baseline, or which wording won on one platform.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray
from features.text import surface
from features.text.cleaning import LINK, MENTION, plain
from models.hashing import WORDS, Sparse, counts
from models.persistence import load_arrays, save_arrays
from models.products import product

BITS = 16
"""65,536 word slots: four times as many measured the same, and weigh four times as much."""

FARTHEST = 3.0
"""Standard deviations beyond which a dense column tells nothing more."""

POSTS = "posts"


@dataclass(frozen=True, eq=False)
class TextView:
    """Fitted weights of k outputs.

    Attributes
    ----------
    outputs
        `posts`, or a platform whose comparisons the weights were fitted on.
    idf
        Shape (2**BITS,): rare words weigh more.
    words
        Shape (2**BITS, k).
    centre, scale
        Shape (d,), of the dense columns.
    dense
        Shape (d, k), for standardised columns.
    """

    outputs: tuple[str, ...]
    idf: FloatArray
    words: FloatArray
    centre: FloatArray
    scale: FloatArray
    dense: FloatArray

    def score(self, words: Sparse, dense: FloatArray) -> FloatArray:
        """Score texts by their `word_counts`, weighted by `idf`, and their `dense_columns`.

        Returns
        -------
        ndarray of shape (n, 2 k)
            For each output, the words' score and then the dense half's.
        """
        said = words @ self.words
        meaning = product(standardised(dense, self.centre, self.scale), self.dense)
        return np.stack([said, meaning], axis=2).reshape(len(dense), -1).astype(np.float32)

    @property
    def names(self) -> tuple[str, ...]:
        """One name per column of `score`."""
        return tuple(f"{name}_{half}" for name in self.outputs for half in ("words", "dense"))

    def save(self, path: Path) -> None:
        """Write the view; weights are rounded to half precision."""
        kept = self.rounded()
        save_arrays(
            path,
            {
                "outputs": np.array(kept.outputs, dtype=np.str_),
                "idf": kept.idf.astype(np.float16),
                "words": kept.words.astype(np.float16),
                "centre": kept.centre,
                "scale": kept.scale,
                "dense": kept.dense,
            },
        )

    @classmethod
    def load(cls, path: Path) -> "TextView":
        """Read a view.

        Raises
        ------
        ModelError
            When the file is not a readable view.
        """
        arrays = load_arrays(path)
        outputs = tuple(str(name) for name in arrays.pop("outputs"))
        return cls(outputs, **{name: np.asarray(a, np.float32) for name, a in arrays.items()})

    def rounded(self) -> "TextView":
        """The view as it will be after saving and loading: fit what follows on this one."""
        return replace(
            self,
            idf=self.idf.astype(np.float16).astype(np.float32),
            words=self.words.astype(np.float16).astype(np.float32),
        )


def word_counts(texts: Sequence[str]) -> Sparse:
    """Hashed words and pairs of words, log1p of their counts; stateless.

    Returns
    -------
    csr_matrix of shape (n, 2**BITS)
    """
    return counts([as_read(text) for text in texts], WORDS, 1, 2, BITS)


def dense_columns(embeddings: FloatArray, counted: FloatArray) -> FloatArray:
    """The embedding beside the surface counts.

    Parameters
    ----------
    embeddings
        Shape (n, d).
    counted
        Shape (n, s), beginning with the columns of `features.text.surface`.

    Returns
    -------
    ndarray of shape (n, d + len(features.text.surface.NAMES))
    """
    counts = np.nan_to_num(counted[:, : len(surface.NAMES)])
    return np.hstack([embeddings, counts]).astype(np.float32, copy=False)


def standardised(dense: FloatArray, centre: FloatArray, scale: FloatArray) -> FloatArray:
    """Dense columns in standard deviations, none further than `FARTHEST` from its mean.

    Counts are rare and small: linear weights would let five pleas to share outweigh all the rest.
    """
    columns = np.subtract(dense, centre, dtype=np.float32)
    columns /= scale
    return np.clip(columns, -FARTHEST, FARTHEST, out=columns)


def smooth_idf(counted: Sparse) -> NDArray[np.float32]:
    """Inverse document frequency as scikit-learn smooths it."""
    seen = np.bincount(counted.indices, minlength=counted.shape[1])
    return np.asarray(np.log((1 + counted.shape[0]) / (1 + seen)) + 1, dtype=np.float32)


def as_read(text: str) -> str:
    """Return a text as words are told in it: mentions and links are all the same."""
    return MENTION.sub(" @user ", LINK.sub(" http ", plain(text)))
