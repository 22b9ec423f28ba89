"""Share potential: how far a post should go beyond its account's usual one, and how sure that is.

One distribution serves all uses: that of the log1p of the shares less those of the account's usual
post by now, in units of the account's own spread. The usual post is the causal baseline and the
drift that the history tells. The score is the distribution's middle; the interval, the percentile,
the expected shares and the odds of beating the median are all read off it, so that no two answers
contradict each other.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.account.history import LEVEL, SPREAD, AccountPast
from features.errors import ModelError
from features.schema import FloatArray, Post
from models.conformal import Calibration
from models.novelty import Novelty, load_novelty
from models.persistence import (
    load_booster,
    load_json,
    new_folder,
    read_manifest,
    save_booster,
    save_json,
    write_manifest,
)
from models.population import Population, Reference, ladders, place_all
from models.recall import Reader, Recall, nothing
from models.share_columns import (
    FAMILIES,
    RECALLED,
    families_of,
    fixed_columns,
)
from models.share_rows import (
    LUCK,
    Blend,
    Floats,
    Rows,
    blend_of,
    drifts,
    expected_errors,
    known_to,
    lift_of,
    lowest_scores,
    tree_scores,
)
from models.textview import TextView

if TYPE_CHECKING:
    from lightgbm import Booster

KIND = "share"
LARGEST_LOG = 25.0
"""exp(25) shares is ten times mankind: expected counts stay finite."""


@dataclass(frozen=True, slots=True)
class ShareForecast:
    """What is forecast of n posts.

    Attributes
    ----------
    score, low, high
        In units of the account's own spread, 0 being its usual post; 90% interval. Shape (n,).
    percentile, percentile_low, percentile_high
        0..100, the place of the score and its bounds among `populations`. Shape (n,).
    populations
        What each percentile is a place in.
    expected_shares, expected_low, expected_high
        Shares; NaN where the account has no baseline. Shape (n,).
    beats_median
        Probability of more shares than the account's recent median, 0..1, or of a better outcome
        than half of the reference where the account is not known. Shape (n,). Among an account's
        own posts it is above one half exactly where the percentile is above 50.
    effects
        What each of `families` adds to the score; with `base` they sum to it. Shape (n, f); empty
        columns when not asked for.
    base
        The score before anything is known of each post. Shape (n,).
    novelty
        Part of held-out posts that look more like posts, 0..1. Shape (n,).
    explain_seconds
        What working out the effects took.
    """

    score: FloatArray
    low: FloatArray
    high: FloatArray
    percentile: FloatArray
    percentile_low: FloatArray
    percentile_high: FloatArray
    populations: tuple[Population, ...]
    expected_shares: FloatArray
    expected_low: FloatArray
    expected_high: FloatArray
    beats_median: FloatArray
    effects: FloatArray
    base: FloatArray
    novelty: FloatArray
    families: tuple[str, ...] = FAMILIES
    explain_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may come of n posts, in account spreads.

    Attributes
    ----------
    raw, expected
        What the trees and the text view say, and how far off that is expected to be. Shape (n,).
    drift
        Where the account's usual post is by now, from its baseline. Shape (n,).
    cells
        The calibration cells of each post.
    score, low, high
        The middle of the distribution of outcomes, and its 90% interval, from `drift`. Shape (n,).
    """

    raw: Floats
    expected: Floats
    drift: Floats
    cells: list[tuple[str, ...]]
    score: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class ShareModel:
    """A fitted share model. Make one with `training.share.train.train_share` or `load`.

    Attributes
    ----------
    encoder_digest
        The encoder that embeddings must come from.
    view, view_centre
        Linear text scores and their means over the training posts.
    trees
        Expected score from all columns.
    error_trees
        Expected size of its error.
    drift_trees
        Where the account's usual post is by now: after an unusual stretch it is on its way back.
    blends
        By platform; `ANY` for the others.
    """

    encoder_digest: str
    dimension: int
    view: TextView
    view_centre: FloatArray
    trees: "Booster"
    error_trees: "Booster"
    drift_trees: "Booster"
    blends: Mapping[str, Blend]
    calibration: Calibration
    reference: Reference
    novelty: Novelty
    details: Mapping[str, Any] = field(default_factory=dict)
    recall: Recall = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the past of accounts as the text view reads posts."""
        object.__setattr__(self, "recall", Recall(Reader.of(self.view, self.dimension)))

    def predict(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None],
        recalled: FloatArray | None = None,
        *,
        explain: bool = True,
    ) -> ShareForecast:
        """Forecast drafts.

        Parameters
        ----------
        posts
            n drafts.
        embeddings
            Of their texts, by the encoder `encoder_digest`, shape (n, d).
        states
            `features.account.history.state` of each, shape (n, len(history.NAMES)).
        pasts
            The past of each post's account, None where nothing is known of it.
        recalled
            What `recall` says of each; None asks it.
        explain
            Whether to work out `effects`, which cost more than the score.

        Raises
        ------
        ModelError
            When the embeddings are not of the length that the model was fitted on.
        """
        recalled = self.recall(posts, pasts) if recalled is None else recalled
        rows = self._rows(posts, embeddings, states, recalled)
        found = self._outlook(rows)
        level, spread = states[:, LEVEL].astype(np.float64), states[:, SPREAD].astype(np.float64)
        bounds = np.column_stack([found.score, found.low, found.high])
        outcomes = bounds + found.drift[:, None]
        logs = np.minimum(level[:, None] + outcomes * spread[:, None], LARGEST_LOG)
        among = ladders(posts, pasts, level, spread, self.reference)
        places = place_all(among, outcomes).astype(np.float32)
        usual = np.array([ladder.usual for ladder in among]) - found.drift
        odds = self.calibration.exceeds(found.raw, found.expected, found.cells, usual)
        began = time.monotonic()
        effects = (
            self._effects(found.raw, rows) if explain else np.empty((len(posts), 0), np.float32)
        )
        explained = time.monotonic() - began
        shares = np.expm1(np.maximum(logs, 0.0)).astype(np.float32)
        return ShareForecast(
            score=found.score.astype(np.float32),
            low=found.low.astype(np.float32),
            high=found.high.astype(np.float32),
            percentile=places[:, 0],
            percentile_low=places[:, 1],
            percentile_high=places[:, 2],
            populations=tuple(ladder.population for ladder in among),
            expected_shares=shares[:, 0],
            expected_low=shares[:, 1],
            expected_high=shares[:, 2],
            beats_median=odds.astype(np.float32),
            effects=effects,
            explain_seconds=explained,
            base=(self.base + found.score - found.raw).astype(np.float32),
            novelty=self.novelty.measure([post.text for post in posts], rows.embeddings),
        )

    def score(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        recalled: FloatArray | None = None,
    ) -> FloatArray:
        """What the trees and the text view say of n drafts, (n,): what `compare` takes.

        Parameters
        ----------
        posts, embeddings, states
            As of `predict`.
        recalled
            What `recall` says of each; None for accounts without a past.
        """
        recalled = nothing(len(posts)) if recalled is None else recalled
        return self._score(self._rows(posts, embeddings, states, recalled)).astype(np.float32)

    def compare(
        self, first: FloatArray, second: FloatArray, platforms: Sequence[str | None]
    ) -> NDArray[np.float64]:
        """Return the probability that the first of two wordings wins.

        Parameters
        ----------
        first, second
            Scores of n pairs of texts, shape (n,).
        platforms
            Where they compete.
        """
        slopes = np.array([self._blend(platform).slope for platform in platforms])
        return np.asarray(expit(slopes * (first.astype(np.float64) - second)))

    def luck(self, platforms: Sequence[str | None]) -> Floats:
        """Standard deviation of n posts about their scores, in spreads, (n,): see `Blend`."""
        return np.array([self._blend(platform).luck for platform in platforms], dtype=np.float64)

    def _rows(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        recalled: FloatArray,
    ) -> Rows:
        embeddings = self._checked(embeddings, len(posts))
        fixed = fixed_columns(posts)
        texts = [post.text for post in posts]
        return Rows(
            platforms=[post.platform for post in posts],
            languages=[post.language for post in posts],
            embeddings=embeddings,
            views=self.view.score(texts, embeddings, fixed),
            fixed=fixed,
            states=states,
            recalled=recalled if self._recalls else nothing(len(posts)),
        )

    @property
    def _recalls(self) -> bool:
        """Whether this version learnt beside what accounts remember; early ones did not."""
        return bool(self.details.get("recalls", False))

    def at_times(
        self,
        post: Post,
        embeddings: FloatArray,
        states: FloatArray,
        recalled: FloatArray,
        moments: Sequence[datetime],
    ) -> tuple[Floats, Floats, Floats]:
        """Forecast one draft at several times, its account's state held; its text is read once.

        Parameters
        ----------
        post, embeddings, states, recalled
            As of `predict`, for this one draft.
        moments
            n times.

        Returns
        -------
        Score, low and high, (n,) each
        """
        rows = self._rows([post], embeddings, states, recalled)
        found = self._outlook(rows.at(moments, post))
        return found.score, found.low, found.high

    def _outlook(self, rows: Rows) -> Outlook:
        raw, cells = self._score(rows), rows.cells()
        expected = expected_errors(self.error_trees, raw, rows)
        score = self.calibration.middle(raw, expected, cells)
        low, high = self.calibration.interval(raw, expected, cells)
        drift = drifts(self.drift_trees, rows)
        low = np.maximum(low, np.minimum(lowest_scores(rows.states) - drift, score))
        return Outlook(raw, expected, drift, cells, score, low, high)

    def _checked(self, embeddings: FloatArray, rows: int) -> FloatArray:
        if embeddings.shape != (rows, self.dimension):
            raise ModelError(
                f"Got embeddings of shape {embeddings.shape}; expected {(rows, self.dimension)}, "
                f"from the encoder {self.encoder_digest}."
            )
        return np.ascontiguousarray(embeddings, dtype=np.float32)

    def _score(self, rows: Rows) -> Floats:
        return tree_scores(self.trees, rows) + self.lift(rows) + rows.outlook

    def lift(self, rows: Rows) -> Floats:
        """What the text view adds to the trees' score, (n,)."""
        return lift_of(rows, self.view_centre, self.blends)

    def _blend(self, platform: str | None) -> Blend:
        return blend_of(self.blends, platform)

    def _effects(self, score: Floats, rows: Rows) -> FloatArray:
        """Contributions by family; what rounding leaves goes to the text, so that they sum."""
        parts = np.asarray(
            self.trees.predict(
                known_to(self.trees, rows.columns()), pred_contrib=True, num_threads=1
            ),
            np.float64,
        )
        families = families_of(self.dimension, rows.views.shape[1])[: parts.shape[1] - 1]
        places = np.array([FAMILIES.index(name) for name in families])
        effects = np.zeros((len(score), len(FAMILIES)))
        for place in range(len(FAMILIES)):
            effects[:, place] = parts[:, :-1][:, places == place].sum(axis=1)
        effects[:, FAMILIES.index(RECALLED)] += rows.outlook
        effects[:, 0] += score - self.base - effects.sum(axis=1)
        return effects.astype(np.float32)

    @property
    def base(self) -> float:
        """What the trees say before anything is known of a post."""
        return float(self.details["base"])

    @property
    def families(self) -> tuple[str, ...]:
        """What the effects of a forecast belong to."""
        return FAMILIES

    def save(self, folder: Path, now: datetime) -> None:
        """Write the model folder, complete or not at all.

        Raises
        ------
        ModelError
            When it cannot be written.
        """
        with new_folder(folder) as place:
            self.view.save(place / "textview.npz")
            self.calibration.save(place / "calibration.npz")
            self.reference.save(place / "reference.npz")
            self.novelty.save(place / "novelty.npz")
            save_booster(self.trees, place / "trees.txt")
            save_booster(self.error_trees, place / "errors.txt")
            save_booster(self.drift_trees, place / "drift.txt")
            save_json(place / "blend.json", self._blend_json())
            write_manifest(
                place,
                KIND,
                now=now,
                encoder_digest=self.encoder_digest,
                details={**self.details, "dimension": self.dimension},
            )

    def _blend_json(self) -> dict[str, Any]:
        return {
            "centre": [float(value) for value in self.view_centre],
            "platforms": {
                name: {
                    "gains": [float(gain) for gain in blend.gains],
                    "slope": blend.slope,
                    "luck": blend.luck,
                }
                for name, blend in self.blends.items()
            },
        }

    @classmethod
    def load(cls, folder: Path) -> "ShareModel":
        """Read a model folder; runs no pickled code.

        Raises
        ------
        ModelError
            When it is missing, altered or of another kind.
        """
        manifest = read_manifest(folder, KIND)
        details = dict(manifest.details)
        blend = load_json(folder / "blend.json")
        return cls(
            encoder_digest=manifest.encoder_digest or "",
            dimension=int(details.pop("dimension")),
            view=TextView.load(folder / "textview.npz"),
            view_centre=np.array(blend["centre"], dtype=np.float32),
            trees=load_booster(folder / "trees.txt"),
            error_trees=load_booster(folder / "errors.txt"),
            drift_trees=load_booster(folder / "drift.txt"),
            blends={
                name: Blend(
                    np.array(part["gains"], dtype=np.float32),
                    float(part["slope"]),
                    float(part.get("luck", LUCK)),
                )
                for name, part in blend["platforms"].items()
            },
            calibration=Calibration.load(folder / "calibration.npz"),
            reference=Reference.load(folder / "reference.npz"),
            novelty=load_novelty(folder / "novelty.npz"),
            details=details,
        )
