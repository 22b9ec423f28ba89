"""How well posts are forecast when little is known of their account: `posts.by_history`.

What is known is cut to the last few posts before each one, as if no more had been imported, and
the same posts are forecast again. Nothing else changes, so the rows compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account import history
from features.account.past import AccountPast
from features.schema import FloatArray
from models.recall import Recall
from training.judging.bootstrap import DEFAULT, Bootstrap, Floats
from training.judging.metrics import covered, mean
from training.judging.reports import Report, flat, mean_estimate
from training.share.forecasts import JudgedPosts, PostInputs
from training.share.recall import recalled
from training.share.report import ShareRows, order_metrics

if TYPE_CHECKING:
    from models.share import ShareModel

LENGTHS = (0, 5, 30, 300)
MOST_POSTS = 8_000
"""Whole accounts are drawn until there are about so many: each length costs a forecast of all."""

DEFINITIONS = {
    "by_history": "the same posts, forecast as if only so many earlier posts of the account were "
    "known; only posts that have 30 or more",
    "by_history.most_known": "the most that was really known of any of these accounts",
    "by_history.coverage_90": "part of the posts whose outcome lies in the score's 90% interval, "
    "against the baseline that was known, or against the whole history's where none was",
    "by_history.interval_width": "mean width of that interval, in spreads",
}
ROUNDING = 1e-4
NEEDED = 30
"""Known posts from which a post is among those that are forecast again."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is known of each post's account when only the last few posts are."""

    states: FloatArray
    pasts: list[AccountPast]
    recalled: FloatArray


def by_history(
    frame: pd.DataFrame,
    judged: JudgedPosts,
    model: "ShareModel",
    options: Bootstrap = DEFAULT,
    lengths: Sequence[int] = LENGTHS,
    seed: int = 0,
) -> Report:
    """Return accuracy and coverage for each number of known posts.

    Parameters
    ----------
    frame
        The table that `judged` was made from.
    judged
        Its posts with their embeddings.
    model
        What forecasts.
    options
        Of the intervals of the figures.
    lengths
        How many earlier posts are known.
    seed
        Draws the accounts.

    Returns
    -------
    dict
        Empty where no account has `NEEDED` known posts.
    """
    places = chosen(judged, seed)
    if not len(places):
        return {}
    inputs, rows = judged.inputs.take(places), judged.rows.take(places)
    origin = judged.places[places]
    known = round(float(_known(inputs.states).max()))
    return {
        str(length): {
            "most_known": min(length, known),
            **_judged(
                _cut(frame, origin, inputs, length, model.recall), inputs, rows, model, options
            ),
        }
        for length in lengths
    }


def chosen(judged: JudgedPosts, seed: int) -> NDArray[np.intp]:
    """Places of the scored posts of some accounts, each with `NEEDED` known posts or more."""
    known = _known(judged.inputs.states)
    codes = judged.rows.codes
    scored = np.array([not refusal for refusal in judged.rows.refusals], dtype=np.bool_)
    enough = (known >= NEEDED) & scored
    accounts = np.random.default_rng(seed).permutation(np.unique(codes[enough]))
    sizes = np.bincount(codes[enough], minlength=int(codes.max()) + 1 if len(codes) else 0)
    before = np.cumsum(sizes[accounts]) - sizes[accounts]
    return np.flatnonzero(enough & np.isin(codes, accounts[before < MOST_POSTS]))


def _known(states: FloatArray) -> Floats:
    """Earlier posts with settled counts that each state tells of, but for rounding, (n,)."""
    return np.nan_to_num(np.expm1(states[:, history.KNOWN].astype(np.float64)))


def _cut(
    frame: pd.DataFrame,
    origin: NDArray[np.intp],
    inputs: PostInputs,
    length: int,
    recall: Recall,
) -> Cut:
    limits = np.full(len(frame), length, dtype=np.int64)
    pasts = [
        replace(past, times=past.times[keep], log_shares=past.log_shares[keep])
        for past in inputs.pasts
        for keep in [slice(max(0, len(past.times) - length), None)]
    ]
    told = recalled(frame, origin, recall, limits)
    return Cut(history.states(frame, limits)[origin], pasts, told)


def _judged(
    cut: Cut, inputs: PostInputs, rows: ShareRows, model: "ShareModel", options: Bootstrap
) -> Report:
    posts, vectors = inputs.posts, inputs.vectors
    forecast = model.predict(posts, vectors, cut.states, cut.pasts, cut.recalled, explain=False)
    outcome = _outcome(rows, cut.states) - forecast.drift
    low, high = (np.asarray(bound, dtype=np.float64) for bound in (forecast.low, forecast.high))
    # No shares at all are the lowest outcome and the lowest bound, but for rounding.
    inside = covered(outcome, low - ROUNDING, high + ROUNDING)
    found = order_metrics(rows, forecast.score.astype(np.float64), options)
    return {
        "n": len(posts),
        "accounts": len(np.unique(rows.codes)),
        **flat(found | {"coverage_90": mean_estimate(inside, rows.codes, options)}),
        "interval_width": mean(high - low),
    }


def _outcome(rows: ShareRows, states: FloatArray) -> Floats:
    """What happened in spreads, against the baseline that is known, or else the whole one, (n,)."""
    level, spread = (
        np.where(np.isnan(states[:, at]), whole, states[:, at].astype(np.float64))
        for at, whole in ((history.LEVEL, rows.level), (history.SPREAD, rows.spread))
    )
    return np.asarray((rows.log_shares() - level) / spread, dtype=np.float64)
