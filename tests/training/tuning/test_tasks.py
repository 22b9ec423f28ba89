import numpy as np
import pytest
import torch

from features.errors import TrainingError
from training.tuning.tasks import Task, centre_and_spread, mirror_losses, row_losses

NAN = float("nan")


def task(targets: list[list[float]], loss: str = "intensity", **more: object) -> Task:
    texts = tuple(f"text {i}" for i in range(len(targets)))
    names = tuple(f"t{i}" for i in range(len(targets[0])))
    return Task("a", texts, np.array(targets), loss, names, **more)  # type: ignore[arg-type]


def test_a_missing_label_costs_nothing() -> None:
    outputs = torch.tensor([[0.0, 5.0], [0.0, -5.0]])
    targets = torch.tensor([[1.0, NAN], [NAN, NAN]])
    losses = row_losses("intensity", outputs, outputs, targets)
    assert losses.tolist() == pytest.approx([np.log(2), 0.0])


def test_value_loss_is_half_the_squared_error() -> None:
    losses = row_losses(
        "value", torch.tensor([[3.0]]), torch.tensor([[0.0]]), torch.tensor([[1.0]])
    )
    assert losses.tolist() == [2.0]


def test_pairs_loss_sees_the_difference_alone() -> None:
    one, other, won = torch.tensor([[7.0]]), torch.tensor([[7.0]]), torch.tensor([[1.0]])
    assert row_losses("pairs", one, other, won).tolist() == pytest.approx([np.log(2)])
    assert row_losses("pairs", one + 9, other, won).item() < 0.001


def test_mirror_loss_is_nought_for_equal_embeddings() -> None:
    one = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    other = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert mirror_losses(one, other).tolist() == [0.0, 1.0]


def test_value_targets_are_measured_in_their_own_spread() -> None:
    centre, spread = centre_and_spread(task([[1.0], [3.0], [NAN]], "value"))
    assert (centre.tolist(), spread.tolist()) == ([2.0], [1.0])


def test_intensities_keep_their_units() -> None:
    centre, spread = centre_and_spread(task([[0.2], [0.4]]))
    assert (centre.tolist(), spread.tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize(
    ("targets", "loss", "more", "match"),
    [
        ([[1.5]], "intensity", {}, "outside 0..1"),
        ([[0.5]], "pairs", {}, "rivals"),
        ([[0.5]], "intensity", {"rivals": ("other",)}, "rivals"),
        ([[0.5]], "pairs", {"rivals": ("one", "two")}, "rivals"),
        ([[0.5]], "hinge", {}, "expected one of intensity"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(
    targets: list[list[float]], loss: str, more: dict[str, object], match: str
) -> None:
    with pytest.raises(TrainingError, match=match):
        task(targets, loss, **more)


def test_targets_of_another_shape_are_refused() -> None:
    with pytest.raises(TrainingError, match="shape"):
        Task("a", ("one",), np.zeros((2, 1)), "intensity", ("t0",))
