"""Linear opinions on a text: one from its embedding, one from its hashed characters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray
from features.text.cleaning import clean
from models.hashing import CHARACTERS, Sparse, counts, weighted
from models.products import product

CHARACTER_BITS = 16
"""65,536 slots for runs of two to five characters within a word."""

CHARACTER_KIND = "character"


@dataclass(frozen=True, eq=False)
class LinearHeads:
    """The heads that an encoder was fine-tuned with, or that were fitted on its embeddings.

    Attributes
    ----------
    names
        m times `task/output`.
    weights, bias
        Shapes (d, m) and (m,).
    squashed
        Shape (m,): True for a head whose opinion is the sigmoid of its output.
    """

    names: tuple[str, ...]
    weights: FloatArray
    bias: FloatArray
    squashed: NDArray[np.bool_]

    def __call__(self, embeddings: FloatArray) -> FloatArray:
        """Return the opinions, (n, m)."""
        outputs = product(embeddings, self.weights) + self.bias
        squashed = 1 / (1 + np.exp(-np.clip(outputs, -30, 30)))
        return np.where(self.squashed, squashed, outputs).astype(np.float32)

    def columns(self, output: str) -> tuple[int, ...]:
        """Return the places of all heads for an output, whichever task they come from."""
        return tuple(i for i, name in enumerate(self.names) if name.split("/")[1] == output)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks, each once."""
        return tuple(dict.fromkeys(name.split("/")[0] for name in self.names))

    def of_tasks(self, tasks: frozenset[str]) -> "LinearHeads":
        """Return the heads of some tasks alone."""
        at = [i for i, name in enumerate(self.names) if name.split("/")[0] in tasks]
        names = tuple(self.names[i] for i in at)
        return LinearHeads(names, self.weights[:, at], self.bias[at], self.squashed[at])

    def beside(self, others: "LinearHeads", prefix: str) -> "LinearHeads":
        """Return these heads and others on the same embeddings, whose tasks get a prefix."""
        if not others.names:
            return self
        return LinearHeads(
            (*self.names, *others.named(prefix).names),
            np.hstack([self.weights, others.weights]),
            np.hstack([self.bias, others.bias]),
            np.hstack([self.squashed, others.squashed]),
        )

    def named(self, prefix: str) -> "LinearHeads":
        """Return the heads with a prefix before the names of their tasks."""
        return replace(self, names=tuple(prefix + name for name in self.names))

    def reading(self, columns: slice) -> "LinearHeads":
        """Return the heads that read no other columns of the embeddings, on those alone."""
        others = self.weights.copy()
        others[columns] = 0
        at = np.flatnonzero(~others.any(axis=0))
        names = tuple(self.names[i] for i in at)
        weights = self.weights[columns][:, at]
        return LinearHeads(names, weights, self.bias[at], self.squashed[at])

    def within(self, dimension: int, first: int) -> "LinearHeads":
        """Return the heads on longer embeddings, of which theirs are the columns from `first`."""
        weights = np.zeros((dimension, len(self.names)), np.float32)
        weights[first : first + len(self.weights)] = self.weights
        return replace(self, weights=weights)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what has to be kept."""
        return {
            "head_names": np.array(self.names, dtype=np.str_),
            "head_weights": self.weights,
            "head_bias": self.bias,
            "head_squashed": self.squashed,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "LinearHeads":
        """Read `arrays` back."""
        names = tuple(str(name) for name in arrays["head_names"])
        return cls(
            names, arrays["head_weights"], arrays["head_bias"], arrays["head_squashed"].astype(bool)
        )


@dataclass(frozen=True, eq=False)
class CharacterView:
    """Ridge weights on hashed runs of characters: spelling, emoji, swear words, endings.

    Attributes
    ----------
    outputs
        k targets.
    idf
        Shape (2**CHARACTER_BITS,).
    weights, bias
        Shapes (2**CHARACTER_BITS, k) and (k,).
    """

    outputs: tuple[str, ...]
    idf: FloatArray
    weights: FloatArray
    bias: FloatArray

    def __call__(self, counted: Sparse) -> FloatArray:
        """Return the opinions on texts, (n, k), from what `character_counts` counts in them."""
        if not self.outputs or not counted.shape[0]:
            return np.zeros((counted.shape[0], len(self.outputs)), np.float32)
        rows = weighted(counted, self.idf)
        return np.asarray(rows @ self.weights + self.bias, dtype=np.float32)

    def arrays(self, kind: str = CHARACTER_KIND) -> dict[str, NDArray[Any]]:
        """Return what has to be kept, weights in half precision; names begin with the kind."""
        return {
            f"{kind}_outputs": np.array(self.outputs, dtype=np.str_),
            f"{kind}_idf": self.idf.astype(np.float16),
            f"{kind}_weights": self.weights.astype(np.float16),
            f"{kind}_bias": self.bias,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], kind: str = CHARACTER_KIND
    ) -> "CharacterView":
        """Read `arrays` back."""
        return cls(
            tuple(str(name) for name in arrays[f"{kind}_outputs"]),
            arrays[f"{kind}_idf"].astype(np.float32),
            arrays[f"{kind}_weights"].astype(np.float32),
            arrays[f"{kind}_bias"],
        )


def character_counts(texts: Sequence[str]) -> Sparse:
    """Return log1p counts of hashed runs of characters, csr of shape (n, 2**CHARACTER_BITS)."""
    return counts([clean(text) for text in texts], CHARACTERS, 2, 5, CHARACTER_BITS)
