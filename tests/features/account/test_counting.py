"""Counts that do not say when they were taken."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from features.account.counting import counted_by, taken_by, too_young

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def posts(*published: str, collected: str | None = None) -> pd.DataFrame:
    times = pd.Series(pd.to_datetime(list(published), utc=True)).astype("datetime64[us, UTC]")
    counted = pd.Series([collected and pd.Timestamp(collected)] * len(times), dtype=object)
    return pd.DataFrame(
        {
            "platform": "x",
            "published_at": times,
            "collected_at": counted.astype("datetime64[us, UTC]"),
        }
    )


def test_a_count_without_a_time_was_taken_by_then() -> None:
    found = counted_by(posts("2026-03-31T11:50Z"), NOON)
    assert found["collected_at"].tolist() == [pd.Timestamp(NOON)]
    assert str(found["collected_at"].dtype) == "datetime64[us, UTC]"


def test_counts_are_as_old_as_their_file_unless_a_post_or_the_future_belies_it() -> None:
    table, hour = posts("2026-03-31T10:30Z"), timedelta(hours=1)
    assert taken_by(table, NOON - hour, NOON) == NOON - hour
    assert taken_by(table, NOON + hour, NOON) == NOON
    assert taken_by(table, NOON - 2 * hour, NOON) == NOON


def test_a_file_is_as_old_to_a_browser_as_to_the_file_system() -> None:
    table = posts("2026-03-31T10:30Z")
    fine, coarse = (NOON + timedelta(microseconds=us) for us in (123_456, 123_000))
    later = NOON + timedelta(hours=1)
    assert taken_by(table, fine, later) == taken_by(table, coarse, later) == NOON


def test_a_count_with_a_time_keeps_it() -> None:
    told = posts("2026-03-31T11:50Z", collected="2026-03-31T11:55Z")
    pd.testing.assert_frame_equal(counted_by(told, NOON), told)


def test_on_x_a_count_is_too_young_for_three_hours() -> None:
    times = "2026-03-31T08:59Z", "2026-03-31T09:01Z", "2026-03-31T11:50Z"
    assert too_young(counted_by(posts(*times), NOON)) == 2
    assert too_young(posts(*times)) == 0
