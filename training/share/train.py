"""Training of the share model: posts and comparisons in, a sealed model folder out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account.history import LEVEL, SPREAD
from features.errors import TrainingError
from features.schema import FloatArray
from models.conformal import Calibration
from models.novelty import Novelty
from models.population import Reference
from models.recall import MEMORY, Recall
from models.share import ShareModel
from models.share_columns import check_inputs
from models.share_rows import Blend, lift_of
from models.textview import POSTS
from training.judging.metrics import account_correlations, pearson
from training.record.card import counted
from training.share.blend import (
    STEEPNESS,
    all_gains,
    gains_beside_trees,
    luck_of_posts,
    post_leads,
    slope_of,
    slopes,
)
from training.share.data import (
    Floats,
    PairRows,
    PostRows,
    chosen,
    folds_of,
    gather_posts,
    held_out_comparisons,
    keys_of,
    pair_rows,
    post_folds,
    post_rows,
    shortened,
)
from training.share.holdout import hold_out
from training.share.novelty import fit_novelty
from training.share.options import ShareOptions, Workplace
from training.share.recall import recalled
from training.share.rivals import rivals_of
from training.share.second_opinion import fit_opinions
from training.share.stuffing import with_stuffed_pairs, with_stuffed_posts
from training.share.tasks import encoder_posts
from training.share.trees import (
    Lesson,
    Tick,
    Trees,
    fit_drift,
    fit_errors,
    fit_trees,
    shuffled_control,
)
from training.share.views import Scaling, Views, fit_views
from training.share.worth import with_true_worth
from training.splits import taught, vault
from training.trained import Trained

FEWEST_POSTS = 200
REFERENCE_POSTS = 500
NOVELTY_FOLDS = 5
OWN_NOVELTY = 10_000
"""Texts from which a version tells by itself what is no post: two of a thousand held-out ones are
refused, and the shapes of one account's posts are not those of all posts."""


def train_share(
    posts: Sequence[pd.DataFrame],
    comparisons: Sequence[pd.DataFrame],
    options: ShareOptions,
    place: Workplace,
    novelty: Novelty | None = None,
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
    novelty
        What another version refuses by: taken over where there are fewer than `OWN_NOVELTY` texts.

    Returns
    -------
    Trained
        Its `held_out` are the posts of the accounts that no training may see, or the latest of
        each account (see `training.share.holdout`), with all of their history. `left_out` holds
        `left_out_metrics` on posts whose account, or time, was left out in turn, and
        `shuffled_control`: the order that is found after outcomes were shuffled.

    Raises
    ------
    TrainingError
        If there are too few posts or accounts, or all posts have the same number of shares.
    """
    table = gather_posts(posts)
    kept = hold_out(table)
    rows = _post_rows(table[~kept.held].reset_index(drop=True), options, place)
    pairs = _pair_rows(comparisons, options, place)
    model, left_out = fit(rows, pairs, options, place, novelty)
    unseen = [held_out_comparisons(frame) for frame in comparisons]
    model = with_true_worth(model, unseen, place.vectors)
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
        params=params,
        left_out=left_out,
    )


def fit(
    posts: PostRows,
    pairs: PairRows | None,
    options: ShareOptions,
    place: Workplace,
    novelty: Novelty | None = None,
) -> tuple[ShareModel, dict[str, float]]:
    """Fit every part of a share model, each on scores that left the row's account out.

    Returns
    -------
    The model, and `left_out_metrics`
    """
    seed, folds = options.seed, options.folds
    apart = post_folds(posts, seed, folds)
    drift_trees, drift = fit_drift(posts, apart, options.errors, seed)
    reference = Reference.fit(
        posts.outcome, [post.platform for post in posts.posts], REFERENCE_POSTS
    )
    posts = replace(posts, outcome=posts.outcome - drift, unclipped=posts.unclipped - drift)
    learnt = _learn(posts, pairs, options, place)
    # What is judged by its own copies would look surer than it is: from here on only real rows.
    scores, leads = learnt.trees.posts[: len(posts)], learnt.trees.leads[: len(pairs or ())]
    platforms = [name for name in learnt.views.view.outputs if name != POSTS]
    opinions = fit_opinions(posts, pairs, leads, platforms, options.opinion, seed, folds)
    scores, leads = scores + opinions.posts, leads + opinions.leads
    rows = posts.rows(learnt.views.posts[: len(posts)])
    errors, expected = fit_errors(posts, scores, apart, options.errors, seed)
    calibration = Calibration.fit(
        posts.unclipped - scores, expected, rows.cells(), accounts=posts.keys.tolist()
    )
    usual = slope_of(post_leads(posts, scores, seed))
    luck = luck_of_posts(posts, scores, seed)
    model = ShareModel(
        encoder_digest=place.encoder.digest,
        dimension=place.encoder.dimension,
        view=learnt.views.view,
        view_centre=_centre(learnt.views),
        trees=learnt.trees.booster,
        error_trees=errors,
        drift_trees=drift_trees,
        blends=slopes(learnt.gains, pairs, leads, usual, luck),
        calibration=calibration,
        reference=reference,
        novelty=_novelty(posts, seed, novelty),
        opinion=opinions.opinion,
        details={
            "base": learnt.base,
            "recalls": asdict(MEMORY),
        },
    )
    control, left = learnt.control
    real = left < len(posts)
    shuffled = left_out_metrics(posts.take(left[real]), control[real], drift[left[real]])
    return model, {
        **left_out_metrics(posts, scores, drift),
        "shuffled_control": shuffled["within_account_spearman"],
    }


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What trees learn from: posts and comparisons and their stuffed copies, which come last."""

    keys: NDArray[np.str_]
    pairs: PairRows | None
    folds: tuple[NDArray[np.intp], NDArray[np.intp]]
    views: Views
    gains: dict[str, Floats]
    lesson: Lesson


@dataclass(frozen=True, eq=False)
class _Learnt:
    """What was learnt from posts and comparisons and their stuffed copies."""

    views: Views
    gains: dict[str, Floats]
    base: float
    trees: Trees
    control: tuple[Floats, NDArray[np.intp]]


def _learn(
    posts: PostRows, pairs: PairRows | None, options: ShareOptions, place: Workplace
) -> _Learnt:
    # The rows with their copies are let go before trees grow, which take the most memory.
    ready = _prepare(posts, pairs, options, place)
    lesson, gains, views = ready.lesson, ready.gains, ready.views
    tick = place.ticks("Growing trees", options.trees.rounds * (options.folds + 1))
    trees = fit_trees(lesson, ready.folds, options.trees, options.seed, tick)
    if ready.pairs is not None:
        gaps = views.first.astype(np.float64) - views.second
        posted = {post.platform for post in posts.posts if post.platform}
        gains, leads = gains_beside_trees(gains, gaps, ready.pairs, trees.leads, posted)
        trees = replace(trees, leads=leads)
    control = shuffled_control(lesson, ready.folds, ready.keys, options.seed)
    return _Learnt(views, gains, _base(trees, lesson.columns[:1]), trees, control)


def _prepare(
    posts: PostRows, pairs: PairRows | None, options: ShareOptions, place: Workplace
) -> _Prepared:
    seed, folds = options.seed, options.folds
    scaling = Scaling.fit(posts)
    posts = with_stuffed_posts(posts, place.vectors, options.stuffed_posts, seed)
    if pairs is not None:
        pairs = with_stuffed_pairs(pairs, place.vectors, options.stuffed_pairs, seed)
    views = fit_views(posts, pairs, scaling, options.views, seed, folds)
    platforms = [name for name in views.view.outputs if name != POSTS]
    gains = all_gains(views.first, views.second, pairs, platforms)
    lesson = _lesson(posts, pairs, views, slopes(gains, None, np.empty(0), STEEPNESS), options)
    groups = pairs.groups if pairs is not None else np.empty(0, np.str_)
    numbers = post_folds(posts, seed, folds), folds_of(groups, seed, folds)
    return _Prepared(posts.keys, pairs, numbers, views, gains, lesson)


def _novelty(posts: PostRows, seed: int, other: Novelty | None) -> Novelty:
    texts = [post.text for post in posts.posts]
    if other is not None and len(texts) < OWN_NOVELTY:
        return other
    fitted_on = [text for row, text in enumerate(texts) if row % NOVELTY_FOLDS]
    return fit_novelty(fitted_on, texts[::NOVELTY_FOLDS], seed)


def _post_rows(table: pd.DataFrame, options: ShareOptions, place: Workplace) -> PostRows:
    places = chosen(table, options.per_account, options.seed)
    if options.encoder_taught_here:
        taught = encoder_posts(table)
        places = np.setdiff1d(places, taught)
    _check_enough(keys_of(table.iloc[places]), "that can be learnt from")
    _check_varied(table["shares"].iloc[places])
    limits = shortened(len(table), options.seed)
    rows = post_rows(table, places, place.vectors, limits, options.seed)
    known = np.isfinite(rows.outcome)
    rows = rows.take(known)
    _check_enough(rows.keys, "with a baseline")
    tick = place.ticks("Recalling pasts", len(rows))
    return remembering(rows, table, places[known], limits, tick)


def _check_enough(keys: NDArray[np.str_], what: str) -> None:
    if len(keys) < FEWEST_POSTS:
        posts, accounts = counted(len(keys), "post"), counted(len(np.unique(keys)), "account")
        raise TrainingError(
            f"Got {posts} {what}, of {accounts}, outside the held-out ones; "
            f"a share model needs {FEWEST_POSTS} posts. Reposts, and posts too young for "
            "their count to have settled, are not learnt from."
        )


def _check_varied(shares: pd.Series) -> None:
    if shares.nunique() == 1:
        raise TrainingError(
            f"All {len(shares):,} posts that can be learnt from have the same number of shares, "
            f"{shares.iloc[0]:,.0f}: there is nothing to learn. Probably the wrong column was read "
            "as shares."
        )


def remembering(
    rows: PostRows,
    table: pd.DataFrame,
    places: NDArray[np.intp],
    limits: NDArray[np.int64] | None = None,
    tick: Tick | None = None,
) -> PostRows:
    """Return rows of a table with what their accounts remembered of posts like each.

    Parameters
    ----------
    rows, table, places
        The rows at `places` of the table.
    limits, tick
        As of `training.share.recall.recalled`.
    """
    recall = Recall(Scaling.fit(rows).reader(), MEMORY)
    return replace(rows, recalled=recalled(table, places, recall, limits, tick))


def _pair_rows(
    comparisons: Sequence[pd.DataFrame], options: ShareOptions, place: Workplace
) -> PairRows | None:
    tables = [frame[~vault(frame["group_id"].astype(str))] for frame in comparisons]
    tables = [frame for frame in tables if len(frame)]
    if not tables:
        return None
    pairs = pair_rows(pd.concat(tables, ignore_index=True), place.vectors)
    if options.encoder_taught_here:
        pairs = replace(pairs, taught=taught(pairs.groups.tolist()))
    return pairs


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
        start=np.concatenate(
            [lift_of(rows, _centre(views), blends) + rows.outlook for rows in blocks]
        ),
        outcome=posts.outcome,
        post_weights=posts.weights,
        signs=2 * pairs.won - 1 if pairs is not None else nothing,
        pair_weights=options.comparisons * pairs.weights if pairs is not None else nothing,
        rivals=rivals_of(posts, options.rivals, options.seed),
    )


def _base(trees: Trees, columns: FloatArray) -> float:
    """The trees' score before any column is known: what contributions are added to."""
    return float(np.asarray(trees.booster.predict(columns, pred_contrib=True))[0, -1])


def left_out_metrics(posts: PostRows, scores: Floats, drift: Floats) -> dict[str, float]:
    """Return how well left-out scores tell what happened.

    The score, and the shares it makes one expect, are ranked against shares inside each account.
    Against the *relative* outcome a score of no skill looks skilled, as both return to the mean
    after an unusual baseline; only the leak alarm looks there, at an R2 far above that.
    """
    log_shares = np.log1p(posts.frame["shares"].to_numpy(np.float64))
    level, spread = posts.states[:, LEVEL].astype(np.float64), posts.states[:, SPREAD]
    codes = pd.factorize(posts.keys)[0]
    expected = np.where(np.isnan(level), np.nan, level + (scores + drift) * spread)
    return {
        "within_account_spearman": _mean(account_correlations(log_shares, scores, codes)),
        "within_account_spearman_expected": _mean(
            account_correlations(log_shares, expected, codes)
        ),
        "r2_relative": pearson(posts.outcome + drift, scores) ** 2,
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
