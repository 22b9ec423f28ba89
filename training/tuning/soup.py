"""Several fine-tunings that differ in their seed alone, and the mean of what they come to.

From one start they end in one valley: the mean of their weights errs less than any of them and
costs no more to run (Wortsman et al. 2022, model soups).
"""

from collections.abc import Sequence

import numpy as np
import torch

from training.tuning.finetune import Finetuned
from training.tuning.heads import Head


def seeds(seed: int, runs: int) -> list[int]:
    """Return a seed for each run: for one run the seed itself; fewer runs have the first of more.

    Parameters
    ----------
    seed
        Of the whole.
    runs
        1 or more.
    """
    if runs == 1:
        return [seed]
    return [int(each) for each in np.random.SeedSequence(seed).generate_state(runs)]


@torch.no_grad()
def mean_of(runs: Sequence[Finetuned]) -> Finetuned:
    """Return the mean of the runs' weights, in the first run's encoder, which is changed.

    Parameters
    ----------
    runs
        One or more fine-tunings of one encoder on tasks of the same names and outputs. Heads apply
        to unit-length embeddings, so that their mean means the same for each.
    """
    first, *others = runs
    parts = [dict(run.encoder.named_parameters()) for run in others]
    for name, weights in first.encoder.named_parameters():
        if weights.requires_grad:
            weights.copy_(torch.stack([weights, *(part[name] for part in parts)]).mean(0))
    heads = {name: _mean_head([run.heads[name] for run in runs]) for name in first.heads}
    seconds, visits = sum(run.seconds for run in runs), sum(run.visits for run in runs)
    return Finetuned(first.encoder, heads, seconds, visits)


def _mean_head(heads: Sequence[Head]) -> Head:
    return Head(
        heads[0].outputs,
        np.mean([head.weights for head in heads], axis=0, dtype=np.float32),
        np.mean([head.bias for head in heads], axis=0, dtype=np.float32),
    )
