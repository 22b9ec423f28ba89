from collections import Counter

import numpy as np

from training.tuning.batches import batches, visits
from training.tuning.tasks import Task


def task(name: str, rows: int, passes: float) -> Task:
    texts = tuple(f"{name} {i}" for i in range(rows))
    return Task(name, texts, np.zeros((rows, 1)), "intensity", ("t",), passes=passes)


def test_each_row_comes_as_often_as_its_task_says() -> None:
    order = visits([task("a", 50, 3), task("b", 2000, 0.5)], np.random.default_rng(0))
    counts = Counter(map(tuple, order.tolist()))
    assert [counts[(0, row)] for row in range(50)] == [3] * 50
    assert 900 < sum(n for (number, _), n in counts.items() if number == 1) < 1100
    assert max(n for (number, _), n in counts.items() if number == 1) == 1


def test_a_rows_passes_fall_into_different_parts_of_the_run() -> None:
    order = visits([task("a", 100, 2)], np.random.default_rng(0))
    assert sorted(order[:100, 1].tolist()) == list(range(100))


def test_tasks_run_from_beginning_to_end() -> None:
    order = visits([task("a", 900, 1), task("b", 100, 1)], np.random.default_rng(0))
    assert 0.05 < order[:500, 0].mean() < 0.15


def test_batches_hold_each_visit_once_and_alike_in_length() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 90, 1000)
    cut = batches(lengths, 16, rng)
    assert sorted(np.concatenate(cut).tolist()) == list(range(1000))
    assert np.mean([np.ptp(lengths[part]) for part in cut]) < 3
