import numpy as np
import pytest

from training.share.pairs import (
    MAX_ACCOUNT_POSTS,
    choices_right,
    confidences,
    count_pairs,
    longer_wins,
)

ONE = np.zeros(4, dtype=np.intp)


def test_pairs_are_those_at_least_twice_apart() -> None:
    # 1 + shares is 1, 2, 3, 8: 1-2, 1-3, 1-8, 2-8 and 3-8 are twice apart, 2-3 is not.
    found = count_pairs([0, 1, 2, 7], [0.0, 1.0, 2.0, 3.0], ONE)
    assert found.pairs.tolist() == [5]
    assert found.accuracy().tolist() == [1.0]


def test_a_wrong_order_loses_and_a_tie_has_it_half_right() -> None:
    assert count_pairs([0, 1, 2, 7], [1.0, 0.0, 2.0, 3.0], ONE).right.tolist() == [4]
    assert count_pairs([0, 1, 2, 7], [5.0, 5.0, 5.0, 5.0], ONE).accuracy().tolist() == [0.5]


def test_pairs_never_cross_accounts_and_skip_posts_without_a_score() -> None:
    codes = np.array([0, 1, 0, 1], dtype=np.intp)
    assert count_pairs([0, 1, 2, 7], [0.0, 1.0, 2.0, 3.0], codes).pairs.tolist() == [1, 1]
    found = count_pairs([0, 1, 2, 7], [0.0, 1.0, np.nan, 3.0], codes)
    assert found.pairs.tolist() == [0, 1]
    assert np.isnan(found.accuracy()[0])


def test_a_constant_outcome_has_no_pairs() -> None:
    assert count_pairs([3, 3, 3, 3], [0.0, 1.0, 2.0, 3.0], ONE).pairs.tolist() == [0]


def test_long_accounts_are_drawn_by_seed_and_still_near_the_whole() -> None:
    rng = np.random.default_rng(0)
    size = MAX_ACCOUNT_POSTS + 1000
    shares = np.floor(np.exp(rng.normal(2, 1, size)))
    score = np.log1p(shares) + rng.normal(0, 1, size)
    codes = np.zeros(size, dtype=np.intp)
    first, again = (count_pairs(shares, score, codes, seed=1) for _ in range(2))
    other = count_pairs(shares, score, codes, seed=2)
    assert first.right.tolist() == again.right.tolist()
    assert first.right.tolist() != other.right.tolist()
    assert first.accuracy()[0] == pytest.approx(other.accuracy()[0], abs=0.02)


def test_no_rows_make_no_accounts() -> None:
    assert count_pairs([], [], np.array([], dtype=np.intp)).pairs.tolist() == []


def test_choices_right_by_hand() -> None:
    assert choices_right([0.8, 0.8, 0.2, 0.5], [1, 0, 0, 1]).tolist() == [1.0, 0.0, 1.0, 0.5]


def test_confidence_does_not_depend_on_which_side_is_a() -> None:
    assert confidences([0.8, 0.2, 0.5]).tolist() == pytest.approx([0.8, 0.8, 0.5])


def test_longer_wins_gives_half_to_equal_lengths() -> None:
    a, b = ["abc", "a", "xy"], ["a", "abc", "xy"]
    assert longer_wins(a, b).tolist() == [1.0, 0.0, 0.5]
