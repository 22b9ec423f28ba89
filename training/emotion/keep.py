"""Keeping what an earlier model could do when its encoder moves on."""

import numpy as np

from features.schema import FloatArray
from models.views import LinearHeads

EARLIER = "start-"
"""Before the names of heads that a model took over from the one it started from."""

ALPHAS = np.logspace(-4, 1, 6)
LEAST_AGREEMENT = 0.7
"""Correlation with the earlier head on texts aside, below which a head is dropped: it would speak
under its old name of something else."""

LEAST_TEXTS = 200


def original(task: str) -> str:
    """Return the name that a task had before models took over its heads, however many did."""
    while task.startswith(EARLIER):
        task = task.removeprefix(EARLIER)
    return task


def brought_over(heads: LinearHeads, before: FloatArray, after: FloatArray) -> LinearHeads:
    """Express heads on a new encoder's embeddings, by ridge on what they said of the same texts.

    Parameters
    ----------
    heads
        Of the earlier encoder.
    before, after
        Embeddings of the same n texts by the earlier and the new encoder, (n, d) and (n, e).

    Returns
    -------
    LinearHeads
        Only tasks all of whose outputs agree with the earlier ones, on average, on a fifth of the
        texts that was set aside. None with fewer than `LEAST_TEXTS`.
    """
    from sklearn.linear_model import RidgeCV

    if len(before) < LEAST_TEXTS:
        return heads.of_tasks(frozenset())
    said = before @ heads.weights + heads.bias
    aside = np.arange(len(said)) % 5 == 0
    ridge = RidgeCV(ALPHAS).fit(after[~aside], said[~aside])
    weights = np.asarray(ridge.coef_, np.float32).reshape(len(heads.names), -1).T
    bias = np.asarray(ridge.intercept_, np.float32).reshape(-1)
    moved = LinearHeads(heads.names, weights, bias, heads.squashed)
    says = after[aside] @ weights + bias
    agreement = _correlations(said[aside], says)
    tasks = np.array([name.split("/")[0] for name in heads.names], dtype=np.str_)
    return moved.of_tasks(
        frozenset(
            task for task in heads.tasks if agreement[tasks == task].mean() >= LEAST_AGREEMENT
        )
    )


def _correlations(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return Pearson's r of each column, 0 where one of them does not vary."""
    x, y = one - one.mean(axis=0), other - other.mean(axis=0)
    size = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    return np.asarray(np.where(size > 0, (x * y).sum(axis=0) / np.maximum(size, 1e-12), 0))
