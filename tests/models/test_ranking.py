from datetime import UTC, datetime

import numpy as np
import pytest

from features.schema import Post
from models import ranking
from models.scorer import Scorer
from tests.serving.standins import loaded

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EQUAL_LUCK = np.ones(3)


def ranked(*marks: int, sure: float = 0.6) -> ranking.Ranking:
    """Posts whose scores are 0.1 and 0.5 for each exclamation mark, each with a luck of 1."""
    scorer = Scorer(loaded("emotion"), loaded("share"))
    posts = [Post("We open the old cinema today" + "!" * n, language="en") for n in marks]
    return scorer.rank(posts, now=NOW, sure=sure)


def test_candidates_come_most_promising_first() -> None:
    places = ranked(1, 4, 2).places
    assert [place.index for place in places] == [1, 2, 0]
    assert [place.rank for place in places] == [1, 2, 3]


def test_clear_leads_make_tiers_and_equal_candidates_share_one() -> None:
    places = ranked(0, 4, 0, 4).places
    assert [place.tier for place in places] == [1, 1, 2, 2]
    assert places[0].beats_next == pytest.approx(0.5)
    assert places[0].to_json()["too_close_to_call"] is True
    # A lead of 2 over a standard deviation of the difference of the root of 2.
    assert places[1].beats_next == pytest.approx(0.9214, abs=1e-4)
    assert places[1].to_json()["too_close_to_call"] is False
    assert places[3].beats_next is None
    assert places[3].to_json()["too_close_to_call"] is None


def test_who_wants_to_be_surer_gets_fewer_tiers() -> None:
    answer = ranked(0, 4, sure=0.95).to_json()
    assert answer["tiers"] == 1
    assert answer["candidates"][0]["too_close_to_call"] is True


def test_equal_candidates_share_a_tier_and_are_too_close_however_little_is_asked_for() -> None:
    places = ranked(3, 3, 3, sure=0.5).places
    assert [place.tier for place in places] == [1, 1, 1]
    assert [place.too_close for place in places] == [True, True, None]


def test_the_odds_of_being_best_sum_to_one_and_are_shared_by_equals() -> None:
    places = ranked(3, 3, 3, 3).places
    assert [place.best for place in places] == pytest.approx([0.25] * 4)


def test_odds_of_two_are_the_odds_of_the_pair() -> None:
    places = ranked(1, 2).places
    assert places[0].best == pytest.approx(places[0].beats_next, abs=0.01)


@pytest.mark.parametrize("lead", [0.0, 0.5, 1.0, 2.0, 3.0, 5.0])
def test_best_of_two_is_the_pair_at_any_lead(lead: float) -> None:
    pair = ranking.chance(lead, 0.0, 1.0, 1.0)
    best, _ = ranking.best_of(np.array([lead, 0.0]), np.ones(2))
    assert best[0] == pytest.approx(pair, abs=0.015)


def test_best_and_regret_are_what_chance_makes_them() -> None:
    heights, luck = np.array([0.8, 0.5, 0.0]), np.array([1.0, 2.0, 0.5])
    drawn = np.random.default_rng(0).standard_t(ranking.TAIL, size=(400_000, 3))
    drawn = heights + ranking.NARROWER * luck * drawn
    best, regret = ranking.best_of(heights, luck)
    first = np.bincount(drawn.argmax(axis=1), minlength=3) / len(drawn)
    assert best == pytest.approx(first, abs=3e-3)
    assert regret == pytest.approx((drawn.max(axis=1) - drawn[:, 0]).mean(), abs=1e-2)


def test_a_sure_winner_costs_nothing() -> None:
    assert ranked(400, 0).regret == pytest.approx(0, abs=1e-3)


def test_a_chain_of_close_calls_does_not_tie_its_ends() -> None:
    assert ranking.tiers_of(np.array([0.6, 0.3, 0.0]), EQUAL_LUCK) == [1, 1, 2]


def test_a_tier_ends_at_who_is_clearly_behind_its_first_however_close_to_the_last() -> None:
    # Odds of the first against the third 0.611, of the second against the third 0.517.
    heights = np.array([1.0, 0.66, 0.60])
    assert ranking.tiers_of(heights, EQUAL_LUCK) == [1, 1, 2]
    leads = ranking.chance(heights[:2], heights[2], 1.0, 1.0)
    assert leads == pytest.approx([0.6114, 0.5169], abs=1e-4)


def test_candidates_for_two_platforms_have_the_same_odds_from_either_side() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    texts = {"x": "We open the old cinema today!", "facebook": "We open the old cinema today"}
    posts = [Post(text, platform=name, language="en") for name, text in texts.items()]
    for order in (posts, posts[::-1]):
        places = scorer.rank(order).places
        assert places[0].beats_next == pytest.approx(0.5885, abs=1e-4)  # 0.5 over the root of 5


def test_two_hundred_candidates_cost_little_more_than_their_scores() -> None:
    heights = np.sort(np.random.default_rng(1).normal(size=200))[::-1]
    best, regret = ranking.best_of(heights, np.ones(200))
    assert best.sum() == pytest.approx(1)
    assert (np.diff(best) <= 0).all()
    assert regret > 0


def test_several_accounts_are_said() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    posts = [Post("We open the old cinema today", account_id=name) for name in "ab"]
    assert [note.code for note in scorer.rank(posts).warnings] == ["mixed_accounts"]


def test_accounts_of_which_nothing_is_ranked_are_not_said() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    drafts = ("We open the old cinema today", "a"), ("We close it tomorrow", "a"), ("ok", None)
    posts = [Post(text, account_id=name, language="en") for text, name in drafts]
    assert scorer.rank(posts).warnings == ()


def test_unscored_candidates_come_last_without_a_rank() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    posts = [Post("ok"), Post("We open the old cinema today", language="en")]
    answer = scorer.rank(posts).to_json()
    assert [place["index"] for place in answer["candidates"]] == [1, 0]
    assert answer["candidates"][1]["rank"] is None
    assert answer["tiers"] == 1
    assert answer["regret"] == pytest.approx(0, abs=1e-3)


def test_nothing_scored_ranks_nothing() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    nothing = scorer.rank([Post("ok"), Post("")])
    assert [place.rank for place in nothing.places] == [None, None]
    assert nothing.to_json()["tiers"] == 0
    assert nothing.to_json()["regret"] is None
