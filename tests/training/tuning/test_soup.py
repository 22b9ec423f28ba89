from dataclasses import replace

import numpy as np
import torch

from tests.training.small_encoders import small_bert
from tests.training.tuning.test_finetune import OPTIONS, TEXTS, feelings
from training.tuning.finetune import Finetuned, finetune
from training.tuning.soup import mean_of, seeds

LEARNT = "encoder.layer.0.output.dense.weight"
FROZEN = "embeddings.word_embeddings.weight"


def tuned(seed: int) -> Finetuned:
    return finetune(small_bert(), [feelings()], replace(OPTIONS, seed=seed))


def test_one_run_has_the_seed_itself() -> None:
    assert seeds(7, 1) == [7]


def test_more_runs_begin_with_the_seeds_of_fewer() -> None:
    two, three = seeds(7, 2), seeds(7, 3)
    assert three[:2] == two
    assert len(set(three)) == 3


def test_the_mean_lies_between_the_runs() -> None:
    first, second = tuned(0), tuned(1)
    before = [run.encoder.transformer.get_parameter(LEARNT).clone() for run in (first, second)]
    heads = [run.heads["feelings"].weights for run in (first, second)]
    mixed = mean_of([first, second])
    after = mixed.encoder.transformer.get_parameter(LEARNT)
    assert not torch.equal(before[0], before[1])
    torch.testing.assert_close(after, (before[0] + before[1]) / 2)
    np.testing.assert_allclose(mixed.heads["feelings"].weights, (heads[0] + heads[1]) / 2)
    assert mixed.visits == first.visits + second.visits


def test_what_no_run_learns_stays_as_it_was() -> None:
    before = small_bert().transformer.get_parameter(FROZEN).detach()
    mixed = mean_of([tuned(0), tuned(1), tuned(2)])
    assert torch.equal(mixed.encoder.transformer.get_parameter(FROZEN), before)


def test_the_mean_still_tells_feelings_apart() -> None:
    mixed = mean_of([tuned(0), tuned(1)])
    joy = mixed.heads["feelings"](mixed.encoder.embed(TEXTS))[:, 0]
    assert joy[:4].min() > joy[4:].max()


def test_the_mean_of_one_is_that_one() -> None:
    run = tuned(0)
    before = run.encoder.embed(TEXTS)
    np.testing.assert_array_equal(mean_of([run]).encoder.embed(TEXTS), before)
