"""Fitting the measure of novelty: posts against noise made from them."""

from collections.abc import Sequence
from random import Random

import lightgbm
import numpy as np

from features.text.shape import shapes
from models.novelty import QUANTILES, Novelty, log_odds
from training.share.noise import noise
from training.share.ordinary import cut_short, with_figures

MOST_POSTS = 20_000
ORDINARY = 5
"""Posts for each one that is cut short and each one with figures: see `training.share.ordinary`."""

TREES = 60
LEAF, LEAVES = 100, 50
"""A leaf holds so many texts, and of few texts no more than a fiftieth of them."""

PARAMETERS = {
    "objective": "binary",
    "num_leaves": 12,
    "learning_rate": 0.15,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def fit_novelty(texts: Sequence[str], held_out: Sequence[str], seed: int) -> Novelty:
    """Learn to tell posts from noise, and where held-out posts lie.

    Parameters
    ----------
    texts
        Posts to fit on; of more than `MOST_POSTS` a draw.
    held_out
        Other posts.
    seed
        Draws the posts and the noise.
    """
    draw, random = np.random.default_rng(seed), Random(seed)
    chosen = [texts[row] for row in draw.permutation(len(texts))[:MOST_POSTS]]
    apart = [held_out[row] for row in draw.permutation(len(held_out))[:MOST_POSTS]]
    short = [cut_short(text, random) for text in chosen[::ORDINARY]]
    figures = [with_figures(text, random) for text in chosen[1::ORDINARY]]
    posts = shapes([*chosen, *short, *figures])
    spoiled = shapes(noise([*chosen, *short], seed))
    data = lightgbm.Dataset(
        np.vstack([posts, spoiled]), np.repeat([0, 1], [len(posts), len(spoiled)])
    )
    leaf = min(LEAF, (len(posts) + len(spoiled)) // LEAVES)
    trees = lightgbm.train({**PARAMETERS, "min_child_samples": leaf, "seed": seed}, data, TREES)
    odds = np.quantile(log_odds(trees, shapes(apart)), np.linspace(0, 1, QUANTILES))
    return Novelty(trees, odds)
