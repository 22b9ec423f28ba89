from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from features.account.history import AccountPast, to_ns
from features.schema import Post
from models.population import ACCOUNT_POSTS, ANY, Reference, mid_rank, own_posts, percentiles

START = datetime(2024, 1, 1, tzinfo=UTC)


def past(n: int) -> AccountPast:
    """Posts a day apart with log shares 0, 1, … n - 1."""
    times = [to_ns(START + timedelta(days=i)) for i in range(n)]
    return AccountPast(np.array(times, dtype=np.int64), np.arange(n, dtype=np.float64))


def post(days: float = 100) -> Post:
    return Post(text="Zapraszamy", platform="x", published_at=START + timedelta(days=days))


def reference() -> Reference:
    return Reference.fit(np.linspace(-2, 2, 1001), ["x"] * 1000 + ["facebook"], 500)


def test_mid_rank_counts_ties_half() -> None:
    found = mid_rank(np.array([0.0, 1.0, 5.0]), np.array([0.0, 0.0, 1.0, 2.0]))
    assert found.tolist() == [0.25, 0.625, 1.0]


def test_own_posts_are_those_known_by_then() -> None:
    assert len(own_posts(post(), past(30))) == 30
    assert len(own_posts(post(days=24.01), past(30))) == 24
    assert len(own_posts(post(), past(ACCOUNT_POSTS - 1))) == 0
    assert len(own_posts(post(), None)) == 0


def test_rich_account_is_its_own_population() -> None:
    logs = np.array([[9.5, 4.5, 14.5]])
    places, populations = percentiles([post()], [past(20)], np.zeros((1, 3)), logs, reference())
    assert places[0].tolist() == [50.0, 25.0, 75.0]
    assert (populations[0].kind, populations[0].size) == ("account", 20)
    assert "last 20 posts" in populations[0].label


def test_thin_account_is_placed_among_others() -> None:
    scores = np.array([[0.0, -1.0, 1.0]])
    places, populations = percentiles([post()], [None], scores, scores * np.nan, reference())
    assert places[0] == pytest.approx([50, 25, 75], abs=0.5)
    assert populations[0].kind == "reference"
    assert populations[0].size == 1000
    assert "x" in populations[0].label


def test_unknown_platform_is_placed_among_all() -> None:
    _, population = reference().place(np.zeros(1), "facebook")
    assert population.size == 1001
    assert "all platforms" in population.label


def test_reference_comes_back_from_its_file(tmp_path: Path) -> None:
    reference().save(tmp_path / "r.npz")
    again = Reference.load(tmp_path / "r.npz")
    assert again.sizes == {ANY: 1001, "x": 1000}
    np.testing.assert_allclose(again.outcomes["x"], reference().outcomes["x"])
