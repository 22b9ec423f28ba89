"""Drafts as the share model's trees see them, and what each set of trees says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.account.history import KNOWN, LEVEL, SPREAD
from features.clock import clock
from features.schema import FloatArray, Post
from models.conformal import cells
from models.population import ANY
from models.share_columns import (
    CLOCK_AT,
    FAMILIES,
    RECALLED,
    TEXT,
    assemble,
    drift_columns,
    error_columns,
    families_of,
)

if TYPE_CHECKING:
    from lightgbm import Booster

Floats = NDArray[np.float64]
SMALLEST_ERROR = 0.1
LUCK = 1.0
"""`Blend.luck` where there are too few posts to tell: what held-out accounts showed."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Drafts as the trees see them.

    Attributes
    ----------
    platforms, languages
        n names or None.
    embeddings, views, fixed, states, recalled
        The five blocks of columns, n rows each, in this order.
    opinion
        What the second opinion adds, (n,): see `models.second_opinion`.
    """

    platforms: Sequence[str | None]
    languages: Sequence[str | None]
    embeddings: FloatArray
    views: FloatArray
    fixed: FloatArray
    states: FloatArray
    recalled: FloatArray
    opinion: Floats

    def columns(self) -> FloatArray:
        """The blocks side by side."""
        return assemble(self.embeddings, self.views, self.fixed, self.states, self.recalled)

    @property
    def outlook(self) -> Floats:
        """What posts of the account like each say of it, where the trees begin; (n,)."""
        return self.recalled[:, 0].astype(np.float64)

    def at(self, moments: Sequence[datetime], post: Post) -> "Rows":
        """The one row of a post, once for each moment; only the clock differs."""
        count = len(moments)
        fixed = np.repeat(self.fixed, count, axis=0)
        fixed[:, CLOCK_AT] = clock(moments, [post.timezone] * count, [post.language] * count)
        arrays = (self.embeddings, self.views, self.states, self.recalled)
        embeddings, views, states, recalled = (np.repeat(a, count, axis=0) for a in arrays)
        places = [post.platform] * count, [post.language] * count
        opinion = np.repeat(self.opinion, count)
        return Rows(*places, embeddings, views, fixed, states, recalled, opinion)

    def cells(self) -> list[tuple[str, ...]]:
        """The calibration cells of each row."""
        known = known_posts(self.states)
        return [
            cells(platform, language, count)
            for platform, language, count in zip(self.platforms, self.languages, known, strict=True)
        ]


def known_posts(states: FloatArray) -> FloatArray:
    """How many posts of each account are known, (n,); NaN where nothing is."""
    return np.asarray(np.expm1(states[:, KNOWN]), dtype=np.float32)


def tree_scores(trees: "Booster", rows: Rows) -> Floats:
    """What the trees alone forecast, (n,)."""
    return np.asarray(trees.predict(rows.columns(), num_threads=1), dtype=np.float64)


def effects_of(trees: "Booster", rows: Rows, score: Floats, base: float) -> FloatArray:
    """Contributions by `FAMILIES` to n scores, exact: with `base` they sum to the score.

    What is added to the trees' own is the text's, but for what the account remembers.

    Parameters
    ----------
    trees, rows
        What scored them, and the drafts.
    score
        Of each, (n,).
    base
        What the trees say before anything is known of a post.

    Returns
    -------
    ndarray of shape (n, len(FAMILIES))
    """
    told = trees.predict(rows.columns(), pred_contrib=True, num_threads=1)
    parts = np.asarray(told, dtype=np.float64)[:, :-1]
    families = families_of(rows.embeddings.shape[1], rows.views.shape[1])
    places = np.array([FAMILIES.index(name) for name in families])
    effects = np.zeros((len(score), len(FAMILIES)))
    for place in range(len(FAMILIES)):
        effects[:, place] = parts[:, places == place].sum(axis=1)
    effects[:, FAMILIES.index(RECALLED)] += rows.outlook
    effects[:, FAMILIES.index(TEXT)] += score - base - effects.sum(axis=1)
    return effects.astype(np.float32)


def expected_errors(trees: "Booster", score: Floats, rows: Rows) -> Floats:
    """How far off a score is expected to be, positive, (n,)."""
    columns = error_columns(score.astype(np.float32), rows.fixed, rows.states, rows.recalled)
    found = trees.predict(columns, num_threads=1)
    return np.maximum(np.asarray(found, dtype=np.float64), SMALLEST_ERROR)


def drifts(trees: "Booster", rows: Rows) -> Floats:
    """Where each account's usual post is by now, in spreads from its baseline, (n,)."""
    found = trees.predict(drift_columns(rows.fixed, rows.states), num_threads=1)
    return np.asarray(found, dtype=np.float64)


def lowest_scores(states: FloatArray) -> Floats:
    """The outcome of a post that nobody shares, (n,): none lies below; -inf if not known."""
    lowest = -states[:, LEVEL].astype(np.float64) / states[:, SPREAD]
    return np.where(np.isnan(lowest), -np.inf, lowest)


@dataclass(frozen=True, eq=False)
class Blend:
    """How the text view adds to the trees on one platform, and what a lead in score is worth.

    Attributes
    ----------
    gains
        Shape (v,), for centred columns of the text view.
    slope
        log odds of winning a comparison of two wordings per unit of score.
    luck
        Standard deviation of how a post does about its score, in spreads, as far as it decides
        which of two posts of an account gets further.
    """

    gains: FloatArray
    slope: float
    luck: float = LUCK

    def to_json(self) -> dict[str, Any]:
        """Return what has to be kept."""
        gains = [float(gain) for gain in self.gains]
        return {"gains": gains, "slope": self.slope, "luck": self.luck}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Blend":
        """Read `to_json` back."""
        gains = np.array(kept["gains"], dtype=np.float32)
        return cls(gains, float(kept["slope"]), float(kept["luck"]))


def blend_of(blends: Mapping[str, Blend], platform: str | None) -> Blend:
    """The blend of a platform, or that of all others."""
    return blends.get(platform or ANY, blends[ANY])


def lift_of(rows: Rows, centre: FloatArray, blends: Mapping[str, Blend]) -> Floats:
    """What the text view adds to the trees' score, (n,).

    Parameters
    ----------
    rows
        n drafts.
    centre
        Means of the text-view columns, (v,).
    blends
        Gains by platform.
    """
    gains = np.array([blend_of(blends, name).gains for name in rows.platforms], np.float64)
    centred = rows.views - centre
    return np.asarray((centred * gains.reshape(centred.shape)).sum(axis=1))
