"""Linear heads on a shared embedding, one for each task of a fine-tuning."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from features.schema import FloatArray
from training.tuning.tasks import Task, centre_and_spread


@dataclass(frozen=True, eq=False)
class Head:
    """A linear head on unit-length embeddings: `embeddings @ weights + bias`, before any sigmoid.

    `weights` has shape (d, k), `bias` (k,), `outputs` names the k columns.
    """

    outputs: tuple[str, ...]
    weights: FloatArray
    bias: FloatArray

    def __call__(self, embeddings: FloatArray) -> FloatArray:
        """Return the outputs, (n, k)."""
        return embeddings @ self.weights + self.bias


class Heads(nn.Module):
    """The linear heads, on embeddings standardised by what the base encoder gave at the start.

    Sentence encoders keep all texts in a narrow cone; without standardising, heads would learn
    slowly and all alike.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, dimension: int, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(()))
        self.linear = nn.ModuleDict(
            {_key(task): nn.Linear(dimension, len(task.outputs)) for task in tasks if task.outputs}
        )
        self.units = {task.name: centre_and_spread(task) for task in tasks}
        for task in tasks:
            if task.outputs:
                self._reset(task)

    def of(self, task: Task) -> Callable[[Tensor], Tensor]:
        """Return the head of a task, for unit-length embeddings."""
        linear = self.linear[_key(task)]
        return lambda embeddings: linear((embeddings - self.centre) * self.scale)

    def standardise(self, embeddings: Tensor) -> None:
        """Take centre and scale from a sample of embeddings, (m, d)."""
        self.centre.copy_(embeddings.mean(0))
        spread = (embeddings - self.centre).pow(2).mean().sqrt()
        self.scale.copy_(1 / spread.clamp(min=1e-4))

    def standardised_targets(self, task: Task) -> Tensor:
        """Return the targets in the head's own units, float32 (n, k)."""
        centre, spread = self.units[task.name]
        return torch.from_numpy(((task.targets - centre) / spread).astype(np.float32))

    @torch.no_grad()
    def _reset(self, task: Task) -> None:
        """Start small, from the mean of the targets."""
        linear = self._linear(task)
        nn.init.normal_(linear.weight, std=0.01)
        linear.bias.zero_()
        if task.loss == "intensity":
            for column, values in enumerate(task.targets.T):
                known = values[~np.isnan(values)]
                mean = float(np.clip(known.mean(), 0.01, 0.99)) if len(known) else 0.5
                linear.bias[column] = float(np.log(mean / (1 - mean)))

    @torch.no_grad()
    def start_from(self, initial: Mapping[str, Head], tasks: Sequence[Task]) -> None:
        """Take over the heads of the tasks that an earlier fine-tuning had too."""
        for task in tasks:
            if task.name in initial:
                self._take_over(task, initial[task.name])

    def _take_over(self, task: Task, found: Head) -> None:
        centre, spread = self.units[task.name]
        linear = self._linear(task)
        for column, output in enumerate(task.outputs):
            if output not in found.outputs:
                continue
            old = found.outputs.index(output)
            weights = torch.from_numpy((found.weights[:, old] / spread[column]).astype(np.float32))
            bias = float((found.bias[old] - centre[column]) / spread[column])
            linear.weight[column] = weights / self.scale
            linear.bias[column] = bias + float(weights @ self.centre)

    @torch.no_grad()
    def export(self, task: Task) -> Head:
        """Fold standardising and the target's units into one linear map."""
        centre, spread = self.units[task.name]
        linear = self._linear(task)
        weights = (linear.weight * self.scale).double().numpy().T
        bias = linear.bias.double().numpy() - self.centre.double().numpy() @ weights
        return Head(
            task.outputs,
            (weights * spread).astype(np.float32),
            (bias * spread + centre).astype(np.float32),
        )

    def _linear(self, task: Task) -> nn.Linear:
        linear = self.linear[_key(task)]
        assert isinstance(linear, nn.Linear)
        return linear


def _key(task: Task) -> str:
    # Names of modules may hold no dots, nor be those of a module's own methods.
    return "of_" + task.name.replace("_", "__").replace(".", "_")
