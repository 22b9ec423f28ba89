"""Training of the share model: posts and comparisons in, a sealed model folder out."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.account.history import LEVEL, SPREAD
from features.errors import TrainingError
from features.schema import FloatArray
from features.text.encoder import Encoder
from models.conformal import Calibration
from models.novelty import ShapeNovelty
from models.population import Reference
from models.share import Blend, ShareModel, expected_errors, lift_of
from models.share_columns import check_inputs
from models.textview import POSTS
from training.embedding import EMBED, Embedder
from training.judging.metrics import account_correlations, pearson
from training.share.blend import STEEPNESS, all_gains, luck_of_posts, post_leads, slope_of, slopes
from training.share.data import (
    Floats,
    PairRows,
    PostRows,
    chosen,
    folds_of,
    gather_posts,
    pair_rows,
    post_folds,
    post_rows,
    shortened,
)
from training.share.holdout import hold_out
from training.share.novelty import fit_novelty
from training.share.stuffing import with_stuffed_pairs, with_stuffed_posts
from training.share.trees import (
    Lesson,
    TreeOptions,
    Trees,
    fit_errors,
    fit_trees,
    shuffled_control,
)
from training.share.views import ViewOptions, Views, fit_views
from training.splits import vault
from training.trained import Trained

Progress = Callable[[str, int, int], None]
"""Told (what is going on, done, in all)."""

FEWEST_POSTS = 200
REFERENCE_POSTS = 500
NOVELTY_FOLDS = 5


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """How a share model is trained.

    Attributes
    ----------
    per_account
        Most posts of one account that are fitted on; its whole history counts all the same.
    folds
        How accounts and groups are left out in turn.
    views, trees, errors
        Of the linear text views, of the score and of the size of its error.
    comparisons
        Weight of a comparison beside that of a post.
    stuffed_posts, stuffed_pairs
        Stuffed copies for each post and comparison: see `training.share.stuffing`.
    """

    per_account: int = 300
    folds: int = 3
    views: ViewOptions = field(default_factory=ViewOptions)
    trees: TreeOptions = field(default_factory=TreeOptions)
    errors: TreeOptions = field(
        default_factory=lambda: TreeOptions(rounds=80, leaves=15, columns=0.6, smallest_leaf=300)
    )
    comparisons: float = 0.3
    stuffed_posts: float = 0.1
    stuffed_pairs: float = 0.3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Workplace:
    """Where a training works.

    Attributes
    ----------
    out
        The model goes into its folder `model`.
    encoder
        Texts to vectors.
    now
        Recorded as the time of fitting.
    embed
        Through which cache.
    progress
        None tells nobody.
    """

    out: Path
    encoder: Encoder
    now: datetime
    embed: Embedder = EMBED
    progress: Progress | None = None

    def vectors(self, texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Embed texts, telling how far it got."""
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            if self.progress is not None:
                self.progress("Reading texts", done, len(texts))

        return replace(self.embed, progress=count)(self.encoder, texts)

    def ticks(self, what: str, total: int) -> Callable[[int], None]:
        """Return what is called with how many steps of one stage were done."""
        done = 0

        def tick(more: int) -> None:
            nonlocal done
            done += more
            if self.progress is not None:
                self.progress(what, done, total)

        return tick


def train_share(
    posts: Sequence[pd.DataFrame],
    comparisons: Sequence[pd.DataFrame],
    options: ShareOptions,
    place: Workplace,
) -> Trained:
    """Train a share model on posts with results and, if there are any, comparisons.

    Parameters
    ----------
    posts, comparisons
        Canonical tables; see `features.tables.validation`.
    options
        How.
    place
        Encoder, cache, time, progress, and where the model goes.

    Returns
    -------
    Trained
        Its `held_out` are the posts of the accounts that no training may see, or the latest of
        each account (see `training.share.holdout`), with all of their history. `metrics` holds
        figures on posts whose account was left out in turn.

    Raises
    ------
    TrainingError
        If there are too few posts or accounts.
    """
    table = gather_posts(posts)
    kept = hold_out(table)
    rows = _post_rows(table[~kept.held].reset_index(drop=True), options, place)
    pairs = _pair_rows(comparisons, place)
    model, metrics = fit(rows, pairs, options, place)
    folder = place.out / "model"
    model.save(folder, place.now)
    params = {
        **_flat(options),
        "held_out_by": "time" if kept.by_time else "account",
        "posts_fitted": len(rows),
        "accounts_fitted": len(np.unique(rows.keys)),
        "comparisons_fitted": 0 if pairs is None else len(pairs),
    }
    held_out, judged = kept.context(table)
    return Trained(
        folder=folder,
        encoder_folder=None,
        held_out=held_out,
        judged=judged,
        note=kept.note(),
        metrics={"left_out": metrics},
        baselines={},
        params=params,
    )


def held_out_comparisons(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons of groups that no training may see."""
    return frame[vault(frame["group_id"].astype(str))].reset_index(drop=True)


def fit(
    posts: PostRows, pairs: PairRows | None, options: ShareOptions, place: Workplace
) -> tuple[ShareModel, dict[str, float]]:
    """Fit every part of a share model, each on scores that left the row's account out.

    Returns
    -------
    The model, and `left_out_metrics`
    """
    seed, folds = options.seed, options.folds
    real, real_pairs = posts, pairs
    posts = with_stuffed_posts(posts, place.vectors, options.stuffed_posts, seed)
    if pairs is not None:
        pairs = with_stuffed_pairs(pairs, place.vectors, options.stuffed_pairs, seed)
    views = fit_views(posts, pairs, options.views, seed, folds)
    platforms = [name for name in views.view.outputs if name != POSTS]
    gains = all_gains(views.first, views.second, pairs, platforms)
    lesson = _lesson(posts, pairs, views, slopes(gains, None, np.empty(0), STEEPNESS), options)
    groups = pairs.groups if pairs is not None else np.empty(0, np.str_)
    numbers = post_folds(posts, seed, folds), folds_of(groups, seed, folds)
    tick = place.ticks("Growing trees", options.trees.rounds * (folds + 1))
    trees = fit_trees(lesson, numbers, options.trees, seed, tick)
    control, left = shuffled_control(lesson, numbers, posts.keys, seed)
    control, left = control[left < len(real)], left[left < len(real)]
    shuffled = left_out_metrics(posts.take(left), control)["within_account_spearman"]
    # What is judged by its own copies would look surer than it is: from here on only real rows.
    posts, scores, leads = real, trees.posts[: len(real)], trees.leads[: len(real_pairs or ())]
    errors = fit_errors(posts, scores, options.errors, seed)
    usual = slope_of(post_leads(posts, scores, seed))
    luck = luck_of_posts(posts, scores, seed)
    rows = posts.rows(views.posts[: len(real)])
    expected = expected_errors(errors, scores, rows)
    model = ShareModel(
        encoder_digest=place.encoder.digest,
        dimension=place.encoder.dimension,
        view=views.view,
        view_centre=_centre(views),
        trees=trees.booster,
        error_trees=errors,
        blends=slopes(gains, real_pairs, leads, usual, luck),
        calibration=Calibration.fit(posts.outcome - scores, expected, rows.cells()),
        reference=Reference.fit(posts.outcome, rows.platforms, REFERENCE_POSTS),
        novelty=_novelty(posts, seed),
        details={"base": _base(trees, lesson.columns[:1])},
    )
    return model, {**left_out_metrics(posts, scores), "shuffled_control": shuffled}


def _novelty(posts: PostRows, seed: int) -> ShapeNovelty:
    texts = [post.text for post in posts.posts]
    fitted_on = [text for row, text in enumerate(texts) if row % NOVELTY_FOLDS]
    return fit_novelty(fitted_on, texts[::NOVELTY_FOLDS], seed)


def _post_rows(table: pd.DataFrame, options: ShareOptions, place: Workplace) -> PostRows:
    places = chosen(table, options.per_account, options.seed)
    limits = shortened(len(table), options.seed)
    rows = post_rows(table, places, place.vectors, limits, options.seed)
    rows = rows.take(np.isfinite(rows.outcome))
    accounts = len(np.unique(rows.keys))
    if len(rows) < FEWEST_POSTS:
        raise TrainingError(
            f"Got {len(rows)} posts with a baseline, of {accounts} accounts, outside the held-out "
            f"ones; a share model needs {FEWEST_POSTS} posts."
        )
    return rows


def _pair_rows(comparisons: Sequence[pd.DataFrame], place: Workplace) -> PairRows | None:
    tables = [frame[~vault(frame["group_id"].astype(str))] for frame in comparisons]
    tables = [frame for frame in tables if len(frame)]
    if not tables:
        return None
    return pair_rows(pd.concat(tables, ignore_index=True), place.vectors)


def _centre(views: Views) -> FloatArray:
    return np.asarray(views.posts.mean(axis=0), dtype=np.float32)


def _lesson(
    posts: PostRows,
    pairs: PairRows | None,
    views: Views,
    blends: dict[str, Blend],
    options: ShareOptions,
) -> Lesson:
    """What the trees learn from, starting where the text view leaves off."""
    blocks = [posts.rows(views.posts)]
    if pairs is not None:
        blocks += [pairs.first.rows(views.first), pairs.second.rows(views.second)]
    columns = np.vstack([rows.columns() for rows in blocks])
    check_inputs(columns, posts.embeddings.shape[1], views.view.names)
    nothing = np.empty(0)
    return Lesson(
        columns=columns,
        start=np.concatenate([lift_of(rows, _centre(views), blends) for rows in blocks]),
        outcome=posts.outcome,
        post_weights=posts.weights,
        signs=2 * pairs.won - 1 if pairs is not None else nothing,
        pair_weights=options.comparisons * pairs.weights if pairs is not None else nothing,
    )


def _base(trees: Trees, columns: FloatArray) -> float:
    """The trees' score before any column is known: what contributions are added to."""
    return float(np.asarray(trees.booster.predict(columns, pred_contrib=True))[0, -1])


def left_out_metrics(posts: PostRows, scores: Floats) -> dict[str, float]:
    """Return how well left-out scores tell what happened.

    The score, and the shares it makes one expect, are ranked against shares inside each account.
    Against the *relative* outcome a score of no skill looks skilled, as both return to the mean
    after an unusual baseline; only the leak alarm looks there, at an R2 far above that.
    """
    log_shares = np.log1p(posts.frame["shares"].to_numpy(np.float64))
    level, spread = posts.states[:, LEVEL].astype(np.float64), posts.states[:, SPREAD]
    codes = pd.factorize(posts.keys)[0]
    expected = np.where(np.isnan(level), np.nan, level + scores * spread)
    return {
        "within_account_spearman": _mean(account_correlations(log_shares, scores, codes)),
        "within_account_spearman_expected": _mean(
            account_correlations(log_shares, expected, codes)
        ),
        "r2_relative": pearson(posts.outcome, scores) ** 2,
    }


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _flat(options: ShareOptions) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in asdict(options).items():
        if isinstance(value, dict):
            flat |= {f"{name}_{key}": part for key, part in value.items()}
        else:
            flat[name] = value
    return flat
