"""What fine-tuning makes small: the loss of each row, by the kind of its task."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from training.tuning.tasks import Loss


def row_losses(loss: Loss, outputs: Tensor, rivals: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of each row, (n,), summed over its labelled columns.

    Parameters
    ----------
    loss
        Not ``mirror``, which has no outputs.
    outputs, rivals
        The head's answers, (n, k); `rivals` counts for ``pairs`` alone.
    targets
        Shape (n, k), NaN where missing.
    """
    known = ~torch.isnan(targets)
    filled = torch.where(known, targets, torch.zeros_like(targets))
    if loss == "value":
        each = 0.5 * (outputs - filled) ** 2
    else:
        logits = outputs - rivals if loss == "pairs" else outputs
        each = binary_cross_entropy_with_logits(logits, filled, reduction="none")
    return (each * known).sum(dim=1)


def mirror_losses(embeddings: Tensor, rivals: Tensor) -> Tensor:
    """Return half the squared distance of unit-length embeddings, (n,): 0 alike, 1 orthogonal."""
    return 1 - (embeddings * rivals).sum(dim=1)
