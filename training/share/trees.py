"""Fitting the trees of the share model: the score, the size of its error, what the views add."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray
from models.share_columns import drift_columns, error_columns
from models.share_rows import SMALLEST_ERROR
from training.share.blend import STEEPNESS
from training.share.data import Floats, PostRows
from training.share.rivals import Rivals

if TYPE_CHECKING:
    from lightgbm import Booster

Tick = Callable[[int], None]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

HUBER = 2.0
"""Spreads from which a post pulls no harder."""

FLATTEST = 0.02
"""Least curvature of a comparison: Newton's step stays bounded where the winner is clear."""


LEAST_LEAF, LEAVES = 20, 50
"""A leaf of few rows is a fiftieth of them at most, so that any table can be split, and no less
than 20."""


@dataclass(frozen=True, slots=True)
class TreeOptions:
    """How the trees grow.

    Attributes
    ----------
    rounds
        Number of trees.
    leaves, smallest_leaf, learning_rate, columns, rows, bins
        LightGBM's num_leaves, min_child_samples (less on few rows), learning_rate,
        feature_fraction, bagging_fraction and max_bin. A small part of the columns per tree suits
        hundreds of embedding ones.
    penalty
        Its lambda_l2.
    threads
        0 takes all cores.
    """

    rounds: int = 350
    leaves: int = 31
    smallest_leaf: int = 100
    learning_rate: float = 0.05
    columns: float = 0.2
    rows: float = 0.7
    bins: int = 255
    penalty: float = 5.0
    threads: int = 0

    def parameters(self, seed: int, rows: int) -> dict[str, Any]:
        """LightGBM's names for all of it, for so many rows to grow on."""
        return {
            "num_leaves": self.leaves,
            "min_child_samples": min(self.smallest_leaf, max(LEAST_LEAF, rows // LEAVES)),
            "learning_rate": self.learning_rate,
            "feature_fraction": self.columns,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "max_bin": self.bins,
            "lambda_l2": self.penalty,
            "num_threads": self.threads,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }


CONTROL = TreeOptions(rounds=60, learning_rate=0.15)
"""A leak shows within a few trees."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Posts and comparisons side by side, as one set of trees learns from both.

    The rows are the n posts, then the m first sides, then the m second sides.

    Attributes
    ----------
    columns
        Shape (n + 2 m, c).
    start
        Score before the first tree: what the text view adds. Shape (n + 2 m,).
    outcome, post_weights
        Shape (n,).
    signs, pair_weights
        1 where the first side won, else -1; and its belief. Shape (m,).
    rivals
        Pairs of the posts.
    """

    columns: FloatArray
    start: Floats
    outcome: Floats
    post_weights: Floats
    signs: Floats
    pair_weights: Floats
    rivals: Rivals

    def take(self, posts: Mask, pairs: Mask) -> "Lesson":
        """Some posts and some comparisons, by masks of shapes (n,) and (m,)."""
        rows = np.concatenate([posts, pairs, pairs])
        return Lesson(
            self.columns[rows],
            self.start[rows],
            self.outcome[posts],
            self.post_weights[posts],
            self.signs[pairs],
            self.pair_weights[pairs],
            self.rivals.take(posts),
        )

    def slopes(self, score: Floats) -> tuple[Floats, Floats]:
        """Gradient and curvature: Huber's loss for posts, Bradley and Terry's for all pairs."""
        n, m = len(self.outcome), len(self.signs)
        gradient, curve = np.empty(len(score)), np.empty(len(score))
        error = np.clip(score[:n] - self.outcome, -HUBER, HUBER)
        gradient[:n], curve[:n] = self.post_weights * error, self.post_weights
        push, bend = _pull(self.signs * (score[n : n + m] - score[n + m :]), self.pair_weights)
        gradient[n : n + m], gradient[n + m :] = -self.signs * push, self.signs * push
        curve[n : n + m], curve[n + m :] = bend, bend
        won, lost = self.rivals.winners, self.rivals.losers
        push, bend = _pull(score[won] - score[lost], self.rivals.weights)
        gradient[:n] += np.bincount(lost, push, n) - np.bincount(won, push, n)
        curve[:n] += np.bincount(lost, bend, n) + np.bincount(won, bend, n)
        return gradient, curve


def _pull(leads: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """How hard winners are pushed up by what they lead by, and how that slackens."""
    slack = 1 / (1 + np.exp(STEEPNESS * leads))  # a fraction of what `expit` takes
    bend = np.maximum(STEEPNESS**2 * slack * (1 - slack), FLATTEST)
    return STEEPNESS * slack * weights, bend * weights


@dataclass(frozen=True, eq=False)
class Trees:
    """Fitted trees and the full scores of the rows they were fitted on, each left out once.

    Attributes
    ----------
    booster
        Fitted on everything; its score is added to that of the text view.
    posts
        Shape (n,), scores of posts by trees that saw no post of their account.
    leads
        Shape (m,), first sides' less second sides', by trees that did not see their group.
    """

    booster: "Booster"
    posts: Floats
    leads: Floats


def fit_trees(
    lesson: Lesson,
    folds: tuple[Places, Places],
    options: TreeOptions,
    seed: int,
    tick: Tick | None = None,
) -> Trees:
    """Fit the score on everything, and once for each fold without it.

    Parameters
    ----------
    lesson
        n posts and m comparisons.
    folds
        Fold of each post, and of each comparison.
    options, seed
        How trees grow.
    tick
        Called with 1 for every tree grown.
    """
    of_posts, of_pairs = folds
    score = np.full(len(lesson.start), np.nan)
    for fold in np.union1d(of_posts, of_pairs):
        booster = grow(lesson.take(of_posts != fold, of_pairs != fold), options, seed, tick)
        left = np.concatenate([of_posts == fold, of_pairs == fold, of_pairs == fold])
        score[left] = lesson.start[left] + booster.predict(lesson.columns[left])
    n, m = len(lesson.outcome), len(lesson.signs)
    leads = score[n : n + m] - score[n + m :]
    return Trees(grow(lesson, options, seed, tick), score[:n], leads)


def shuffled_control(
    lesson: Lesson, folds: tuple[Places, Places], keys: NDArray[np.str_], seed: int
) -> tuple[Floats, Places]:
    """Learn from outcomes shuffled inside each account: whatever skill is left is not skill.

    Returns
    -------
    Scores of the posts of one fold, and which posts these are
    """
    draw = np.random.default_rng(seed)
    order, mixed = np.argsort(keys, kind="stable"), np.lexsort((draw.random(len(keys)), keys))
    outcome = np.empty_like(lesson.outcome)
    outcome[order] = lesson.outcome[mixed]
    signs = draw.permutation(lesson.signs)
    nothing = replace(
        lesson,
        outcome=outcome,
        signs=signs,
        start=np.zeros_like(lesson.start),
        rivals=lesson.rivals.mixed(draw),
    )
    fold = folds[0].max()
    booster = grow(nothing.take(folds[0] != fold, folds[1] != fold), CONTROL, seed)
    left = np.flatnonzero(folds[0] == fold)
    return np.asarray(booster.predict(lesson.columns[left]), dtype=np.float64), left


def grow(lesson: Lesson, options: TreeOptions, seed: int, tick: Tick | None = None) -> "Booster":
    """Grow trees on posts and comparisons at once."""
    nothing = np.zeros(len(lesson.start), np.float32)
    data = lightgbm.Dataset(lesson.columns, nothing, init_score=lesson.start)
    # LightGBM lets go of the columns once it has sorted them into bins; `objective` keeps none.
    lesson = replace(lesson, columns=lesson.columns[:0].copy())

    def objective(score: Floats, _: lightgbm.Dataset) -> tuple[Floats, Floats]:
        return lesson.slopes(score)

    parameters = {**options.parameters(seed, len(lesson.start)), "objective": objective}
    return _train(data, parameters, options.rounds, tick)


def fit_drift(
    posts: PostRows, folds: Places, options: TreeOptions, seed: int
) -> tuple["Booster", Floats]:
    """Fit where an account's usual post is by now, from its history and the platform alone.

    Returns
    -------
    Trees fitted on all posts, and what trees that saw no post of its account say of each, (n,)
    """
    columns = drift_columns(posts.fixed, posts.states)
    parameters = {**options.parameters(seed, len(posts)), "objective": "huber", "alpha": HUBER}
    return _cross_fitted(columns, posts.outcome, posts.weights, folds, options, parameters)


def fit_errors(
    posts: PostRows, score: Floats, folds: Places, options: TreeOptions, seed: int
) -> tuple["Booster", Floats]:
    """Fit the expected size of the error of scores whose accounts were left out.

    Returns
    -------
    Trees fitted on all posts, and what trees that saw no post of their account say of each, (n,)
    """
    columns = error_columns(score.astype(np.float32), posts.fixed, posts.states, posts.recalled)
    size = np.abs(posts.outcome - score)
    parameters = {**options.parameters(seed, len(posts)), "objective": "regression"}
    trees, left_out = _cross_fitted(columns, size, posts.weights, folds, options, parameters)
    return trees, np.maximum(left_out, SMALLEST_ERROR)


def _cross_fitted(
    columns: FloatArray,
    target: Floats,
    weights: Floats,
    folds: Places,
    options: TreeOptions,
    parameters: dict[str, Any],
) -> tuple["Booster", Floats]:
    """Fit trees on all rows, and tell each row by trees that did not see its fold, (n,)."""

    def fitted(rows: Mask) -> "Booster":
        data = lightgbm.Dataset(columns[rows], target[rows], weight=weights[rows])
        return _train(data, parameters, options.rounds, None)

    left_out = np.full(len(target), np.nan)
    for fold in np.unique(folds):
        left_out[folds == fold] = fitted(folds != fold).predict(columns[folds == fold])
    return fitted(np.ones(len(target), dtype=np.bool_)), left_out


def _train(
    data: lightgbm.Dataset, parameters: dict[str, Any], rounds: int, tick: Tick | None
) -> "Booster":
    callbacks = [] if tick is None else [lambda _: tick(1)]
    return lightgbm.train(parameters, data, rounds, callbacks=callbacks)
