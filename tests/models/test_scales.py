import numpy as np
import pytest

from models.scales import LEAST_ERROR, Scale


def line() -> tuple[np.ndarray, np.ndarray]:
    raw = np.linspace(-2, 2, 1000)
    return raw, np.clip(0.5 + raw / 4, 0, 1)


def test_it_finds_the_raters_scale() -> None:
    scale = Scale.fit(*line(), 0, 1)
    assert scale.value(np.array([-1.0, 0.0, 1.0])) == pytest.approx([0.25, 0.5, 0.75], abs=0.02)


def test_it_never_falls_and_keeps_apart_what_differs() -> None:
    rng = np.random.default_rng(0)
    raw = rng.normal(size=2000)
    truth = np.clip(raw / 4 + 0.5 + rng.normal(0, 0.3, 2000), 0, 1)
    levels = Scale.fit(raw, truth, 0, 1).value(np.linspace(-1.5, 1.5, 200))
    assert (np.diff(levels) > 0).mean() > 0.9
    assert (np.diff(levels) >= 0).all()


def test_it_stays_in_range_however_extreme_the_opinion() -> None:
    scale = Scale.fit(*line(), 0, 1)
    assert scale.value(np.array([-1e6, 1e6])).tolist() == [0.0, 1.0]


def test_errors_are_expected_where_they_were_made() -> None:
    raw = np.linspace(0, 1, 2000)
    noise = np.where(raw > 0.5, np.tile([0.3, -0.3], 1000), 0.0)
    scale = Scale.fit(raw, raw / 2 + 0.25 + noise, 0, 1)
    quiet, loud = scale.expected_error(np.array([0.2, 0.8]))
    assert quiet == LEAST_ERROR
    assert loud == pytest.approx(0.3, abs=0.05)


def test_of_texts_unlike_those_at_hand_no_error_is_expected_to_be_small() -> None:
    raw = np.linspace(0, 1, 2000)
    noise = np.where(raw > 0.5, np.tile([0.2, -0.2], 1000), 0.0)
    scale = Scale.straight(raw, raw / 2 + 0.25 + noise, 0, 1)
    quiet, loud = scale.expected_error(np.array([0.2, 0.8]))
    assert quiet == pytest.approx(0.05, abs=0.005), "half of the mean, which is .1"
    assert loud == pytest.approx(0.2, abs=0.03)


def test_equal_opinions_are_one_knot() -> None:
    scale = Scale.fit(np.zeros(100), np.linspace(0, 1, 100), 0, 1)
    assert scale.value(np.array([0.0, 5.0])) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("rows", range(10, 31))
def test_few_texts_still_tell_weak_from_strong(rows: int) -> None:
    raw = np.linspace(-1, 1, rows)
    weak, strong = Scale.fit(raw, 0.5 + raw / 4, 0, 1).value(np.array([-0.5, 0.5]))
    assert (weak, strong) == pytest.approx((0.375, 0.625), abs=0.01)


def test_it_can_be_read_back() -> None:
    scale = Scale.fit(*line(), 0, 1)
    again = Scale.from_array(scale.array(), 0, 1)
    grid = np.linspace(-3, 3, 50)
    assert (again.value(grid) == scale.value(grid)).all()
    assert (again.expected_error(grid) == scale.expected_error(grid)).all()
