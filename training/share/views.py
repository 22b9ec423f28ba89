"""Fitting the linear text views: ridge on posts, Bradley-Terry on comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from features.schema import FloatArray
from models.hashing import Sparse, weighted
from models.recall import Reader
from models.textview import POSTS, TextView, smooth_idf, standardised
from training.share.data import Floats, PairRows, PostRows, folds_of, post_folds, view_columns


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Strengths of regularisation, chosen on held-out accounts and groups.

    Attributes
    ----------
    words
        Ridge penalty of the words' half of the posts' output.
    meaning
        Ridge penalty of its dense half, per post.
    pair_words, pair_meaning
        Inverse penalties of the two halves of a platform's output.
    smallest_platform
        Fewer comparisons than this on a platform make no output.
    """

    words: float = 20.0
    meaning: float = 0.3
    pair_words: float = 0.5
    pair_meaning: float = 0.0003
    smallest_platform: int = 300


@dataclass(frozen=True, eq=False)
class Halves:
    """Weights of one output: of the words and of the standardised dense columns."""

    words: NDArray[np.float64]
    dense: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaling:
    """What is counted once over all texts: how rare words are, how wide dense columns spread."""

    idf: FloatArray
    centre: FloatArray
    scale: FloatArray

    @classmethod
    def fit(cls, rows: PostRows) -> "Scaling":
        """Count over the posts to be fitted on."""
        idf = smooth_idf(rows.counts).astype(np.float16).astype(np.float32)
        dense = rows.dense
        spread = dense.std(axis=0)
        return cls(idf, dense.mean(axis=0), np.where(spread > 1e-6, spread, 1.0))

    def reader(self) -> Reader:
        """Return what reads texts as a view of this scaling will."""
        return Reader.of(self.idf, self.centre, self.scale)

    def words(self, rows: PostRows) -> Sparse:
        """Weighted words of some rows."""
        return weighted(rows.counts, self.idf)

    def meaning(self, rows: PostRows) -> FloatArray:
        """Standardised dense columns of some rows."""
        return standardised(rows.dense, self.centre, self.scale)


def fit_posts(
    words: Sparse, meaning: FloatArray, outcome: Floats, weights: Floats, options: ViewOptions
) -> Halves:
    """Ridge regression of the relative outcome on either half."""
    target = outcome - np.average(outcome, weights=weights)
    sparse = Ridge(alpha=options.words, solver="sparse_cg", tol=1e-3, fit_intercept=False)
    dense = Ridge(alpha=options.meaning * len(target), solver="cholesky", fit_intercept=False)
    sparse.fit(words, target, sample_weight=weights)
    dense.fit(meaning, target, sample_weight=weights)
    return Halves(sparse.coef_, dense.coef_)


def bradley_terry(differences: Any, pairs: PairRows, strength: float) -> NDArray[np.float64]:
    """Weights that make sigmoid(difference @ weights) the odds that the first side wins."""
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=300, tol=1e-3)
    model.fit(differences, pairs.won, sample_weight=pairs.weights)
    return np.asarray(model.coef_[0], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Views:
    """A fitted text view, and its columns for the rows it was fitted on.

    Attributes
    ----------
    view
        Fitted on all rows.
    posts, first, second
        Its columns for posts and both sides of comparisons. Those of an output fitted on the row
        itself come from a fit that left the row's account or group out.
    """

    view: TextView
    posts: FloatArray
    first: FloatArray
    second: FloatArray


def fit_views(
    posts: PostRows,
    pairs: PairRows | None,
    scaling: Scaling,
    options: ViewOptions,
    seed: int,
    folds: int,
) -> Views:
    """Fit one output on posts and one on each platform's comparisons.

    Parameters
    ----------
    posts, pairs
        What to fit on; None without comparisons.
    scaling
        As of posts as they were, without copies.
    options
        Penalties.
    seed, folds
        How rows are left out in turn for their own columns.
    """
    halves = scaling.words(posts), scaling.meaning(posts)
    fitted = {POSTS: fit_posts(*halves, posts.outcome, posts.weights, options)}
    platforms = [] if pairs is None else _platforms(pairs, options)
    if pairs is not None:
        everyone = np.ones(len(pairs), dtype=np.bool_)
        for name in platforms:
            fitted[name] = _on_platform(scaling, pairs, name, everyone, options)
    view = _view(scaling, fitted).rounded()
    columns = view_columns(view, posts)
    _leave_out_posts(columns, halves, posts, options, post_folds(posts, seed, folds))
    if pairs is None:
        empty = np.empty((0, columns.shape[1]), np.float32)
        return Views(view, columns, empty, empty)
    sides = [view_columns(view, side) for side in (pairs.first, pairs.second)]
    _leave_out_pairs(sides, scaling, pairs, platforms, options, folds_of(pairs.groups, seed, folds))
    return Views(view, columns, sides[0], sides[1])


def _platforms(pairs: PairRows, options: ViewOptions) -> list[str]:
    names, counts = np.unique(pairs.platforms, return_counts=True)
    enough = (counts >= options.smallest_platform) & (names != "")
    return [str(name) for name in names[enough]]


def _on_platform(
    scaling: Scaling, pairs: PairRows, name: str, mask: NDArray[np.bool_], options: ViewOptions
) -> Halves:
    """Bradley-Terry on the differences of two texts, either half by itself."""
    part = pairs.take(mask & (pairs.platforms == name))
    words = scaling.words(part.first) - scaling.words(part.second)
    meaning = scaling.meaning(part.first) - scaling.meaning(part.second)
    return Halves(
        bradley_terry(words, part, options.pair_words),
        bradley_terry(meaning, part, options.pair_meaning),
    )


def _view(scaling: Scaling, fitted: dict[str, Halves]) -> TextView:
    return TextView(
        outputs=tuple(fitted),
        idf=scaling.idf,
        words=np.stack([half.words for half in fitted.values()], axis=1).astype(np.float32),
        centre=scaling.centre.astype(np.float32),
        scale=scaling.scale.astype(np.float32),
        dense=np.stack([half.dense for half in fitted.values()], axis=1).astype(np.float32),
    )


def _leave_out_posts(
    columns: FloatArray,
    halves: tuple[Sparse, FloatArray],
    posts: PostRows,
    options: ViewOptions,
    folds: NDArray[np.intp],
) -> None:
    """Overwrite the columns of the posts' output, fold by fold."""
    words, meaning = halves
    for fold in np.unique(folds):
        kept, left = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        half = fit_posts(
            words[kept], meaning[kept], posts.outcome[kept], posts.weights[kept], options
        )
        columns[left, 0] = words[left] @ half.words
        columns[left, 1] = meaning[left] @ half.dense


def _leave_out_pairs(
    sides: Sequence[FloatArray],
    scaling: Scaling,
    pairs: PairRows,
    platforms: Sequence[str],
    options: ViewOptions,
    folds: NDArray[np.intp],
) -> None:
    """Overwrite the columns of each platform's output for its own comparisons, fold by fold."""
    blocks = [(scaling.words(side), scaling.meaning(side)) for side in (pairs.first, pairs.second)]
    for place, name in enumerate(platforms, start=1):
        for fold in np.unique(folds):
            half = _on_platform(scaling, pairs, name, folds != fold, options)
            left = np.flatnonzero((folds == fold) & (pairs.platforms == name))
            for columns, (words, meaning) in zip(sides, blocks, strict=True):
                columns[left, 2 * place] = words[left] @ half.words
                columns[left, 2 * place + 1] = meaning[left] @ half.dense
