import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from features.text.encoder import Encoder
from tests.training.small_encoders import TEXTS, branched
from training.encoder.base_models import load_base
from training.encoder.below import Below, OnTop
from training.tuning.optimiser import stack_of_layers


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return branched(tmp_path_factory.mktemp("branched"))[1]


def test_topmost_layers_give_what_the_branch_will(whole: Path) -> None:
    top = OnTop(load_base(whole), Below(whole, 1, 2), 1)
    served = Encoder.load(whole).encode(TEXTS)[:, 32:]
    assert (served * top.embed(TEXTS)).sum(axis=1).min() > 0.999


def test_vector_does_not_depend_on_the_batch(whole: Path) -> None:
    top = OnTop(load_base(whole), Below(whole, 1, 2), 1)
    alone = np.concatenate([top.embed([text]) for text in reversed(TEXTS)])[::-1]
    np.testing.assert_allclose(top.embed(TEXTS), alone, atol=1e-5)


def test_a_text_is_computed_once_and_copies_know_it(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = Below(whole, 1, 2)
    ids, mask = load_base(whole).tokens(TEXTS)
    first = below(ids, mask)
    monkeypatch.setattr(Below, "_run", None)
    assert torch.equal(copy.deepcopy(below)(ids, mask), first)


def test_gradients_reach_the_topmost_layers_alone(whole: Path) -> None:
    top = OnTop(load_base(whole), Below(whole, 1, 2), 1)
    top(*top.tokens(TEXTS))[:, 0].sum().backward()
    lower, upper = (
        [weights.grad is not None for weights in layer.parameters()]
        for layer in stack_of_layers(top.transformer)
    )
    assert not any(lower)
    assert all(upper)
