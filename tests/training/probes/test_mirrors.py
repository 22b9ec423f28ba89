import numpy as np

from training.probes.counterfactuals import sentences
from training.probes.mirrors import mirror_task, people_twins, slip_twins

TEXTS = {
    "en": ["The championship was a wonderful evening", "Rain all day and no umbrella anywhere"],
    "pl": ["Zażółć gęślą jaźń, powiedział dyrektor", "ok"],
}


def test_people_twins_are_of_the_taught_half() -> None:
    first, second = people_twins(80, seed=3)
    taught = {sentence.text for sentence in sentences("taught")}
    measured = {sentence.text for sentence in sentences("measured")}
    assert len(first) == len(second) == 80
    assert set(first) | set(second) <= taught - measured
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_slips_are_of_the_texts_and_repeatable() -> None:
    first, second = slip_twins(TEXTS, count=4, seed=0)
    assert set(first) == {*TEXTS["en"], TEXTS["pl"][0]}  # two letters are too few to slip in
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert (first, second) == slip_twins(TEXTS, count=4, seed=0)
    assert slip_twins({}, seed=0) == ((), ())


def test_mirror_task_has_no_columns() -> None:
    task = mirror_task("slips", (("a", "b"), ("A", "B")), weight=0.3)
    assert (task.loss, task.outputs, task.targets.shape) == ("mirror", (), (2, 0))
    assert task.rivals == ("A", "B")
    assert np.isfinite(task.weight)
