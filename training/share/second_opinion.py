"""Fitting the second opinion on wording: Bradley-Terry on runs of characters, deaf to stuffing.

Beside each comparison stand copies of which one side is stuffed and the winner is still the same,
and originals that beat their own stuffed copy: what is pasted on a text tells nothing of its
wording, and what asks for being passed on gains little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression

from models.hashing import Sparse
from models.second_opinion import SecondOpinion, runs
from models.share_rows import known_posts
from training.probes.reading import LANGUAGES
from training.share.blend import lender_of
from training.share.data import Floats, PairRows, PostRows, folds_of
from training.share.stuffing import stuffed

COPIES = 2
"""Stuffed copies of either side of a comparison."""


@dataclass(frozen=True, slots=True)
class OpinionOptions:
    """How loud the second opinion is and how it is fitted.

    Attributes
    ----------
    share
        Spread of its leads beside that of the score's. Louder, it costs the order of posts of
        unknown accounts more than it gains in wordings.
    strength
        Inverse penalty.
    stuffed
        Weight of a comparison with one stuffed side, beside that of one without.
    originals
        Weight of an original that beats its stuffed copy.
    """

    share: float = 0.2
    strength: float = 0.5
    stuffed: float = 1.0
    originals: float = 0.6


@dataclass(frozen=True, eq=False)
class Opinions:
    """A fitted second opinion, and what it adds to the rows that the model was fitted on.

    Attributes
    ----------
    opinion
        Fitted on all comparisons; None without any.
    posts
        Added to the scores of the posts, (n,).
    leads
        Added to the first sides' leads, by fits that left the group out, (m,).
    """

    opinion: SecondOpinion | None
    posts: Floats
    leads: Floats


def fit_opinions(
    posts: PostRows,
    pairs: PairRows | None,
    leads: Floats,
    platforms: Sequence[str],
    options: OpinionOptions,
    seed: int,
    folds: int,
) -> Opinions:
    """Fit the second opinion on the comparisons of each platform.

    Parameters
    ----------
    posts
        n posts that the model was fitted on.
    pairs, leads
        m comparisons, or None, and by how much the score of their first sides leads.
    platforms
        Those with comparisons enough.
    options
        How.
    seed, folds
        How groups are left out in turn.
    """
    added = np.zeros(len(leads))
    if pairs is None or not platforms:
        return Opinions(None, np.zeros(len(posts)), added)
    weights = []
    for name in platforms:
        mask = pairs.platforms == name
        lesson = _Lesson.of(pairs.take(mask), seed)
        said = lesson.left_out(folds_of(pairs.groups[mask], seed, folds), options)
        scale = options.share * leads[mask].std() / max(float(said.std()), 1e-9)
        weights.append(scale * lesson.fitted(np.ones(len(said), dtype=np.bool_), options))
        added[mask] = scale * said
    # As it will be once it was kept.
    kept = np.stack(weights, axis=1).astype(np.float16).astype(np.float32)
    texts = [post.text for post in posts.posts]
    said = runs(texts) @ kept
    opinion = SecondOpinion(
        platforms=tuple(platforms),
        weights=kept,
        centre=np.asarray(said.mean(axis=0), dtype=np.float32),
        lender=lender_of({name: int((pairs.platforms == name).sum()) for name in platforms}),
    )
    where = [post.platform for post in posts.posts]
    return Opinions(opinion, opinion.heard(said, where, known_posts(posts.states)), added)


@dataclass(frozen=True, eq=False)
class _Lesson:
    """Comparisons of one platform as differences of runs; each matrix has m rows."""

    fair: Sparse
    one_side_stuffed: tuple[Sparse, ...]
    over_copies: tuple[Sparse, ...]
    won: Floats
    weights: Floats

    @classmethod
    def of(cls, pairs: PairRows, seed: int) -> "_Lesson":
        draw = np.random.default_rng(seed)
        sides = [[post.text for post in side.posts] for side in (pairs.first, pairs.second)]
        first, second = map(runs, sides)
        one_side: list[Sparse] = []
        over: list[Sparse] = []
        for _ in range(COPIES):
            copied, other = (runs([_stuffed(text, draw) for text in texts]) for texts in sides)
            one_side += [copied - second, first - other]
            over += [first - copied, second - other]
        return cls(first - second, tuple(one_side), tuple(over), pairs.won, pairs.weights)

    def fitted(self, rows: NDArray[np.bool_], options: OpinionOptions) -> Floats:
        """Weights that tell who won, from some of the comparisons; (slots,)."""
        won, weights = self.won[rows], self.weights[rows]
        originals_win = np.ones_like(won)
        parts = [
            (self.fair, won, 1.0),
            *((block, won, options.stuffed) for block in self.one_side_stuffed),
            *((block, originals_win, options.originals) for block in self.over_copies),
        ]
        model = LogisticRegression(C=options.strength, fit_intercept=False, max_iter=500)
        model.fit(
            vstack([block[rows] for block, _, _ in parts]),
            np.concatenate([winners for _, winners, _ in parts]),
            sample_weight=np.concatenate([size * weights for _, _, size in parts]),
        )
        return np.asarray(model.coef_[0], dtype=np.float64)

    def left_out(self, folds: NDArray[np.intp], options: OpinionOptions) -> Floats:
        """First side's score less the second's, each by weights that did not see its group."""
        said = np.empty(len(folds))
        for fold in np.unique(folds):
            left = folds == fold
            said[left] = self.fair[left] @ self.fitted(~left, options)
        return said


def _stuffed(text: str, draw: np.random.Generator) -> str:
    return stuffed(text, str(draw.choice(LANGUAGES)), draw)
