from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.account.past import AccountPast, to_ns
from features.schema import Post
from models.population import (
    ACCOUNT_POSTS,
    ANY,
    BLUR,
    Ladder,
    Reference,
    blurred,
    ladders,
    own_posts,
)

START = datetime(2024, 1, 1, tzinfo=UTC)


def past(n: int) -> AccountPast:
    """Posts a day apart with log shares 0, 1, … n - 1."""
    times = [to_ns(START + timedelta(days=i)) for i in range(n)]
    return AccountPast(np.array(times, dtype=np.int64), np.arange(n, dtype=np.float64))


def post(days: float = 100) -> Post:
    return Post(text="Zapraszamy", platform="x", published_at=START + timedelta(days=days))


def reference() -> Reference:
    return Reference.fit(np.linspace(-2, 2, 1001), ["x"] * 1000 + ["facebook"], 500)


def test_blurred_ties_are_passed_little_by_little() -> None:
    edges, parts = blurred(np.array([-1.0, 0.0, 0.0, 0.0, 1.0]))
    at = np.interp([-0.5, -BLUR / 2, 0.0, BLUR / 2, 0.5], edges, parts)
    assert at == pytest.approx([0.2, 0.35, 0.5, 0.65, 0.8])


def test_own_posts_are_those_known_by_then() -> None:
    assert len(own_posts(post(), past(30))) == 30
    assert len(own_posts(post(days=24.01), past(30))) == 24
    assert len(own_posts(post(), past(ACCOUNT_POSTS - 1))) == 0
    assert len(own_posts(post(), None)) == 0


def counts(shares: list[int]) -> AccountPast:
    """Posts a day apart with these shares."""
    times = [to_ns(START + timedelta(days=i)) for i in range(len(shares))]
    return AccountPast(np.array(times, dtype=np.int64), np.log1p(np.array(shares, np.float64)))


def ladder_of(shares: list[int], spread: float = 1.0) -> Ladder:
    """What a post of this account is placed among; scores are log shares less the median."""
    level = np.array([np.median(np.log1p(shares[-50:]))])
    (found,) = ladders([post()], [counts(shares)], level, np.array([spread]), reference())
    return found


def scores_of(shares: list[float], of: list[int], spread: float = 1.0) -> np.ndarray[Any, Any]:
    return np.asarray((np.log1p(shares) - np.median(np.log1p(of[-50:]))) / spread)


def test_rich_account_is_its_own_population() -> None:
    known = list(range(20))
    found = ladder_of(known, spread=2.0)
    places = found.place(scores_of([0, 4.5, 9.5, 14.5, 19, 21], known, spread=2.0))
    assert places == pytest.approx([2.5, 25, 50, 75, 97.5, 100], abs=0.7)
    assert (found.population.kind, found.population.size) == ("account", 20)
    assert "last 20 posts" in found.population.label


def test_the_population_is_the_posts_of_the_baseline() -> None:
    found = ladder_of([9] * 60 + list(range(50)))
    assert found.population.size == 50


@pytest.mark.parametrize(
    "known",
    [
        [0] * 30,
        [0] * 15 + [1] * 5 + [7] * 5,
        [0] * 6 + [1] * 9 + [2] * 6,
        [3] * 10 + [900] * 10,
        [0, 1] * 12,
        list(range(1, 40)),
        [100_000 + i for i in range(25)],
    ],
)
def test_more_than_the_median_is_above_fifty_and_no_more_is_not(known: list[int]) -> None:
    found, median = ladder_of(known), int(np.median(known))
    tried = scores_of([max(0, median - 1), median, median + 1, max(known) + 1], known)
    below, same, above, most = found.place(tried)
    assert below <= same <= 50 < above <= most
    assert found.place(np.array([found.usual]))[0] == pytest.approx(50)
    assert (np.diff(found.edges) > 0).all()
    assert (np.diff(found.parts) >= 0).all()


def test_unknown_account_is_placed_among_others() -> None:
    nothing = np.array([np.nan])
    (found,) = ladders([post()], [None], nothing, nothing, reference())
    assert found.place(np.array([0.0, -1.0, 1.0])) == pytest.approx([50, 25, 75], abs=0.5)
    assert (found.population.kind, found.population.size) == ("reference", 1000)
    assert found.usual == pytest.approx(0, abs=0.01)
    assert "x" in found.population.label


def test_thin_account_is_placed_among_others_but_beats_its_own_median() -> None:
    level = np.array([np.log1p(3.0)])
    (found,) = ladders([post()], [counts([3] * 5)], level, np.ones(1), reference())
    assert found.population.kind == "reference"
    assert np.expm1(found.usual + level[0]) == pytest.approx(3.5)


def test_unknown_platform_is_placed_among_all() -> None:
    found = reference().ladder("facebook")
    assert found.population.size == 1001
    assert "all platforms" in found.population.label


def test_reference_comes_back_from_its_file(tmp_path: Path) -> None:
    reference().save(tmp_path / "r.npz")
    again = Reference.load(tmp_path / "r.npz")
    assert again.sizes == {ANY: 1001, "x": 1000}
    np.testing.assert_allclose(again.outcomes["x"], reference().outcomes["x"])
