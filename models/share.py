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

from features.account.history import LEVEL, SPREAD
from features.account.past import AccountPast
from features.errors import ModelError
from features.schema import FloatArray, Post
from models.conformal import Calibration
from models.hashing import weighted
from models.novelty import Novelty
from models.persistence import (
    load_booster,
    load_json,
    new_folder,
    read_manifest,
    save_booster,
    save_json,
    write_manifest,
)
from models.population import ANY, Ladder, Reference, ladders, place_all
from models.recall import Memory, Reader, Recall
from models.second_opinion import SecondOpinion
from models.share_columns import FAMILIES, SURFACE_AT, fixed_columns
from models.share_forecast import Outlook, ShareForecast, shares_of
from models.share_rows import (
    Blend,
    Floats,
    Rows,
    blend_of,
    drifts,
    effects_of,
    expected_errors,
    known_posts,
    lift_of,
    lowest_scores,
    tree_scores,
)
from models.textview import TextView, dense_columns, standardised, word_counts

if TYPE_CHECKING:
    from lightgbm import Booster

KIND = "share"
OPINION = "opinion.npz"


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
    opinion
        What is added to the score of drafts without a past; None where no comparisons were fitted
        on, and in versions of before there was one.
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
    opinion: SecondOpinion | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    recall: Recall = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the past of accounts as the text view reads posts."""
        reader = Reader.of(self.view.idf, self.view.centre, self.view.scale)
        object.__setattr__(self, "recall", Recall(reader, Memory(**self.details["recalls"])))

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
            What was recalled of each, where it is known already.
        explain
            Whether to work out `effects`, which cost more than the score.

        Raises
        ------
        ModelError
            When the embeddings are not of the length that the model was fitted on.
        """
        rows = self._rows(posts, embeddings, states, pasts, recalled)
        found = self._outlook(rows)
        level, spread = states[:, LEVEL].astype(np.float64), states[:, SPREAD].astype(np.float64)
        outcomes = found.outcomes()
        among = ladders(posts, pasts, level, spread, self.reference)
        places = place_all(among, outcomes).astype(np.float32)
        effects, explained = self._timed_effects(found.raw, rows, explain)
        shares = shares_of(level[:, None] + outcomes * spread[:, None])
        return ShareForecast(
            score=found.score.astype(np.float32),
            low=found.low.astype(np.float32),
            high=found.high.astype(np.float32),
            drift=found.drift.astype(np.float32),
            percentile=places[:, 0],
            percentile_low=places[:, 1],
            percentile_high=places[:, 2],
            populations=tuple(ladder.population for ladder in among),
            expected_shares=shares[:, 0],
            expected_low=shares[:, 1],
            expected_high=shares[:, 2],
            beats_median=self._odds(found, among).astype(np.float32),
            effects=effects,
            explain_seconds=explained,
            base=(self.base + found.score - found.raw).astype(np.float32),
            novelty=self.novelty.measure([post.text for post in posts]),
            recalled=rows.recalled,
        )

    def _odds(self, found: Outlook, among: Sequence[Ladder]) -> Floats:
        """Return the odds of doing better than usual, each among its own, (n,)."""
        usual = np.array([ladder.usual for ladder in among]) - found.drift
        return self.calibration.exceeds(found.raw, found.expected, found.cells, usual)

    def score(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None] | None = None,
    ) -> FloatArray:
        """What the trees and the text view say of n drafts, (n,): what `compare` takes.

        Parameters
        ----------
        posts, embeddings, states, pasts
            As of `predict`; no pasts are none for any of them.
        """
        pasts = [None] * len(posts) if pasts is None else pasts
        return self._score(self._rows(posts, embeddings, states, pasts)).astype(np.float32)

    def shown(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None],
        *,
        anew: bool = False,
    ) -> Floats:
        """The score of n drafts as `predict` gives it, (n,).

        Parameters
        ----------
        posts, embeddings, states, pasts
            As of `predict`.
        anew
            As of `Recall`: whether what became of a draft's own words before is left out.
        """
        return self._outlook(self._rows(posts, embeddings, states, pasts, anew=anew)).score

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

    def meaning(self, embeddings: FloatArray) -> FloatArray:
        """What sets n texts apart from the posts that the view learnt from, in unit length, (n, d).

        An encoder's texts lie close together, all on one side: about their mean they differ (Mu &
        Viswanath 2018).
        """
        embeddings = self._checked(embeddings, len(embeddings))
        view, d = self.view, self.dimension
        apart = standardised(embeddings, view.centre[:d], view.scale[:d])
        return np.asarray(apart / np.linalg.norm(apart, axis=1, keepdims=True), dtype=np.float32)

    def _rows(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None],
        recalled: FloatArray | None = None,
        *,
        anew: bool = False,
    ) -> Rows:
        embeddings = self._checked(embeddings, len(posts))
        fixed = fixed_columns(posts)
        texts = [post.text for post in posts]
        platforms = [post.platform for post in posts]
        words = weighted(word_counts(texts), self.view.idf)
        if recalled is None:
            drafts = self.recall.reader.counted(words, fixed[:, SURFACE_AT])
            recalled = self.recall(posts, pasts, drafts, anew=anew)
        return Rows(
            platforms=platforms,
            languages=[post.language for post in posts],
            embeddings=embeddings,
            views=self.view.score(words, dense_columns(embeddings, fixed)),
            fixed=fixed,
            states=states,
            recalled=recalled,
            opinion=self._opinion(texts, platforms, states),
        )

    def _opinion(
        self, texts: Sequence[str], platforms: Sequence[str | None], states: FloatArray
    ) -> Floats:
        if self.opinion is None:
            return np.zeros(len(texts))
        return self.opinion.score(texts, platforms, known_posts(states))

    def at_times(
        self,
        post: Post,
        embeddings: FloatArray,
        states: FloatArray,
        past: AccountPast | None,
        moments: Sequence[datetime],
    ) -> tuple[Floats, Floats, Floats]:
        """Forecast one draft at several times, its account's state held; its text is read once.

        Parameters
        ----------
        post, embeddings, states, past
            As of `predict`, for this one draft.
        moments
            n times.

        Returns
        -------
        Score, low and high, (n,) each
        """
        rows = self._rows([post], embeddings, states, [past])
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
        return tree_scores(self.trees, rows) + self.lift(rows) + rows.outlook + rows.opinion

    def lift(self, rows: Rows) -> Floats:
        """What the text view adds to the trees' score, (n,)."""
        return lift_of(rows, self.view_centre, self.blends)

    def _blend(self, platform: str | None) -> Blend:
        return blend_of(self.blends, platform)

    def _timed_effects(self, score: Floats, rows: Rows, wanted: bool) -> tuple[FloatArray, float]:
        """Effects, or none, and the seconds that they took."""
        if not wanted:
            return np.empty((len(score), 0), np.float32), 0.0
        began = time.monotonic()
        effects = effects_of(self.trees, rows, score, self.base)
        return effects, time.monotonic() - began

    @property
    def platforms(self) -> frozenset[str]:
        """Platforms of which enough posts were learnt from to know how posts do there."""
        return frozenset(self.reference.outcomes) - {ANY}

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
            self.novelty.save(place)
            if self.opinion is not None:
                self.opinion.save(place / OPINION)
            save_booster(self.trees, place / "trees.txt.gz")
            save_booster(self.error_trees, place / "errors.txt.gz")
            save_booster(self.drift_trees, place / "drift.txt.gz")
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
            "platforms": {name: blend.to_json() for name, blend in self.blends.items()},
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
            trees=load_booster(folder / "trees.txt.gz"),
            error_trees=load_booster(folder / "errors.txt.gz"),
            drift_trees=load_booster(folder / "drift.txt.gz"),
            blends={name: Blend.from_json(kept) for name, kept in blend["platforms"].items()},
            calibration=Calibration.load(folder / "calibration.npz"),
            reference=Reference.load(folder / "reference.npz"),
            novelty=Novelty.load(folder),
            opinion=SecondOpinion.load(told) if (told := folder / OPINION).exists() else None,
            details=details,
        )
