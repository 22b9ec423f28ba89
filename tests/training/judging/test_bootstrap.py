import numpy as np
import pytest

from training.judging.bootstrap import (
    Bootstrap,
    cluster_codes,
    cluster_sums,
    difference,
    draws,
    estimate,
)
from training.judging.metrics import mean_columns, ratio


def test_cluster_sums_adds_the_rows_of_each_cluster() -> None:
    codes = cluster_codes(["b", "a", "b"])
    columns = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    assert codes.tolist() == [1, 0, 1]
    assert cluster_sums(columns, codes).tolist() == [[2.0, 20.0], [4.0, 40.0]]


def test_draws_take_as_many_clusters_as_there_are_and_repeat_for_a_seed() -> None:
    options = Bootstrap(resamples=50, seed=3)
    first, second = (np.concatenate(list(draws(7, options))) for _ in range(2))
    assert first.shape == (50, 7)
    assert (first.sum(axis=1) == 7).all()
    assert (first == second).all()


def test_interval_of_a_mean_agrees_with_the_normal_formula() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    found = estimate(ratio, mean_columns(values), Bootstrap(resamples=4000))
    margin = 1.96 * values.std(ddof=1) / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - margin, abs=0.02)
    assert found.high == pytest.approx(values.mean() + margin, abs=0.02)


def test_clusters_widen_the_interval_where_rows_of_one_account_agree() -> None:
    level = np.random.default_rng(0).normal(size=40)
    codes = np.repeat(np.arange(40), 25)
    columns = mean_columns(level[codes])
    by_row = estimate(ratio, columns)
    by_account = estimate(ratio, cluster_sums(columns, codes))
    assert by_account.value == pytest.approx(by_row.value)
    ours, naive = by_account.high - by_account.low, by_row.high - by_row.low
    assert ours / naive == pytest.approx(5.0, rel=0.15)  # the root of 25 rows an account


def test_paired_difference_cancels_what_is_hard_for_both() -> None:
    rng = np.random.default_rng(0)
    hard = rng.normal(0, 10, 60)
    ours, theirs = hard + 0.5 + rng.normal(0, 0.1, 60), hard
    found = difference(ratio, mean_columns(ours), mean_columns(theirs))
    assert found.value == pytest.approx(0.5, abs=0.05)
    assert 0.4 < found.low < found.high < 0.6


def test_a_model_never_beats_itself() -> None:
    sums = mean_columns(np.arange(30.0))
    found = difference(ratio, sums, sums)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_difference_refuses_other_clusters() -> None:
    with pytest.raises(ValueError, match="expected the same"):
        difference(ratio, np.ones((3, 2)), np.ones((4, 2)))


def test_four_accounts_get_a_value_but_no_interval() -> None:
    found = estimate(ratio, mean_columns(np.arange(4.0)))
    assert found.value == 1.5
    assert found.clusters == 4
    assert np.isnan([found.low, found.high]).all()
