"""Conformal predictive distributions, by platform, language and how much history there is.

An interval that covers 90% on average may cover 70% where it matters. So each cell (platform x
language x history) that has posts enough is calibrated by itself; a smaller one falls back to the
next coarser cell. The distributions themselves are crepes'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from crepes import ConformalPredictiveSystem
from numpy.typing import NDArray

from models.persistence import load_arrays, save_arrays

Floats = NDArray[np.float64]

CONFIDENCE = 0.9
CELL_ROWS = 400
"""Fewer calibration posts than this leave the 5% tails to twenty posts or less."""

CELL_ACCOUNTS = 10
"""Accounts of a cell: the errors of one account lean one way, and tell little of another's."""

KEPT_ROWS = 1500
"""Errors kept per cell: more do not move a 5% quantile by what anyone would notice."""

FEWEST_ERRORS = 20
"""With fewer an interval of 90% has no ends: one error in twenty lies beyond each."""

BINS = ((1, "none"), (5, "first"), (20, "thin"))
"""Fewer known posts than these make a history of that name; more is `rich`."""

EVERYWHERE = "*"


def history_bin(known: float) -> str:
    """Return `none`, `first`, `thin` or `rich` for a number of known posts; NaN is none."""
    return next((name for limit, name in BINS if not known >= limit), "rich")


def cells(platform: str | None, language: str | None, known: float) -> tuple[str, ...]:
    """Return the cells a post belongs to, the finest first."""
    history = history_bin(known)
    return (
        f"{platform or EVERYWHERE}/{language or EVERYWHERE}/{history}",
        f"{platform or EVERYWHERE}/{EVERYWHERE}/{history}",
        f"{EVERYWHERE}/{EVERYWHERE}/{history}",
        f"{EVERYWHERE}/{EVERYWHERE}/{EVERYWHERE}",
    )


@dataclass(frozen=True, eq=False)
class Calibration:
    """Errors of held-out posts in units of their expected size, by cell.

    Attributes
    ----------
    errors
        Name of a cell -> ascending (outcome - score) / expected error, shape (m,).
    """

    errors: dict[str, Floats]

    @classmethod
    def fit(
        cls,
        residuals: Floats,
        expected: Floats,
        memberships: Sequence[tuple[str, ...]],
        fewest: int = CELL_ROWS,
        accounts: Sequence[str] | None = None,
    ) -> "Calibration":
        """Keep the errors of each cell that has enough of them; the last one always.

        Parameters
        ----------
        residuals
            Outcome less score of n posts whose accounts the score was not fitted on, (n,).
        expected
            Expected size of each error, positive, (n,).
        memberships
            `cells` of each post.
        fewest
            Posts that a cell needs to be calibrated by itself.
        accounts
            Whose posts they are, n names; then a cell needs `CELL_ACCOUNTS` of them as well. None
            where posts have nothing in common.
        """
        scaled = residuals / expected
        rows: dict[str, list[int]] = {}
        for row, names in enumerate(memberships):
            for name in names:
                rows.setdefault(name, []).append(row)
        last = memberships[0][-1]

        def enough(members: list[int]) -> bool:
            known = accounts is None or len({accounts[row] for row in members}) >= CELL_ACCOUNTS
            return known and len(members) >= fewest

        return cls(
            {
                name: _thinned(scaled[members])
                for name, members in sorted(rows.items())
                if name == last or enough(members)
            }
        )

    def cell_of(self, names: tuple[str, ...]) -> str:
        """Return the finest of a post's cells that was calibrated."""
        return next(name for name in names if name in self.errors)

    def interval(
        self, score: Floats, expected: Floats, memberships: Sequence[tuple[str, ...]]
    ) -> tuple[Floats, Floats]:
        """Return the bounds that hold 90% of outcomes, each of shape (n,)."""
        ends = np.array([self._ends[self.cell_of(names)] for names in memberships])
        ends = ends.reshape(-1, 2)
        return score + expected * ends[:, 0], score + expected * ends[:, 1]

    def middle(
        self, score: Floats, expected: Floats, memberships: Sequence[tuple[str, ...]]
    ) -> Floats:
        """Return what half of the outcomes lie above, (n,); see `interval`."""
        middles = [self._middles[self.cell_of(names)] for names in memberships]
        return np.asarray(score + expected * middles)

    def exceeds(
        self,
        score: Floats,
        expected: Floats,
        memberships: Sequence[tuple[str, ...]],
        limits: Floats,
    ) -> Floats:
        """Return the probability of an outcome above each of `limits`, (n,).

        It is above one half exactly where `middle` is above the limit. Where they are the same it
        is one half, or less where errors tie there: what lies at the limit is not above it.
        """
        needed, below = (limits - score) / expected, np.empty(len(score))
        found = np.array([self.cell_of(names) for names in memberships], dtype=np.str_)
        for cell in np.unique(found):
            errors, rows = self.errors[str(cell)], found == cell
            parts = (np.arange(len(errors)) + 0.5) / len(errors)
            below[rows] = np.interp(needed[rows], errors, parts)
        return 1 - below

    @cached_property
    def _middles(self) -> dict[str, float]:
        return {cell: float(np.median(errors)) for cell, errors in self.errors.items()}

    @cached_property
    def _ends(self) -> dict[str, tuple[float, float]]:
        """The 90% interval of every cell for a score of 0 and an expected error of 1.

        A distribution is the score plus the expected error times the cell's errors, so its ends
        are asked of crepes once and not for every post.
        """
        return {cell: self._ends_of(errors) for cell, errors in self.errors.items()}

    @staticmethod
    def _ends_of(errors: Floats) -> tuple[float, float]:
        if len(errors) < FEWEST_ERRORS:
            return -np.inf, np.inf
        system = ConformalPredictiveSystem().fit(errors, sigmas=np.ones_like(errors))
        low, high = system.predict_int(np.zeros(1), sigmas=np.ones(1), confidence=CONFIDENCE)[0]
        return float(low), float(high)

    def save(self, path: Path) -> None:
        """Write the errors of every cell."""
        names = sorted(self.errors)
        arrays = {str(place): self.errors[name] for place, name in enumerate(names)}
        save_arrays(
            path,
            {
                "cells": np.array(names, dtype=np.str_),
                **{place: errors.astype(np.float32) for place, errors in arrays.items()},
            },
        )

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Read a calibration.

        Raises
        ------
        ModelError
            When the file is not readable.
        """
        arrays = load_arrays(path)
        names = [str(name) for name in arrays.pop("cells")]
        return cls({name: arrays[str(i)].astype(np.float64) for i, name in enumerate(names)})


def _thinned(errors: Floats) -> Floats:
    """Ascending, evenly thinned to `KEPT_ROWS`: quantiles stay where they were."""
    ranked: Floats = np.sort(errors)
    if len(ranked) <= KEPT_ROWS:
        return ranked
    places = (np.arange(KEPT_ROWS) + 0.5) / KEPT_ROWS
    return np.asarray(np.quantile(ranked, places), dtype=np.float64)
