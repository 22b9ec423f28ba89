"""Would posts of more accounts help? See `training.judging.learning`."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from models.hashing import weighted
from models.textview import smooth_idf, word_counts
from training.judging.learning import curve, nested_parts
from training.judging.metrics import account_correlations, mean
from training.record.plots import Line
from training.run import Job
from training.share.data import chosen, gather_posts, outcomes_of
from training.share.forecasts import JudgedPosts
from training.share.holdout import hold_out
from training.share.report import account_codes
from training.share.views import ViewOptions

CURVE_POSTS = 50
"""Posts of an account that the curve is drawn from: it counts accounts, not posts."""


def learning_curve(
    frames: Sequence[pd.DataFrame], judged: JudgedPosts, job: Job
) -> tuple[Line, ...]:
    """Refit a ridge on words for parts of the training accounts, and measure it on held-out ones.

    Parameters
    ----------
    frames
        The tables that were trained on.
    judged
        Held-out posts with the version's own forecast.
    job
        Seed and progress.
    """
    table = gather_posts(frames)
    table = table[~hold_out(table).held].reset_index(drop=True)
    places = chosen(table, CURVE_POSTS, job.seed)
    outcome = outcomes_of(table)[places]
    places, outcome = places[np.isfinite(outcome)], outcome[np.isfinite(outcome)]
    taken = table.iloc[places]
    counts = word_counts(taken["text"].tolist())
    idf = smooth_idf(counts)
    words = weighted(counts, idf)
    held = weighted(word_counts([post.text for post in judged.inputs.posts]), idf)
    rows = judged.rows
    accounts = account_codes(taken)

    def measure(part: NDArray[np.intp]) -> float:
        if job.progress is not None:
            job.progress("drawing the learning curve", len(part), len(taken))
        ridge = Ridge(alpha=ViewOptions().words, solver="sparse_cg", tol=1e-3)
        ridge.fit(words[part], outcome[part])
        return mean(account_correlations(rows.shares, ridge.predict(held), rows.codes))

    parts = nested_parts([str(code) for code in accounts], job.seed)
    sizes = [len(np.unique(accounts[part])) for part in parts]
    whole = mean(account_correlations(rows.shares, rows.score, rows.codes))
    return curve(parts, sizes, measure, whole, ("ridge on words", "this version"))
