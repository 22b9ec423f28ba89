from datetime import UTC, datetime

import numpy as np
import pytest

from features.schema import Post
from models import ranking
from models.scorer import Scorer
from tests.serving.standins import TinyShare, loaded

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


LN2 = 0.6931


def ranked(*marks: int) -> ranking.Ranking:
    """Posts whose scores are 0.1 and 0.5 for each exclamation mark, on a slope of 1."""
    scorer = Scorer(loaded("emotion"), loaded("share"))
    posts = [Post("We open the old cinema today" + "!" * n, language="en") for n in marks]
    return scorer.rank(posts, now=NOW)


def test_candidates_come_most_promising_first() -> None:
    places = ranked(1, 4, 2).places
    assert [place.index for place in places] == [1, 2, 0]
    assert [place.rank for place in places] == [1, 2, 3]


def test_clear_leads_make_tiers_and_equal_candidates_share_one() -> None:
    places = ranked(0, 8, 0, 8).places
    assert [place.tier for place in places] == [1, 1, 2, 2]
    assert places[0].beats_next == pytest.approx(0.5)
    assert places[0].to_json()["too_close_to_call"] is True
    assert places[1].beats_next == pytest.approx(0.982, abs=1e-3)
    assert places[1].to_json()["too_close_to_call"] is False
    assert places[3].beats_next is None


def test_the_odds_of_being_best_sum_to_one_and_are_shared_by_equals() -> None:
    places = ranked(3, 3, 3, 3).places
    assert [place.best for place in places] == pytest.approx([0.25] * 4)


def test_odds_of_two_are_the_odds_of_the_pair() -> None:
    places = ranked(1, 2).places
    assert places[0].best == pytest.approx(places[0].beats_next, abs=1e-4)


def test_best_of_three_follows_the_odds_of_the_pairs() -> None:
    # Odds of 2 to 1 against the second and 4 to 1 against the third: 4 of 7, 2 of 7, 1 of 7.
    heights = np.array([2 * LN2, LN2, 0.0], dtype=np.float32)
    best = ranking.best_probability(heights, [None] * 3, TinyShare().compare)
    assert best == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-4)


def test_a_chain_of_close_calls_does_not_tie_its_ends() -> None:
    heights = np.array([0.6, 0.3, 0.0], dtype=np.float32)
    assert ranking.tiers_of(heights, [None] * 3, TinyShare().compare) == [1, 1, 2]


def test_several_accounts_are_said() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    posts = [Post("We open the old cinema today", account_id=name) for name in "ab"]
    assert [note.code for note in scorer.rank(posts).warnings] == ["mixed_accounts"]


def test_unscored_candidates_come_last_without_a_rank() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    posts = [Post("ok"), Post("We open the old cinema today", language="en")]
    answer = scorer.rank(posts).to_json()
    assert [place["index"] for place in answer["candidates"]] == [1, 0]
    assert answer["candidates"][1]["rank"] is None
    assert answer["tiers"] == 1


def test_nothing_scored_ranks_nothing() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    nothing = scorer.rank([Post("ok"), Post("")])
    assert [place.rank for place in nothing.places] == [None, None]
    assert nothing.to_json()["tiers"] == 0
