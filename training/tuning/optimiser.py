"""AdamW with a learning rate for each layer, warmed up and then let down along a cosine."""

import math
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import nn


class Rates(Protocol):
    """What the optimiser reads of the fine-tuning's options."""

    @property
    def rate(self) -> float: ...  # noqa: D102
    @property
    def head_rate(self) -> float: ...  # noqa: D102
    @property
    def layer_decay(self) -> float: ...  # noqa: D102
    @property
    def weight_decay(self) -> float: ...  # noqa: D102


def build_optimiser(
    transformer: nn.Module, heads: Sequence[nn.Parameter], options: Rates
) -> torch.optim.Optimizer:
    """Return an AdamW whose groups carry their highest rate as `peak`.

    The topmost layer learns at `rate`, each one below at `layer_decay` of the one above, the
    embeddings like one more layer below the first; `heads` learn at `head_rate`. Biases and norms
    are not decayed.
    """
    layers = stack_of_layers(transformer)
    depth = {id(p): i + 1 for i, layer in enumerate(layers) for p in layer.parameters()}
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for parameter in transformer.parameters():
        if parameter.requires_grad:
            below = len(layers) - depth.get(id(parameter), 0)
            peak = options.rate * options.layer_decay**below
            groups.setdefault((peak, parameter.ndim > 1), []).append(parameter)
    for parameter in heads:
        groups.setdefault((options.head_rate, parameter.ndim > 1), []).append(parameter)
    described: list[dict[str, Any]] = [
        {"params": members, "peak": peak, "weight_decay": options.weight_decay if decays else 0.0}
        for (peak, decays), members in groups.items()
    ]
    return torch.optim.AdamW(described, lr=options.rate, betas=(0.9, 0.98), fused=True)


def stack_of_layers(transformer: nn.Module) -> list[nn.Module]:
    """Return the transformer's layers from the bottom up: the longest list of modules in it."""
    lists = [list(m) for m in transformer.modules() if isinstance(m, nn.ModuleList)]
    return max(lists, key=len, default=[])


def rate_factor(step: int, total: int, warmup: float) -> float:
    """Return the share, 0..1, of the peak rate at a step: a straight rise, then half a cosine."""
    rise = max(1, round(total * warmup))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise)))
