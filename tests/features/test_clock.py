from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import NAMES, ZONES, clock, country_of, is_timezone, zone_of
from features.errors import InputError


def row(
    at: datetime | None, zone: str | None = None, language: str | None = None
) -> dict[str, float]:
    return dict(zip(NAMES, map(float, clock([at], [zone], [language])[0]), strict=True))


def test_clock_reads_the_local_hour() -> None:
    noon = row(datetime(2024, 7, 3, 10, tzinfo=UTC), "Europe/Warsaw")
    assert noon["clock_hour_sin"] == pytest.approx(0, abs=1e-6)
    assert noon["clock_hour_cos"] == pytest.approx(-1)
    evening = row(datetime(2024, 7, 3, 22, tzinfo=UTC), "America/New_York")
    assert evening["clock_hour_sin"] == pytest.approx(-1)


def test_clock_day_is_that_of_the_zone() -> None:
    sunday_night = datetime(2024, 7, 7, 23, tzinfo=UTC)
    assert row(sunday_night, "UTC")["clock_weekend"] == 1
    assert row(sunday_night, "Europe/Warsaw")["clock_weekday"] == 0


def test_clock_takes_the_zone_of_the_language() -> None:
    at = datetime(2024, 7, 3, 10, tzinfo=UTC)
    assert row(at, None, "pl") == row(at, "Europe/Warsaw")
    assert row(at, "Asia/Tokyo", "pl") == row(at, "Asia/Tokyo")


def test_clock_does_not_depend_on_how_the_moment_is_written() -> None:
    utc = datetime(2024, 7, 3, 10, tzinfo=UTC)
    shifted = utc.astimezone(timezone(timedelta(hours=5)))
    assert row(utc, None, "pl") == row(shifted, None, "pl")


@pytest.mark.parametrize(
    ("day", "language", "holiday", "eve"),
    [
        (date(2024, 11, 11), "pl", 1, 0),  # independence day
        (date(2024, 5, 2), "pl", 0, 1),  # before 3 May
        (date(2024, 7, 4), "en", 1, 0),
        (date(2024, 7, 4), "pl", 0, 0),
        (date(2023, 12, 31), "pl", 0, 1),  # the holiday is in the next year
    ],
)
def test_clock_holidays(day: date, language: str, holiday: int, eve: int) -> None:
    found = row(datetime(day.year, day.month, day.day, 16, tzinfo=UTC), None, language)
    assert (found["clock_holiday"], found["clock_holiday_eve"]) == (holiday, eve)


def test_clock_without_a_country_knows_no_holidays() -> None:
    found = row(datetime(2024, 11, 11, 12, tzinfo=UTC))
    assert np.isnan(found["clock_holiday"])
    assert found["clock_weekday"] == 0


@pytest.mark.parametrize("at", [None, datetime(1, 1, 1, tzinfo=UTC), datetime.max])
def test_clock_without_a_usable_time_is_missing(at: datetime | None) -> None:
    assert np.isnan(list(row(at, None, "pl").values())).all()


def test_clock_refuses_an_unknown_zone() -> None:
    with pytest.raises(InputError, match=r"timezone='Mars/Base'; expected an IANA name"):
        row(datetime(2024, 1, 1, tzinfo=UTC), "Mars/Base")


@pytest.mark.parametrize("zone", [*ZONES.values(), "UTC"])
def test_zones_exist(zone: str) -> None:
    assert is_timezone(zone)


@pytest.mark.parametrize("language", ZONES)
def test_zones_lead_to_a_country(language: str) -> None:
    assert len(country_of(zone_of(None, language)) or "") == 2


@pytest.mark.parametrize(
    ("alias", "zone"),
    [
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Poland", "Europe/Warsaw"),
        ("Iceland", "Atlantic/Reykjavik"),
    ],
)
def test_another_name_of_a_zone_leads_to_the_same_country(alias: str, zone: str) -> None:
    assert country_of(alias) == country_of(zone) is not None


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT+3", "CET", "EST"])
def test_a_zone_of_many_countries_leads_to_none(zone: str) -> None:
    assert country_of(zone) is None


def test_clock_knows_holidays_by_any_name_of_the_zone() -> None:
    independence_day = datetime(2024, 11, 11, 16, tzinfo=UTC)
    assert row(independence_day, "Poland")["clock_holiday"] == 1


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.none() | st.datetimes(timezones=st.just(UTC)),
            st.sampled_from([None, "", "Europe/Warsaw", "Pacific/Kiritimati", "America/Adak"]),
            st.sampled_from([None, "pl", "en", "xx"]),
        ),
        max_size=4,
    )
)
def test_clock_is_finite_or_missing(
    posts: list[tuple[datetime | None, str | None, str | None]],
) -> None:
    times, zones, languages = ([post[i] for post in posts] for i in range(3))
    rows = clock(times, zones, languages)  # type: ignore[arg-type]
    assert rows.shape == (len(posts), len(NAMES))
    assert not np.isinf(rows).any()
