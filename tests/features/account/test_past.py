from datetime import UTC, datetime, timedelta

import numpy as np

from features.account.past import MOST_READ, NO_PAST, AccountPast, past_for, to_ns

START = datetime(2024, 1, 1, tzinfo=UTC)
POSTS = MOST_READ + 200


class Daily:
    """An account with a post a day, and what was asked of it."""

    def __init__(self, posts: int) -> None:
        self.times = np.array([to_ns(day(n)) for n in range(posts)], np.int64)
        self.asked: list[datetime | None] = []

    def __call__(self, platform: str, account_id: str, before: datetime | None) -> AccountPast:
        self.asked.append(before)
        until = self.times if before is None else self.times[self.times < to_ns(before)]
        return AccountPast(until[-MOST_READ:], np.ones(len(until[-MOST_READ:])))


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def published(account: Daily, at: datetime | None) -> int:
    """How many of the posts that were found went out before a time."""
    past = past_for(account, "x", "kino", at)
    assert past is not None
    return len(past.times) if at is None else int((past.times < to_ns(at)).sum())


def test_a_time_that_the_last_posts_do_not_reach_back_to_is_read_by_itself() -> None:
    account = Daily(POSTS)
    assert [published(account, day(at)) for at in (171.5, 203.5, 0)] == [172, 204, 0]
    assert account.asked == [None, day(171.5), None, day(203.5), None, day(0)]


def test_of_what_was_read_whole_nothing_is_read_twice() -> None:
    short, long = Daily(MOST_READ - 1), Daily(POSTS)
    assert published(short, day(9.5)) == 10
    assert [published(long, at) for at in (None, day(POSTS))] == [MOST_READ, MOST_READ]
    assert (short.asked, long.asked) == ([None], [None, None])


def test_of_an_unknown_account_nothing_is_read_twice() -> None:
    asked: list[datetime | None] = []

    def nothing(platform: str, account_id: str, before: datetime | None) -> AccountPast:
        asked.append(before)
        return NO_PAST

    assert past_for(nothing, "x", "kino", day(1)) is NO_PAST
    assert asked == [None]
