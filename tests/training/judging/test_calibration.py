import numpy as np
import pytest
from sklearn.metrics import log_loss

from training.judging.calibration import calibration_slope, log_losses, reliability


def test_log_loss_is_that_of_scikit_learn() -> None:
    p, y = np.array([0.9, 0.2, 0.6, 0.5]), np.array([1, 0, 0, 1])
    assert log_losses(p, y).mean() == pytest.approx(log_loss(y, p))


def test_log_loss_of_a_coin_and_of_a_certain_mistake() -> None:
    assert log_losses([0.5], [1]).tolist() == pytest.approx([np.log(2)])
    assert log_losses([1.0], [0])[0] == pytest.approx(-np.log(1e-6))


def test_reliability_bins_hold_equal_counts_and_give_the_error_by_hand() -> None:
    p = np.repeat([0.1, 0.3, 0.7, 0.9], 10)
    y = np.concatenate([np.repeat([1, 0], [n, 10 - n]) for n in (1, 5, 7, 7)])
    found = reliability(p, y, bins=4)
    assert found.count.tolist() == [10, 10, 10, 10]
    assert found.forecast.tolist() == pytest.approx([0.1, 0.3, 0.7, 0.9])
    assert found.observed.tolist() == pytest.approx([0.1, 0.5, 0.7, 0.7])
    assert found.error() == pytest.approx((0 + 0.2 + 0 + 0.2) / 4)


def test_reliability_of_equal_forecasts_is_one_bin() -> None:
    found = reliability(np.full(20, 0.5), np.repeat([0, 1], [5, 15]))
    assert found.count.tolist() == [20]
    assert found.error() == pytest.approx(0.25)


def test_reliability_of_nothing_is_undefined() -> None:
    assert np.isnan(reliability([], []).error())


def test_slope_is_below_one_where_the_forecast_exaggerates() -> None:
    truth = np.linspace(0, 1, 50)
    assert calibration_slope(2 * truth, truth) == pytest.approx(0.5)
    assert np.isnan(calibration_slope(np.ones(50), truth))
