"""A time of day in a column of its own, beside the date that it belongs to."""

import re
from collections.abc import Container
from datetime import datetime, time, timedelta

import pandas as pd

from features.tables.cells import Mask, is_missing, where
from features.tables.dates import times
from features.tables.formats import PUBLISHED_AT, TableFormat
from features.tables.headers import Headers, match_headers, plain, recognised
from features.tables.raw import RawTable

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s?([ap])\.?m\.?)?", re.I)
_WORDS = frozenset(map(plain, PUBLISHED_AT.clocks))


def match_columns(
    raw: RawTable,
    table: TableFormat,
    given: Container[str] = (),
    platform: str | None = None,
) -> Headers:
    """Find the column of `table` that each header stands for, as `match_headers`.

    A header such as `Godzina` or `Publish time` is that of the time of day where no cell under it
    holds a date and another header is that of the date; cells decide, for some tools write the
    whole time under the same words.

    Raises
    ------
    CombinedTableError
        As `match_headers`.
    """
    names, name = [str(header) for header in raw.frame.columns], raw.source.name
    for clock in filter(lambda header: plain(header) in _WORDS, names):
        others = [header for header in names if header != clock]
        if PUBLISHED_AT.name in recognised(table, others) and not _has_dates(raw, clock):
            return match_headers(table, names, name, given, platform, clock)
    return match_headers(table, names, name, given, platform)


def _has_dates(raw: RawTable, header: str) -> bool:
    read = times(raw.frame[header], excel=raw.source.kind == "excel")
    return bool(read.values.notna().any())


def times_of_day(cells: pd.Series, excel: bool) -> tuple[list[time | None], Mask]:
    """Read times of day, and tell which cells hold something else; both of n.

    Parameters
    ----------
    cells
        Raw cells, shape (n,).
    excel
        Whether bare numbers are Excel's parts of a day.

    Examples
    --------
    >>> times_of_day(pd.Series(["8.30", "6:30 PM", "", "wieczorem"]), excel=False)[0]
    [datetime.time(8, 30), datetime.time(18, 30), None, None]
    """
    read = [_time_of_day(cell, excel) for cell in cells.tolist()]
    return read, where(read, lambda clock: clock is None) & ~is_missing(cells)


def _time_of_day(cell: object, excel: bool) -> time | None:
    if isinstance(cell, time):
        return cell
    if isinstance(cell, str):
        return _read(cell.strip())
    if excel and isinstance(cell, float) and 0 <= cell < 1:
        return (datetime.min + timedelta(seconds=round(cell * 86_400))).time()
    return None


def _read(text: str) -> time | None:
    parts = _CLOCK.fullmatch(text)
    if parts is None:
        return None
    hour = int(parts[1])
    if parts[4]:
        hour = hour % 12 + (12 if parts[4].lower() == "p" else 0)
    try:
        return time(hour, int(parts[2]), int(parts[3] or 0))
    except ValueError:
        return None
