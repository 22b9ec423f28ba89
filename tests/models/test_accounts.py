from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from features.account.past import AccountPast
from features.schema import Post
from models.accounts import change_of_level, past_notes
from models.scorer import Scorer
from tests.serving.standins import loaded

DAY = 86_400 * 10**9
START = datetime(2026, 1, 1, tzinfo=UTC)


def past_of(shares: list[float]) -> AccountPast:
    times = int(START.timestamp()) * 10**9 + np.arange(len(shares), dtype=np.int64) * DAY
    return AccountPast(times, np.log1p(np.array(shares)))


def codes(past: AccountPast | None, at: datetime | None, platform: str = "x") -> list[str]:
    return [note.code for note in past_notes(past, at, platform)]


def test_a_post_too_young_to_count_is_said() -> None:
    past = past_of([10.0] * 5)
    last = START + timedelta(days=4)
    assert codes(past, last + timedelta(hours=2)) == ["immature_counts"]
    assert codes(past, last + timedelta(hours=4)) == []
    assert codes(past, last + timedelta(hours=4), "linkedin") == ["immature_counts"]


def test_a_count_collected_too_early_is_said_however_old_it_is() -> None:
    past = past_of([10.0, np.nan, 10.0])
    (note,) = past_notes(past, START + timedelta(days=99), "x")
    assert note.code == "immature_counts"
    assert note.message.startswith("1 post is not counted")
    assert codes(past, None) == ["immature_counts"]


def test_later_posts_are_nobodys_business() -> None:
    assert codes(past_of([10.0] * 5), START - timedelta(days=1)) == []


def test_a_new_level_is_said_and_which_way() -> None:
    risen = past_of([10.0, 20.0] * 25 + [400.0] * 10)
    (note,) = past_notes(risen, None, "x")
    assert note.code == "account_changed"
    assert "far more" in note.message
    fallen = past_of([100.0, 200.0] * 25 + [2.0] * 10)
    assert "far less" in past_notes(fallen, None, "x")[0].message


def test_one_hit_is_no_new_level() -> None:
    assert codes(past_of([10.0, 20.0] * 25 + [15.0] * 9 + [9_000.0]), None) == []


def test_a_level_needs_posts_to_be_told() -> None:
    assert np.isnan(change_of_level(np.log1p(np.array([10.0] * 29 + [900.0] * 10))))
    assert change_of_level(np.log1p(np.array([10.0] * 30 + [10.0] * 10))) == 0


@pytest.mark.parametrize("past", [None, past_of([])])
def test_nothing_known_is_nothing_to_say(past: AccountPast | None) -> None:
    assert codes(past, None) == []


def test_scores_carry_what_is_to_be_said_of_the_account() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    at = START + timedelta(days=59, hours=1)
    post = Post("We open the old cinema today", "x", "kino", published_at=at, language="en")
    score = scorer.score([post], [past_of([10.0, 20.0] * 25 + [400.0] * 10)])[0]
    assert [note.code for note in score.warnings] == ["immature_counts", "account_changed"]
