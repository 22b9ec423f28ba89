import numpy as np
import pytest

from training.emotion.blend import weights_of


def drawn(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two views that err alike, the second a little more, one that errs alone, and one of noise."""
    rng = np.random.default_rng(seed)
    truth, shared, alone, noise = rng.normal(size=(4, n))
    first = truth + 0.7 * shared
    second = truth + 0.9 * shared
    return np.column_stack([first, second, truth + alone, noise]), truth


def test_no_weight_is_below_zero_and_they_sum_to_one() -> None:
    weights = weights_of(*drawn(5000))
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    assert weights[3] < 0.02


def test_of_views_that_err_alike_the_better_one_is_heard() -> None:
    # Free weights would take the second away from the first; cut off at zero, those that are left
    # would be too large, and the blend worse than one without it.
    x, truth = drawn(5000)
    weights = weights_of(x, truth)
    blend = np.corrcoef(x @ weights, truth)[0, 1]
    without = weights_of(x[:, [0, 2, 3]], truth)
    assert weights[1] == pytest.approx(0, abs=0.01)
    assert blend == pytest.approx(np.corrcoef(x[:, [0, 2, 3]] @ without, truth)[0, 1], abs=1e-3)


def test_of_few_texts_all_views_are_heard() -> None:
    weights = weights_of(*drawn(12))
    assert weights.max() < 0.5
    assert weights.min() > 0.05


def test_views_that_say_nothing_weigh_the_same() -> None:
    x, truth = drawn(50)
    assert weights_of(np.zeros_like(x), truth) == pytest.approx([0.25] * 4)


def test_weights_answer_for_translations_a_little() -> None:
    # Labels tell the first two views no better than each other; of translations only one speaks.
    rng = np.random.default_rng(0)
    truth, noise = rng.normal(size=(2, 3000))
    x = np.column_stack([truth + noise, truth - noise])
    translated = rng.normal(size=(400, 2))
    plain = weights_of(x, truth)
    alike = weights_of(x, truth, (translated, 7 * translated[:, 0] + 3))
    assert plain == pytest.approx([0.5, 0.5], abs=0.02)
    assert 0.52 < alike[0] < 0.8
    assert alike.sum() == pytest.approx(1)
