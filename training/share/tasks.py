"""What share data can teach a shared encoder: how posts did, and which wording won.

Hand the tasks to `training.tuning.finetune` beside the emotion tasks. What a share training holds
out of the same tables is left out, so that held-out figures stay honest for every model on the new
encoder; a part of the comparisons is left to the share model (`training.splits.taught`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.share.data import belief, chosen, gather_posts, outcomes_of
from training.share.holdout import hold_out
from training.splits import taught, vault
from training.tuning.tasks import Task

POSTS_TASK = "share_posts"
SMALLEST_PLATFORM = 300
SUREST, LEAST_SURE = 0.98, 0.55

DRAW = 0
"""Seed by which an encoder's posts are drawn, whatever the training's: whoever trains on the
encoder later must be able to tell which posts taught it."""


@dataclass(frozen=True, slots=True)
class ShareTaskOptions:
    """How much of the share data takes part.

    Attributes
    ----------
    posts
        Most posts in all, drawn evenly over accounts.
    per_account
        Most posts of one account.
    pair_visits
        How often pairs of one platform are seen in all; each at most twice.
    posts_weight, pairs_weight
        Of a row's loss, against the emotion tasks'.
    """

    posts: int = 22_000
    per_account: int = 100
    pair_visits: int = 20_000
    posts_weight: float = 0.5
    pairs_weight: float = 1.0


def share_tasks(
    posts: Sequence[pd.DataFrame],
    comparisons: Sequence[pd.DataFrame],
    options: ShareTaskOptions = ShareTaskOptions(),
) -> list[Task]:
    """Return a task of posts and one for each platform's comparisons.

    Parameters
    ----------
    posts, comparisons
        Canonical tables; either may be empty.
    options
        How much of them.
    """
    tasks = [posts_task(gather_posts(posts), options)] if posts else []
    return [*tasks, *(pair_tasks(comparisons, options) if comparisons else [])]


def posts_task(table: pd.DataFrame, options: ShareTaskOptions) -> Task:
    """Return how posts did against their account's recent baseline, in its spreads."""
    table = table[~hold_out(table).held].reset_index(drop=True)
    outcome = outcomes_of(table)
    places = encoder_posts(table, options)
    return Task(
        name=POSTS_TASK,
        texts=table["text"].iloc[places].tolist(),
        targets=outcome[places, None],
        loss="value",
        outputs=("outcome",),
        weight=options.posts_weight,
    )


def encoder_posts(
    table: pd.DataFrame, options: ShareTaskOptions = ShareTaskOptions()
) -> NDArray[np.intp]:
    """Return the places of the posts that an encoder is taught, ascending.

    Parameters
    ----------
    table
        All posts that are not held out; the same table and options give the same posts.
    options
        How many.
    """
    places = chosen(table, options.per_account, DRAW)
    places = places[np.isfinite(outcomes_of(table)[places])]
    draw = np.random.default_rng(DRAW).permutation(len(places))[: options.posts]
    return np.sort(places[draw])


def pair_tasks(comparisons: Sequence[pd.DataFrame], options: ShareTaskOptions) -> list[Task]:
    """Return one Bradley-Terry task for each platform with enough comparisons to teach."""
    table = pd.concat(list(comparisons), ignore_index=True)
    groups = table["group_id"].astype(str)
    table = table[taught(groups) & ~vault(groups)].reset_index(drop=True)
    tasks = []
    for platform, part in table.groupby(table["platform"].astype(object).fillna("other")):
        if len(part) >= SMALLEST_PLATFORM:
            tasks.append(
                Task(
                    name=f"share_{platform}",
                    texts=part["text_a"].tolist(),
                    rivals=part["text_b"].tolist(),
                    targets=chances(part)[:, None],
                    loss="pairs",
                    outputs=("first_wins",),
                    weight=options.pairs_weight,
                    passes=min(2.0, options.pair_visits / len(part)),
                )
            )
    return tasks


def chances(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the probability that the first side is the better one, (n,).

    A test with a small p-value is believed; one that chance explains as well says little.
    """
    trust = np.tanh(belief(frame))
    sure = LEAST_SURE + (SUREST - LEAST_SURE) * trust
    return np.where(frame["winner"] == "a", sure, 1 - sure)
