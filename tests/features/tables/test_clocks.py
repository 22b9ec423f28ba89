"""Dates and times of day in columns of their own."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pandas as pd
import pytest

from features.errors import TableError
from features.tables.clocks import times_of_day
from features.tables.validation import Read, ReadOptions, iter_posts, read_posts

AT = ReadOptions(now=datetime(2026, 6, 1, tzinfo=UTC), naive_zone="Europe/Warsaw")
HALF_PAST_SIX = pd.Timestamp("2026-03-31T16:30Z")
MIDNIGHT = pd.Timestamp("2026-03-30T22:00Z")


def drafts(tmp_path: Path, *lines: str) -> Read:
    file = tmp_path / "szkice.csv"
    file.write_text("\n".join(lines))
    (read,) = iter_posts(file, AT)
    return read


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("Data", "Godzina"),
        ("Date", "Time"),
        ("Data publikacji", "Godzina publikacji"),
        ("Publish date", "Publish time"),
        ("Date", "Post time"),
        ("published_at", "Hour"),
        ("Termin", "Godz."),
    ],
)
def test_a_time_of_day_goes_to_its_date(day: str, clock: str, tmp_path: Path) -> None:
    read = drafts(tmp_path, f"Treść;{clock};{day}", "Gramy!;18:30;31.03.2026")
    assert read.frame["published_at"].tolist() == [HALF_PAST_SIX]
    headers = read.report.headers
    assert (headers.found["published_at"], headers.clock) == (day, clock)
    assert (headers.unknown, headers.ignored, read.report.midnights) == ((), (), 0)


def test_times_of_day_of_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "posty.xlsx"
    known = {"id": "1", "konto": "teatr", "platforma": "x", "treść": "Gramy!", "shares": 3}
    rows = [
        known | {"Data": date(2026, 3, 31), "Godzina": time(18, 30)},
        known | {"id": "2", "Data": datetime(2026, 3, 31), "Godzina": 18.5 / 24},
    ]
    pd.DataFrame(rows).to_excel(file, index=False)
    assert read_posts(file, AT).frame["published_at"].tolist() == [HALF_PAST_SIX] * 2


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        ("18:30", time(18, 30)),
        ("8:05", time(8, 5)),
        ("08:05:09", time(8, 5, 9)),
        ("8.30", time(8, 30)),
        ("12:30 a.m.", time(0, 30)),
        ("6:30 PM", time(18, 30)),
        ("24:00", None),
        ("wieczorem", None),
        ("18", None),
    ],
)
def test_spellings_of_a_time_of_day(cell: str, clock: time | None) -> None:
    read, wrong = times_of_day(pd.Series([cell, "", None]), excel=False)
    assert read == [clock, None, None]
    assert wrong.tolist() == [clock is None, False, False]


def test_a_missing_column_is_told_beside_every_header(tmp_path: Path) -> None:
    file = tmp_path / "posty.csv"
    file.write_text(
        "id;platforma;tekst;data;godzina;udostępnienia\n1;x;Gramy!;31.03.2026;18:30;3\n"
    )
    has = "'id', 'platforma', 'tekst', 'data', 'godzina', 'udostępnienia'"
    with pytest.raises(TableError, match=f"no column account_id for .*; it has {has}"):
        read_posts(file, AT)


def test_a_time_of_day_that_is_none_is_counted_and_its_date_is_midnight(tmp_path: Path) -> None:
    read = drafts(
        tmp_path, "tekst;data;godzina", "a;31.03.2026;18:30", "b;31.03.2026;?", "c;31.03.2026;"
    )
    assert read.frame["published_at"].tolist() == [HALF_PAST_SIX, MIDNIGHT, MIDNIGHT]
    assert (read.report.unread, read.report.midnights) == ({"godzina": 1}, 2)


def test_dates_alone_are_midnight_and_counted(tmp_path: Path) -> None:
    read = drafts(tmp_path, "tekst;data", "a;31.03.2026", "b;31.03.2026")
    assert read.frame["published_at"].tolist() == [MIDNIGHT] * 2
    assert read.report.midnights == 2


def test_a_midnight_among_other_times_is_meant(tmp_path: Path) -> None:
    read = drafts(tmp_path, "tekst;data", "a;31.03.2026 00:00", "b;31.03.2026 18:30")
    assert read.frame["published_at"].tolist() == [MIDNIGHT, HALF_PAST_SIX]
    assert read.report.midnights == 0


def test_a_whole_time_needs_no_time_of_day(tmp_path: Path) -> None:
    """Meta writes the whole time as `Publish time`, and `Lifetime` as `Date`."""
    whole = drafts(tmp_path, "text;Date;Publish time", "a;Lifetime;2026-03-31 18:30")
    beside = drafts(tmp_path, "text;created_at;time", "a;2026-03-31 18:30;19:00")
    for read in (whole, beside):
        assert read.frame["published_at"].tolist() == [HALF_PAST_SIX]


def test_the_order_of_day_and_month_is_told_beside_times_of_day(tmp_path: Path) -> None:
    read = drafts(
        tmp_path, "text;Publish date;Publish time", "a;31/03/2026;18:30", "b;01/03/2026;19:00"
    )
    assert read.frame["published_at"][1] == pd.Timestamp("2026-03-01T18:00Z")
