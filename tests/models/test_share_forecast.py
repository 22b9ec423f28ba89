import numpy as np
import pytest

from features.account.history import LEVEL, NAMES, SPREAD
from models.share_forecast import shares_of
from models.share_rows import lowest_scores


def test_the_lowest_outcome_is_no_shares_at_all_whatever_the_baseline() -> None:
    rng = np.random.default_rng(0)
    states = np.zeros((1000, len(NAMES)), dtype=np.float32)
    states[:, LEVEL], states[:, SPREAD] = rng.uniform(0, 16, 1000), rng.uniform(0.3, 4, 1000)
    level, spread = states[:, LEVEL].astype(np.float64), states[:, SPREAD].astype(np.float64)
    drift = rng.normal(size=1000)
    low = lowest_scores(states) - drift
    assert not shares_of(level + (low + drift) * spread).any()


def test_counts_are_finite_and_never_below_zero_and_unknown_where_the_logs_are() -> None:
    found = shares_of(np.array([-3.0, 0.0, 1e-6, np.log(2), 1000.0, np.nan]))
    assert found[:4] == pytest.approx([0, 0, 1e-6, 1])
    assert np.isfinite(found[4])
    assert np.isnan(found[5])
