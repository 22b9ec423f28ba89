import numpy as np
import pandas as pd

from features.tables.identity import renamed, tell_apart
from features.tables.validation import latest


def posts(
    *rows: tuple[str, str | None, str], published: tuple[str, ...] = ("2026-03-01T10:00Z",)
) -> pd.DataFrame:
    """Posts of one platform, published at one time or each at its own."""
    frame = pd.DataFrame(rows, columns=["post_id", "account_id", "text"]).astype("str")
    frame["account_id"] = [account if account else np.nan for _, account, _ in rows]
    times = pd.to_datetime(list(published) * (len(rows) // len(published)))
    missing = pd.Series(pd.NaT, frame.index)
    return frame.assign(platform="x", published_at=times, collected_at=missing)


def test_an_id_used_by_two_accounts_is_two_posts() -> None:
    found = tell_apart(posts(("1", "kino", "a"), ("1", "teatr", "b"), ("2", "kino", "c")))
    assert found["post_id"].tolist() == ["1", "teatr:1", "2"]


def test_one_post_told_again_is_one_post() -> None:
    again = posts(("1", "kino", "a"), ("1", "kino", "b"), ("1", "Kino", "a"), ("1", None, "c"))
    assert tell_apart(again) is again
    assert latest(again).index.tolist() == [3]


def test_one_text_published_weeks_apart_by_two_accounts_is_two_posts() -> None:
    announced = posts(
        ("1", "centrum", "Nowe godziny"),
        ("1", "osiedle", "Nowe godziny"),
        published=("2026-02-10T10:00Z", "2026-03-10T10:00Z"),
    )
    found = tell_apart(announced)
    assert found["post_id"].tolist() == ["1", "osiedle:1"]
    assert (len(latest(announced)), renamed(found)) == (2, 0)


def test_one_text_published_within_a_day_is_of_an_account_that_was_renamed() -> None:
    told = posts(
        ("1", "kino", "a"),
        ("1", "kino-morze", "a"),
        ("2", "kino", "b"),
        ("2", "kino", "b"),
        published=("2026-03-01T10:00Z", "2026-03-01T12:00Z"),
    )
    assert tell_apart(told) is told
    assert renamed(told) == 1


def test_the_latest_of_each_account_stays() -> None:
    found = latest(posts(("1", "kino", "a"), ("1", "teatr", "b"), ("1", "teatr", "b")))
    assert found["post_id"].tolist() == ["1", "teatr:1"]
    assert found.index.tolist() == [0, 2]
