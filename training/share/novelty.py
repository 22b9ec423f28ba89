"""Fitting the measure of novelty: posts against noise made from them."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from features.text.shape import shapes
from models.novelty import QUANTILES, Novelty, expanded, standardised
from training.share.noise import noise

MOST_POSTS = 20_000
PENALTY = 0.3
"""Inverse strength of the ridge penalty: the products of shapes are many, the posts are enough."""

SMALLEST_SCALE = 1e-3


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
    draw = np.random.default_rng(seed)
    chosen = [texts[row] for row in draw.permutation(len(texts))[:MOST_POSTS]]
    apart = [held_out[row] for row in draw.permutation(len(held_out))[:MOST_POSTS]]
    posts, spoiled = shapes(chosen), shapes(noise(chosen, seed))
    both = np.vstack([posts, spoiled])
    centre = np.nan_to_num(np.nanmean(both, axis=0, dtype=np.float64))
    scale = np.maximum(np.nan_to_num(np.nanstd(both, axis=0, dtype=np.float64)), SMALLEST_SCALE)
    is_noise = np.repeat([0, 1], [len(posts), len(spoiled)])
    regression = LogisticRegression(C=PENALTY, max_iter=2000)
    regression.fit(expanded(standardised(both, centre, scale)), is_noise)
    weights = np.append(regression.coef_[0], regression.intercept_[0])
    fitted = Novelty(centre, scale, weights, np.zeros(QUANTILES))
    odds = np.quantile(fitted.log_odds(shapes(apart)), np.linspace(0, 1, QUANTILES))
    return Novelty(centre, scale, weights, odds)
