import numpy as np
import pytest
import torch

from training.tuning.losses import mirror_losses, row_losses

NAN = float("nan")


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
