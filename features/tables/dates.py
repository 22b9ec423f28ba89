"""Dates and times as people and programs write them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Flag, auto
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from features.errors import TableError
from features.schema import FIRST_YEAR, LAST_YEAR
from features.tables.months import written

STAMP: Final = "datetime64[us, UTC]"
EARLIEST = pd.Timestamp(FIRST_YEAR, 1, 1, tz="UTC")
TOO_LATE = pd.Timestamp(LAST_YEAR + 1, 1, 1, tz="UTC")

_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?))?"
    r" ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_NUMERIC = re.compile(
    r"(?:(\d{4})/(\d{1,2})/(\d{1,2})|(\d{1,2})([./-])(\d{1,2})\5(\d{4}))"
    r"(?:,? +(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s?([ap])\.?m\.?)?)?"
    r" ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_MAILED = "%a %b %d %H:%M:%S %z %Y"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAT = np.iinfo(np.int64).min
_EXCEL_EPOCH = datetime(1899, 12, 30)
_EXCEL_DAYS = (20_000, 80_000)


class Order(Flag):
    """What dates such as 03/04/2026 show of the order of day and month; `|` joins what cells show.

    Attributes
    ----------
    UNASKED
        There are no such dates.
    UNTOLD
        There is one that could be read both ways.
    DAY_FIRST, MONTH_FIRST
        There is one that can only be read so.
    MIXED
        There are both of these.
    """

    UNASKED = 0
    UNTOLD = auto()
    DAY_FIRST = auto()
    MONTH_FIRST = auto()
    MIXED = DAY_FIRST | MONTH_FIRST

    @property
    def day_first(self) -> bool | None:
        """Whether the day comes first; None where nothing tells, or both are told."""
        told = self & Order.MIXED
        return None if told in {Order.UNASKED, Order.MIXED} else told is Order.DAY_FIRST


_SHOWN = {
    (False, False): Order.UNTOLD,
    (True, False): Order.DAY_FIRST,
    (False, True): Order.MONTH_FIRST,
    (True, True): Order.UNASKED,
}
"""By whether the first and the second number are too large for a month."""


@dataclass(frozen=True)
class Times:
    """Instants read from a column, shape (n,).

    Attributes
    ----------
    values
        `datetime64[us, UTC]`, NaT where a cell is no time.
    naive
        How many had no zone, in rows without one, and were taken to be in the zone given.
    order
        What the column shows of the order of day and month; nothing where that was given.
    midnights
        How many have no time of day, in a column that tells none, and were taken to be midnight.
    """

    values: pd.Series
    naive: int
    order: Order = Order.UNASKED
    midnights: int = 0


def placed(moment: datetime, zone: str) -> datetime:
    """Return a time with its zone; one that has none is read on the clocks of `zone`.

    A time that clocks show twice is the earlier one; one that they skip is as long after the skip
    as it says: 02:30 in a night that goes from 02:00 to 03:00 is 03:30.
    """
    return moment.replace(tzinfo=ZoneInfo(zone)) if moment.tzinfo is None else moment


def times(
    cells: pd.Series,
    zone: str = "UTC",
    day_first: bool | None = None,
    excel: bool = False,
    own_zones: Sequence[str | None] | None = None,
    clocks: Sequence[time | None] | None = None,
) -> Times:
    """Read instants; those without a zone are taken to be in their row's, else in `zone`.

    Parameters
    ----------
    cells
        Raw cells, shape (n,).
    zone
        IANA name of the zone of naive times in rows without one.
    day_first
        Whether 03/04/2026 is the third of April; None to tell from the column.
    excel
        Whether bare numbers are Excel's days since 1900.
    own_zones
        IANA name of each row's zone, n of them; None for a row, or all rows, without one.
    clocks
        Time of day of each row, n of them, where `cells` are dates alone; in a column that holds
        other times than midnight they count for nothing.
    """
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return Times(cells.dt.tz_convert("UTC").astype(STAMP), 0)
    raw = _raw(cells)
    shown = order(raw) if day_first is None else Order.UNASKED
    told = shown.day_first if day_first is None else day_first
    moments = [_moment(cell, told is not False, excel) for cell in raw]
    moments, midnights = _with_clocks(moments, clocks or [None] * len(raw))
    own = [None] * len(raw) if own_zones is None else own_zones
    pairs = list(zip(moments, own, strict=True))
    stamps = np.fromiter((_stamp(moment, own or zone) for moment, own in pairs), np.int64, len(raw))
    values = pd.Series(stamps.view("M8[us]"), index=cells.index).dt.tz_localize("UTC")
    naive = sum(moment is not None and moment.tzinfo is None and not own for moment, own in pairs)
    return Times(values, naive, shown, midnights)


def _with_clocks(
    moments: list[datetime | None], clocks: Sequence[time | None]
) -> tuple[list[datetime | None], int]:
    """Dates with their times of day, and how many remain without one."""
    if not all(moment is None or _is_date(moment) for moment in moments):
        return moments, 0
    pairs = list(zip(moments, clocks, strict=True))
    told = [moment and datetime.combine(moment, clock or time.min) for moment, clock in pairs]
    return told, sum(moment is not None and clock is None for moment, clock in pairs)


def _is_date(moment: datetime) -> bool:
    return moment.tzinfo is None and moment.time() == time.min


def refuse_unclear(shown: Order, where: str, column: str) -> None:
    """Refuse a column that does not show one order of day and month.

    Raises
    ------
    TableError
        If its dates could all be read both ways, or some in one way only and some in the other.
    """
    if Order.MIXED in shown:
        raise TableError(
            "{name}, column {column}: the column mixes DD/MM and MM/DD. Write 2026-03-31, "
            "or say --day-first or --month-first and mend the rows that remain.",
            name=where,
            column=column,
        )
    if shown is Order.UNTOLD:
        raise TableError(
            "{name}, column {column}: day and month cannot be told apart. "
            "Write 2026-03-31, or say --day-first or --month-first.",
            name=where,
            column=column,
        )


def _raw(cells: pd.Series) -> list[Any]:
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        return cells.to_numpy("datetime64[us]").tolist()
    return cells.tolist()


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC of a time that carries its zone."""
    return (moment - _EPOCH) // _MICROSECOND


def _stamp(moment: datetime | None, zone: str) -> int:
    return _NAT if moment is None else microseconds(placed(moment, zone))


def order(cells: Iterable[Any]) -> Order:
    """Return what cells show of the order of day and month."""
    found = Order.UNASKED
    for cell in cells:
        parts = _NUMERIC.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if parts is None or parts[5] in {None, "."}:
            continue
        found |= _SHOWN[int(parts[4]) > 12, int(parts[6]) > 12]
    return found


def _moment(cell: object, day_first: bool, excel: bool) -> datetime | None:
    if cell is pd.NaT:
        return None
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, str):
        return _read(cell.strip(), day_first)
    if excel and isinstance(cell, int | float) and _EXCEL_DAYS[0] < cell < _EXCEL_DAYS[1]:
        return _EXCEL_EPOCH + timedelta(seconds=round(cell * 86_400))
    return None


def _read(text: str, day_first: bool) -> datetime | None:
    try:
        if iso := _ISO.fullmatch(text):
            clock = (iso[2] or "00:00").replace(",", ".")
            return datetime.fromisoformat(f"{iso[1]}T{clock}{_offset(iso[3])}")
        if parts := _NUMERIC.fullmatch(text):
            return _from_parts(parts, day_first)
        if moment := written(text):
            return moment
        return datetime.strptime(text, _MAILED) if text[:1].isalpha() else None
    except ValueError:
        return None


def _from_parts(parts: re.Match[str], day_first: bool) -> datetime:
    if parts[1]:
        year, month, day = parts[1], parts[2], parts[3]
    else:
        swap = parts[5] != "." and not day_first
        year = parts[7]
        day, month = (parts[6], parts[4]) if swap else (parts[4], parts[6])
    hour = int(parts[8] or 0)
    if parts[11]:
        hour = hour % 12 + (12 if parts[11].lower() == "p" else 0)
    clock = f"{hour:02}:{parts[9] or '00'}:{parts[10] or '00'}"
    return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{clock}{_offset(parts[12])}")


def _offset(zone: str | None) -> str:
    if zone is None:
        return ""
    return "+00:00" if zone.upper() in {"Z", "UTC", "GMT"} else zone
