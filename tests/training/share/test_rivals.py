from dataclasses import replace

import numpy as np
import pytest

from tests.training.share.test_train import LetterEncoder, table
from training.share.blend import STEEPNESS
from training.share.data import PostRows, post_rows
from training.share.rivals import APART, NEARBY, Rivals, rivals_of
from training.share.trees import Lesson


@pytest.fixture(scope="module")
def posts() -> PostRows:
    frame = table(accounts=4)
    return post_rows(frame, np.arange(len(frame)), LetterEncoder().encode, None, 0)


def test_rivals_are_of_one_account_and_the_winner_got_further(posts: PostRows) -> None:
    found = rivals_of(posts, 0.5, seed=0)
    log_shares = np.log1p(posts.frame["shares"].to_numpy())
    assert len(found.winners) > len(posts) / 2
    assert (posts.keys[found.winners] == posts.keys[found.losers]).all()
    assert (log_shares[found.winners] - log_shares[found.losers] > APART).all()


def test_rivals_are_fewer_posts_away_than_nearby(posts: PostRows) -> None:
    found = rivals_of(posts, 0.5, seed=0)
    order = np.lexsort((posts.frame["published_at"].to_numpy(), posts.keys))
    place = np.argsort(order)
    assert np.abs(place[found.winners] - place[found.losers]).max() == NEARBY - 1


def test_no_weight_draws_none(posts: PostRows) -> None:
    assert len(rivals_of(posts, 0.0, seed=0).winners) == 0


def test_pairs_of_a_post_that_is_left_out_are_left_out() -> None:
    pairs = Rivals(np.array([0, 1, 3]), np.array([1, 3, 4]), np.array([1.0, 2.0, 3.0]))
    kept = pairs.take(np.array([False, True, False, True, True]))
    assert kept.winners.tolist() == [0, 1]
    assert kept.losers.tolist() == [1, 2]
    assert kept.weights.tolist() == [2.0, 3.0]


def test_mixed_pairs_are_the_same_pairs() -> None:
    pairs = Rivals(np.arange(100), np.arange(100, 200), np.ones(100))
    mixed = pairs.mixed(np.random.default_rng(0))
    assert (np.minimum(mixed.winners, mixed.losers) == pairs.winners).all()
    assert 30 < (mixed.winners == pairs.winners).sum() < 70


def test_the_loser_is_pushed_down_as_far_as_the_winner_is_pushed_up() -> None:
    nothing = np.empty(0)
    lesson = Lesson(
        columns=np.zeros((3, 1), np.float32),
        start=np.zeros(3),
        outcome=np.zeros(3),
        post_weights=np.ones(3),
        signs=nothing,
        pair_weights=nothing,
        rivals=Rivals(np.array([2]), np.array([0]), np.array([0.5])),
    )
    gradient, curve = lesson.slopes(np.zeros(3))
    np.testing.assert_allclose(gradient, [STEEPNESS / 4, 0.0, -STEEPNESS / 4])
    np.testing.assert_allclose(curve, [1 + STEEPNESS**2 / 8, 1.0, 1 + STEEPNESS**2 / 8])
    alone, _ = replace(lesson, rivals=Rivals.none()).slopes(np.zeros(3))
    np.testing.assert_array_equal(alone, np.zeros(3))
