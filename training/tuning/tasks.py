"""What an encoder is fine-tuned on: texts, targets with gaps, and the name of their loss.

Nothing here needs torch: share training imports it, and fine-tunes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.errors import TrainingError

Loss = Literal["intensity", "value", "pairs", "mirror"]
LOSSES: tuple[Loss, ...] = ("intensity", "value", "pairs", "mirror")


@dataclass(frozen=True, eq=False)
class Task:
    """One labelled set of texts, with its own linear head on the shared encoder.

    Parameters
    ----------
    name
        Of the head; unique within a fine-tuning.
    texts
        n raw texts.
    targets
        Shape (n, k); NaN is a missing label, which trains nothing.
    loss
        ``intensity``: targets in 0..1, or 0/1 labels: cross-entropy of the sigmoid.
        ``value``: any scale: squared error in units of the target's own spread.
        ``pairs``: one column, the chance that `texts[i]` beats `rivals[i]` (Bradley & Terry 1952).
        ``mirror``: no columns: `texts[i]` and `rivals[i]`, translations say, should embed alike.
    outputs
        Names of the k columns.
    weight
        Of a row's loss, against the other tasks'.
    passes
        How often each row is seen; 0.5 takes a random half.
    rivals
        The other texts of ``pairs`` and ``mirror``.
    """

    name: str
    texts: Sequence[str]
    targets: NDArray[np.float64]
    loss: Loss
    outputs: tuple[str, ...]
    weight: float = 1.0
    passes: float = 1.0
    rivals: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and targets that could not be learnt from."""
        if self.loss not in LOSSES:
            raise TrainingError(f"Got loss={self.loss!r}; expected one of {', '.join(LOSSES)}.")
        if self.targets.shape != (len(self.texts), len(self.outputs)):
            raise TrainingError(
                f"Task {self.name}: targets have shape {self.targets.shape}; expected"
                f" {(len(self.texts), len(self.outputs))}."
            )
        twofold = self.loss in ("pairs", "mirror")
        if twofold != (self.rivals is not None) or len(self.rivals or self.texts) != len(self):
            raise TrainingError(f"Task {self.name}: rivals do not fit the loss {self.loss!r}.")
        if self.loss in ("intensity", "pairs") and _outside_unit(self.targets):
            raise TrainingError(f"Task {self.name}: targets lie outside 0..1.")

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.texts)


def _outside_unit(targets: NDArray[np.float64]) -> bool:
    known = targets[~np.isnan(targets)]
    return bool(known.size and (known.min() < 0 or known.max() > 1))


def centre_and_spread(task: Task) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a ``value`` head's outputs are shifted and scaled by; 0 and 1 for other losses.

    Returns
    -------
    tuple of two ndarrays of shape (k,)
    """
    k = len(task.outputs)
    centre, spread = np.zeros(k), np.ones(k)
    if task.loss == "value":
        for column in range(k):
            known = task.targets[~np.isnan(task.targets[:, column]), column]
            if len(known) > 1 and known.std() > 0:
                centre[column], spread[column] = known.mean(), known.std()
    return centre, spread
