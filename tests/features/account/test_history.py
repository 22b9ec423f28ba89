from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from features.account.history import MOST_KNOWN, NAMES, WINDOW, account_keys, state, states
from features.account.past import AccountPast, past_of
from features.account.settling import settling_time

START = datetime(2024, 3, 1, 9, tzinfo=UTC)


def posts(
    shares: list[float], account: str | None = "a", platform: str = "x", hours: float = 24.0
) -> pd.DataFrame:
    n = len(shares)
    return pd.DataFrame(
        {
            "post_id": [f"{account}{i}" for i in range(n)],
            "account_id": pd.array([account] * n, dtype="str"),
            "platform": pd.array([platform] * n, dtype="str"),
            "text": ["Dzień dobry, zapraszamy"] * n,
            "published_at": pd.to_datetime([START + timedelta(hours=hours * i) for i in range(n)]),
            "shares": np.array(shares, dtype=float),
            "collected_at": pd.Series([pd.NaT] * n, dtype="datetime64[us, UTC]"),
        }
    )


def several_accounts(seed: int = 3) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    parts = []
    for account, platform in [("a", "x"), ("a", "facebook"), ("b", "linkedin"), (None, "x")]:
        part = posts(list(draw.integers(0, 200, 70)), account, platform)
        minutes = draw.integers(0, 90 * 24 * 60, 70)
        part["published_at"] = [START + timedelta(minutes=int(m)) for m in minutes]
        part["post_id"] = platform + part["post_id"]
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    return frame.sample(frac=1, random_state=seed, ignore_index=True)


def value(row: np.ndarray, name: str) -> float:
    return float(row[NAMES.index(name)])


def test_first_post_has_no_level_and_the_reference_spread() -> None:
    row = states(posts([5.0]))[0]
    assert value(row, "history_posts") == 0
    assert np.isnan(value(row, "history_level"))
    assert value(row, "history_spread") == 1
    assert np.isnan(value(row, "history_silence"))
    assert np.isnan(value(row, "history_week"))


def test_level_is_the_median_of_earlier_log_shares() -> None:
    rows = states(posts([1, 3, 7, 1000]))
    assert value(rows[3], "history_level") == pytest.approx(np.log(4))
    assert value(rows[3], "history_posts") == pytest.approx(np.log(4))
    assert value(rows[3], "history_last") > 0
    assert value(rows[3], "history_zeros") == 0


def test_level_follows_only_the_last_window() -> None:
    rows = states(posts([0.0] * WINDOW + [9.0] * (WINDOW + 1)))
    assert value(rows[WINDOW], "history_level") == 0
    assert value(rows[WINDOW], "history_zeros") == 1
    assert value(rows[-1], "history_level") == pytest.approx(np.log(10))


def test_spread_is_floored_for_an_account_that_is_never_shared() -> None:
    assert value(states(posts([0.0] * 60))[-1], "history_spread") == pytest.approx(0.3)


def test_spread_of_two_values_a_unit_apart_nears_their_deviation() -> None:
    shares = [0.0, float(np.expm1(2))] * 40
    spread = value(states(posts(shares))[-1], "history_spread")
    assert spread == pytest.approx((50 * np.sqrt(np.pi / 2) + 5) / 55, rel=1e-6)


def test_rhythm_counts_posts_before_their_counts_are_known() -> None:
    row = states(posts([1, 1, 1], hours=1))[2]
    assert value(row, "history_posts") == 0
    assert value(row, "history_day") == pytest.approx(np.log(3))
    assert value(row, "history_silence") == pytest.approx(np.log1p(1 / 24))


def test_a_post_counts_once_it_has_settled() -> None:
    past = past_of(posts([9.0]))
    settled = START + settling_time("x")
    assert value(state(past, settled - timedelta(seconds=1), "x"), "history_posts") == 0
    assert value(state(past, settled, "x"), "history_posts") == pytest.approx(np.log(2))


def test_a_count_taken_too_early_is_never_known() -> None:
    frame = posts([9.0, 9.0])
    frame["collected_at"] = frame["published_at"] + timedelta(minutes=10)
    assert np.isnan(past_of(frame).log_shares).all()
    assert value(states(frame)[1], "history_posts") == 0


def test_state_equals_states_row_by_row() -> None:
    frame = several_accounts()
    table = states(frame)
    for i in range(len(frame)):
        row = frame.iloc[i]
        same = (frame["account_id"] == row["account_id"]) & (frame["platform"] == row["platform"])
        past = past_of(frame[same]) if isinstance(row["account_id"], str) else None
        one = state(past, row["published_at"].to_pydatetime(), row["platform"])
        np.testing.assert_array_equal(one, table[i])


def test_later_rows_change_nothing_earlier() -> None:
    frame = several_accounts()
    cut = frame["published_at"].sort_values().iloc[len(frame) // 2]
    early = (frame["published_at"] <= cut).to_numpy()
    changed = frame.copy()
    changed.loc[~early, "shares"] = 1e6
    np.testing.assert_array_equal(states(frame)[early], states(changed)[early])
    np.testing.assert_array_equal(states(frame)[early], states(frame[early]))


def test_own_result_changes_nothing() -> None:
    frame = posts([1.0, 2.0, 3.0])
    changed = frame.assign(shares=[1.0, 2.0, 5000.0])
    np.testing.assert_array_equal(states(frame)[2], states(changed)[2])


def test_limits_hide_all_but_the_last_posts() -> None:
    frame = posts([0.0, 1.0, 3.0, 7.0, 9.0])
    whole, cut = states(frame), states(frame, np.full(5, 2))
    np.testing.assert_array_equal(cut[:3], whole[:3])
    assert value(cut[4], "history_level") == pytest.approx(np.log(np.sqrt(4 * 8)))
    assert value(cut[4], "history_posts") == pytest.approx(np.log(3))
    assert value(cut[4], "history_week") == pytest.approx(np.log(3))
    stranger = states(frame, np.zeros(5, np.int64))
    np.testing.assert_array_equal(stranger[4], state(None, START, "x"))


def test_order_of_rows_does_not_matter() -> None:
    frame = several_accounts()
    shuffled = frame.sample(frac=1, random_state=9)
    np.testing.assert_array_equal(states(frame)[shuffled.index], states(shuffled))


def test_state_of_a_stranger_equals_that_of_an_empty_past() -> None:
    empty = AccountPast(np.empty(0, np.int64), np.empty(0, np.float64))
    np.testing.assert_array_equal(state(None, START, "x"), state(empty, START, "x"))


def test_state_without_a_time_knows_all_posts_and_expects_the_usual_pace() -> None:
    past = past_of(posts([3.0] * 4))
    row = state(past, None, "x")
    assert value(row, "history_posts") == pytest.approx(np.log(5))
    gap = past.times[-1] - past.times[-2]
    usual = state(past, START + pd.Timedelta(past.times[-1] + gap - past.times[0], "ns"), "x")
    for name in ("history_silence", "history_day", "history_week"):
        assert value(row, name) == pytest.approx(value(usual, name)), name


def test_state_without_a_time_of_posts_at_one_moment_knows_their_pace() -> None:
    frame = posts([3.0] * 3).assign(published_at=START)
    assert value(state(past_of(frame), None, "x"), "history_day") == pytest.approx(np.log(4))


@pytest.mark.parametrize(
    ("platform", "hours"), [("x", 3), ("facebook", 4.5), ("pinterest", 720), (None, 72)]
)
def test_settling_time_is_three_half_lives_and_at_most_a_month(
    platform: str | None, hours: float
) -> None:
    assert settling_time(platform) == timedelta(hours=hours)


def test_account_keys_tell_platforms_apart() -> None:
    assert account_keys(["x", "facebook", None], ["a", "a", "a"]) == ["x:a", "facebook:a", ":a"]


def test_posts_beyond_what_a_service_reads_are_not_counted() -> None:
    found = states(posts([3.0] * (MOST_KNOWN + 100)))
    assert value(found[-1], "history_posts") == pytest.approx(np.log1p(MOST_KNOWN))
    assert value(found[200], "history_posts") < np.log1p(MOST_KNOWN)
