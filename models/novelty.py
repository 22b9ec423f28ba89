"""How unlike a post a text is: a fitted measure, not a rule about its length.

Told from the text's shape (`features.text.shape`), which is that of language whatever the language,
by trees that were fitted on posts against noise made from posts: mashed keys, blobs, code, records.
The result is the part of held-out posts that look more like posts, so a threshold on it refuses a
known part of them. A topic or a language that was not among the training posts is no noise:
embeddings could not tell a Russian post from a strange one.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Union

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray, Texts
from features.text.shape import shapes
from models.persistence import load_arrays, load_booster, save_arrays, save_booster

if TYPE_CHECKING:
    from lightgbm import Booster

QUANTILES = 2001
WITHIN = 0.9995
"""Novelty of the strangest held-out post; what is stranger still lies between this and 1."""

BEYOND = 10.0
"""How many log odds beyond it are a novelty of 1."""

FIGURES = "novelty.npz"
TREES = "novelty.txt.gz"

Floats = NDArray[np.float64]
Judge = Union["Booster", "Regression"]


@dataclass(frozen=True, eq=False)
class Regression:
    """A logistic regression on shapes and their products, in versions before the fifth format.

    Attributes
    ----------
    centre, scale
        Of the shapes, shape (k,); what is not known counts as the centre.
    weights
        Of `expanded` shapes, the last one by itself, shape (k + k (k + 1) / 2 + 1,).
    """

    centre: Floats
    scale: Floats
    weights: Floats

    def log_odds(self, shape: FloatArray) -> Floats:
        """Log odds of being noise, (n,)."""
        columns = expanded(standardised(shape, self.centre, self.scale))
        return np.asarray(columns @ self.weights[:-1] + self.weights[-1], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Novelty:
    """What judges shapes, and what it said of held-out posts.

    Attributes
    ----------
    judge
        Trees, or a regression in versions of before.
    odds
        Ascending log odds of being noise of held-out posts, shape (QUANTILES,).
    """

    judge: Judge
    odds: Floats

    def measure(self, texts: Texts) -> FloatArray:
        """Return how novel n texts are, 0..1, shape (n,)."""
        found = np.interp(log_odds(self.judge, shapes(texts)), *self._ladder)
        return np.asarray(found, dtype=np.float32)

    @cached_property
    def _ladder(self) -> tuple[Floats, Floats]:
        """Log odds, ascending, and the novelty of each."""
        places = np.append(np.linspace(0, WITHIN, len(self.odds)), 1.0)
        return np.append(self.odds, self.odds[-1] + BEYOND), places

    def save(self, folder: Path) -> None:
        """Write the judge and the quantiles into a folder."""
        arrays = {"odds": self.odds}
        if isinstance(self.judge, Regression):
            arrays |= vars(self.judge)
        else:
            save_booster(self.judge, folder / TREES)
        save_arrays(folder / FIGURES, arrays)

    @classmethod
    def load(cls, folder: Path) -> "Novelty":
        """Read a measure from a folder.

        Raises
        ------
        ModelError
            When a file is not readable.
        """
        arrays = {
            name: found.astype(np.float64) for name, found in load_arrays(folder / FIGURES).items()
        }
        odds = arrays.pop("odds")
        if (folder / TREES).exists():
            return cls(load_booster(folder / TREES), odds)
        return cls(Regression(**arrays), odds)


def log_odds(judge: Judge, shape: FloatArray) -> Floats:
    """Log odds of n texts of being noise, (n,)."""
    if isinstance(judge, Regression):
        return judge.log_odds(shape)
    return np.asarray(judge.predict(shape, raw_score=True, num_threads=1), dtype=np.float64)


def standardised(shape: FloatArray, centre: Floats, scale: Floats) -> Floats:
    """Shapes about their centre, in spreads, (n, k); zero for what is not known."""
    return np.nan_to_num((shape.astype(np.float64) - centre) / scale)


def expanded(columns: Floats) -> Floats:
    """The columns and their products, (n, k + k (k + 1) / 2)."""
    first, second = np.triu_indices(columns.shape[1])
    return np.hstack([columns, columns[:, first] * columns[:, second]])
