"""A second opinion on wording: which of two wordings gets further, told from runs of characters.

It is fitted on comparisons alone and speaks where nothing else is known: of drafts without a past.
What wins between two wordings of one thing is not what goes far among the posts of an account, so
it falls silent as an account's posts become known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray
from models.hashing import Sparse, unit_runs
from models.persistence import load_arrays, save_arrays
from models.textview import as_read

SHORTEST, LONGEST = 2, 5
"""Characters in a run."""

BITS = 15
"""32,768 slots: twice as many measured the same."""

SILENT_FROM = 10
"""Known posts of an account from which on nothing is added."""


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """Fitted weights; make them with `training.share.second_opinion`.

    Attributes
    ----------
    platforms
        k of which comparisons were fitted on.
    weights
        Of runs, in units of the score, shape (2**BITS, k).
    centre
        Means over the posts that the model was fitted on, (k,).
    lender
        The platform of which all others borrow; None where there is none that they can.
    """

    platforms: tuple[str, ...]
    weights: FloatArray
    centre: FloatArray
    lender: str | None

    def score(
        self, texts: Sequence[str], platforms: Sequence[str | None], known: FloatArray
    ) -> NDArray[np.float64]:
        """What it adds to the score of n drafts, (n,).

        Parameters
        ----------
        texts, platforms
            Of the drafts.
        known
            How many posts of their accounts are known, (n,); NaN is none.
        """
        added = np.zeros(len(texts))
        asked = np.flatnonzero(_loudness(known)).tolist()
        if asked:
            said = runs([texts[row] for row in asked]) @ self.weights
            added[asked] = self.heard(said, [platforms[row] for row in asked], known[asked])
        return added

    def heard(
        self, said: FloatArray, platforms: Sequence[str | None], known: FloatArray
    ) -> NDArray[np.float64]:
        """What is added where the runs of n drafts are read already, (n,).

        Parameters
        ----------
        said
            Their runs times the weights, (n, k).
        platforms, known
            As of `score`.
        """
        columns = np.array([self._column(platform) for platform in platforms], dtype=np.intp)
        theirs = (said - self.centre)[np.arange(len(said)), columns]
        return np.where(columns >= 0, _loudness(known) * theirs, 0.0)

    def _column(self, platform: str | None) -> int:
        name = platform if platform in self.platforms else self.lender
        return self.platforms.index(name) if name else -1

    def save(self, path: Path) -> None:
        """Write the weights, in half precision."""
        save_arrays(
            path,
            {
                "platforms": np.array(self.platforms, dtype=np.str_),
                "weights": self.weights.astype(np.float16),
                "centre": self.centre,
                "lender": np.array(self.lender or "", dtype=np.str_),
            },
        )

    @classmethod
    def load(cls, path: Path) -> "SecondOpinion":
        """Read the weights.

        Raises
        ------
        ModelError
            When the file cannot be read.
        """
        arrays = load_arrays(path)
        return cls(
            platforms=tuple(str(name) for name in arrays["platforms"]),
            weights=np.asarray(arrays["weights"], np.float32),
            centre=np.asarray(arrays["centre"], np.float32),
            lender=str(arrays["lender"]) or None,
        )


def _loudness(known: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(1 - np.nan_to_num(known) / SILENT_FROM, 0))


def runs(texts: Sequence[str]) -> Sparse:
    """Runs of characters within the words of n texts, rows of unit length, (n, 2**BITS)."""
    return unit_runs([as_read(text) for text in texts], SHORTEST, LONGEST, BITS)
