import pytest
from torch import nn

from tests.training.small_encoders import small_bert
from training.tuning.finetune import FinetuneOptions
from training.tuning.optimiser import build_optimiser, rate_factor, stack_of_layers


def test_each_layer_learns_slower_than_the_one_above() -> None:
    network = small_bert().transformer
    head = nn.Linear(2, 1)
    options = FinetuneOptions(rate=1.0, layer_decay=0.5, head_rate=9.0)
    optimiser = build_optimiser(network, list(head.parameters()), options)
    peaks = {id(p): group["peak"] for group in optimiser.param_groups for p in group["params"]}
    bottom, top = (next(layer.parameters()) for layer in stack_of_layers(network))
    embedding = network.get_parameter("embeddings.position_embeddings.weight")
    assert [peaks[id(p)] for p in (top, bottom, embedding)] == [1.0, 0.5, 0.25]
    assert peaks[id(head.weight)] == 9.0


def test_biases_and_norms_are_not_decayed() -> None:
    optimiser = build_optimiser(small_bert().transformer, [], FinetuneOptions())
    for group in optimiser.param_groups:
        matrices = {p.ndim > 1 for p in group["params"]}
        assert matrices == {group["weight_decay"] > 0}


def test_the_rate_rises_then_falls_to_nought() -> None:
    factors = [rate_factor(step, 100, 0.1) for step in range(100)]
    assert factors[:10] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert factors[10] == 1.0
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert factors[-1] < 0.001
