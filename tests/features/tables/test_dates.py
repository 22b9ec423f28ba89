"""Times as people write them, all of one instant: 31 March 2026, 18:30 in Warsaw (summer time)."""

from datetime import UTC, date, datetime, timedelta, timezone

import pandas as pd
import pytest

from features.tables.dates import Order, order, times
from features.tables.months import MONTHS

INSTANT = pd.Timestamp("2026-03-31T16:30:00Z")


def read(*cells: object, **options: object) -> list[pd.Timestamp]:
    return times(pd.Series(cells, dtype=object), **options).values.tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-31T16:30:00Z",
        "2026-03-31 16:30",
        "2026-03-31 16:30:00.000000 UTC",
        "2026-03-31T18:30:00+02:00",
        "2026-03-31 18:30:00 +0200",
        "2026-03-31 18:30:00,000+02",
        "31.03.2026 16:30",
        "31.3.2026, 16:30:00",
        "31/03/2026 16:30",
        "31-03-2026 16:30:00 GMT",
        "2026/03/31 16:30",
        "03/31/2026 4:30 PM",
        "03/31/2026 4:30\u202fPM",
        "Tue Mar 31 16:30:00 +0000 2026",
        "Tue, Mar 31, 2026, 4:30 PM",
        "March 31, 2026 at 16:30",
        "31 mar 2026 16:30",
        "wt., 31 marca 2026 r., o 16:30:00",
        "31 March 2026 16:30",
        datetime(2026, 3, 31, 16, 30),
        datetime(2026, 3, 31, 18, 30, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_one_instant_in_many_spellings(cell: object) -> None:
    assert read(cell) == [INSTANT]


@pytest.mark.parametrize(
    "cell", ["2026-03-31 18:30", "31.03.2026 18:30", datetime(2026, 3, 31, 18, 30)]
)
def test_naive_times_are_in_the_zone_given(cell: object) -> None:
    found = times(pd.Series([cell], dtype=object), zone="Europe/Warsaw")
    assert found.values.tolist() == [INSTANT]
    assert found.naive == 1


def test_typed_columns_are_placed_alike() -> None:
    naive = pd.Series(pd.to_datetime(["2026-03-31 18:30"]))
    assert times(naive, zone="Europe/Warsaw").values.tolist() == [INSTANT]
    aware = naive.dt.tz_localize("Europe/Warsaw")
    assert times(aware, zone="UTC").values.tolist() == [INSTANT]
    assert times(aware).naive == 0


def test_a_date_alone_is_its_midnight() -> None:
    midnight = pd.Timestamp("2026-03-31", tz="UTC")
    assert read("2026-03-31", "31.03.2026", date(2026, 3, 31)) == [midnight] * 3


@pytest.mark.parametrize(
    "cell",
    [
        "2026-02-30",
        "31.13.2026",
        "yesterday",
        "2026",
        "Feb 30, 2026",
        "31 mara 2026",
        "Mar 1, 2026 25:00",
        "18:30",
        "1e9",
        True,
        45_000.5,
        "",
    ],
)
def test_what_is_no_time(cell: object) -> None:
    assert pd.isna(read(cell)[0])


def test_excel_counts_days() -> None:
    assert read(46_112.6875, excel=True) == [INSTANT]


def test_one_day_above_twelve_settles_the_order_of_the_column() -> None:
    day = [pd.Timestamp("2026-04-03", tz="UTC"), pd.Timestamp("2026-04-13", tz="UTC")]
    assert read("03/04/2026", "13/04/2026") == day
    assert read("04/03/2026", "04/13/2026") == day


def test_a_month_may_be_a_word() -> None:
    november = pd.Timestamp("2026-11-28", tz="UTC")
    assert read("Fri, Nov 28, 2026", "Nov 28, 2026", "28 lis 2026", "28-Nov-2026") == [november] * 4
    assert read("28 listopada 2026 14:30") == [november + pd.Timedelta(hours=14.5)]


@pytest.mark.parametrize("name", MONTHS)
def test_every_name_of_a_month_is_read(name: str) -> None:
    assert read(f"3 {name.upper()} 2026") == [pd.Timestamp(2026, MONTHS[name], 3, tz=UTC)]


def test_an_order_that_nothing_settles_is_ambiguous() -> None:
    found = times(pd.Series(["03/04/2026", "05/06/2026"], dtype=object))
    assert found.order is Order.UNTOLD


def test_orders_of_parts_of_a_column_are_joined() -> None:
    parts = [order([day]) for day in ("2026-03-31", "03/04/2026", "13/04/2026", "04/13/2026")]
    assert parts == [Order.UNASKED, Order.UNTOLD, Order.DAY_FIRST, Order.MONTH_FIRST]
    assert (parts[1] | parts[2]).day_first is True
    assert (parts[2] | parts[3]).day_first is None


def test_an_order_that_is_given_is_taken() -> None:
    assert read("03/04/2026", day_first=False) == [pd.Timestamp(2026, 3, 4, tz=UTC)]
    assert read("03/04/2026", day_first=True) == [pd.Timestamp(2026, 4, 3, tz=UTC)]


@pytest.mark.parametrize(
    ("clock", "instant"),
    [("2026-03-29 02:30", "2026-03-29T01:30Z"), ("2026-10-25 02:30", "2026-10-25T00:30Z")],
)
def test_hours_that_clocks_skip_or_repeat_are_read_alike(clock: str, instant: str) -> None:
    typed = times(pd.Series(pd.to_datetime([clock])), zone="Europe/Warsaw").values.tolist()
    assert read(clock, zone="Europe/Warsaw") == typed == [pd.Timestamp(instant)]


def test_the_zone_of_a_row_goes_before_the_zone_given() -> None:
    clocks = pd.Series(["2026-03-31 18:30", "2026-03-31 16:30", "2026-03-31T16:30Z"])
    zones = ["Europe/Warsaw", None, "Europe/Warsaw"]
    for cells in (clocks, pd.Series(pd.to_datetime(clocks[:2]))):
        found = times(cells, zone="UTC", own_zones=zones[: len(cells)])
        assert found.values.tolist() == [INSTANT] * len(cells)
        assert found.naive == 1


def test_typed_columns_may_have_gaps() -> None:
    assert pd.isna(times(pd.Series([None], dtype="datetime64[us]")).values[0])
