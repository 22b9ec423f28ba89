from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

from training.judging.bootstrap import Bootstrap, Codes
from training.judging.metrics import (
    absolute_errors,
    account_correlations,
    correlation,
    covered,
    mean,
    moments,
    pearson,
    spearman,
    spearman_estimate,
    weighted_ranks,
)

RNG = np.random.default_rng(0)
TRUTH = np.round(RNG.normal(size=200), 1)
FORECAST = np.round(TRUTH + RNG.normal(size=200), 1)
Metric = Callable[[ArrayLike, ArrayLike], float]
NAN = float("nan")


def codes_of(*sizes: int) -> Codes:
    return np.repeat(np.arange(len(sizes)), sizes).astype(np.intp)


def test_pearson_and_spearman_are_those_of_scipy() -> None:
    assert pearson(TRUTH, FORECAST) == pytest.approx(stats.pearsonr(TRUTH, FORECAST).statistic)
    assert spearman(TRUTH, FORECAST) == pytest.approx(stats.spearmanr(TRUTH, FORECAST).statistic)


def test_pearson_keeps_its_digits_far_from_zero() -> None:
    assert pearson(TRUTH + 1e7, FORECAST + 1e7) == pytest.approx(pearson(TRUTH, FORECAST), abs=1e-6)


def test_rows_without_a_label_are_left_out() -> None:
    assert pearson([1, 2, NAN, 3], [2, 4, -50, 6]) == pytest.approx(1.0)
    assert spearman([1, 2, NAN, 3], [9, 4, -50, 1]) == pytest.approx(-1.0)


@pytest.mark.parametrize("metric", [pearson, spearman])
def test_constant_truth_is_undefined_and_constant_forecast_orders_nothing(metric: Metric) -> None:
    assert np.isnan(metric([0.1, 0.1, 0.1], [1, 2, 3]))
    assert metric([1, 2, 3], [0.1, 0.1, 0.1]) == 0.0
    assert np.isnan(metric([], []))


def test_correlation_of_sums_is_that_of_the_rows() -> None:
    rows = moments(TRUTH, FORECAST)
    parts = np.stack([rows[:100].sum(axis=0), rows.sum(axis=0)])
    expected = [pearson(TRUTH[:100], FORECAST[:100]), pearson(TRUTH, FORECAST)]
    assert correlation(parts).tolist() == pytest.approx(expected)


def test_weighted_ranks_are_the_ranks_of_repeated_rows() -> None:
    values, weights = np.array([3.0, 1.0, 1.0, 2.0]), np.array([[1, 2, 0, 1], [0, 1, 1, 3]])
    first = weighted_ranks(values, weights.astype(float))
    # 1 1 2 3 and 1 1 2 2 2
    assert first[0, [0, 1, 3]].tolist() == [4.0, 1.5, 3.0]
    assert first[1, [1, 2, 3]].tolist() == [1.5, 1.5, 4.0]


def test_spearman_estimate_resamples_ranks_as_a_loop_would() -> None:
    codes = np.arange(200, dtype=np.intp)
    found = spearman_estimate(TRUTH, FORECAST, codes, Bootstrap(resamples=600, level=0.9))
    rng = np.random.default_rng(1)
    picks = [rng.integers(200, size=200) for _ in range(600)]
    looped = [stats.spearmanr(TRUTH[p], FORECAST[p]).statistic for p in picks]
    assert found.value == pytest.approx(spearman(TRUTH, FORECAST))
    assert [found.low, found.high] == pytest.approx(np.quantile(looped, [0.05, 0.95]), abs=0.02)


def test_absolute_errors_and_mean_skip_what_is_missing() -> None:
    assert mean(absolute_errors([0.0, 1.0, NAN], [0.5, 0.8, 3.0])) == pytest.approx(0.35)
    assert np.isnan(mean(np.array([NAN])))


def test_covered_counts_the_borders_and_skips_missing_intervals() -> None:
    found = covered([0.0, 1.0, 2.0, 3.0], [0.0, 1.1, 1.0, NAN], [1.0, 2.0, 2.0, NAN])
    assert found[:3].tolist() == [1.0, 0.0, 1.0]
    assert mean(found) == pytest.approx(2 / 3)


def test_account_correlations_are_scipys_for_each_account() -> None:
    codes = codes_of(120, 80)
    expected = [stats.spearmanr(TRUTH[codes == a], FORECAST[codes == a]).statistic for a in (0, 1)]
    assert account_correlations(TRUTH, FORECAST, codes).tolist() == pytest.approx(expected)


def test_account_correlations_do_not_see_the_levels_of_accounts() -> None:
    codes = codes_of(100, 100)
    shifted = TRUTH + 1000.0 * codes
    assert account_correlations(shifted, FORECAST, codes).tolist() == pytest.approx(
        account_correlations(TRUTH, FORECAST, codes).tolist()
    )


def test_which_accounts_count_depends_on_the_outcome_only() -> None:
    codes = codes_of(9, 10, 10, 11)
    shares = np.concatenate([np.arange(9), np.zeros(10), np.arange(10), np.arange(11)]).astype(
        float
    )
    score = np.concatenate([np.arange(9), np.arange(10), np.ones(10), np.arange(11)]).astype(float)
    found = account_correlations(shares, score, codes)
    assert np.isnan(found).tolist() == [True, True, False, False]  # nine posts; never shared
    assert found[2:].tolist() == [0.0, 1.0]  # a constant score orders nothing


def test_posts_without_a_score_do_not_count_towards_the_ten() -> None:
    score = np.arange(10.0)
    score[3] = NAN
    assert np.isnan(account_correlations(np.arange(10.0), score, codes_of(10))[0])
