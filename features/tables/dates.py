"""Dates and times as people and programs write them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from features.tables.months import written

STAMP: Final = "datetime64[us, UTC]"
EARLIEST = pd.Timestamp("1995-01-01", tz="UTC")
"""No network of today is older; a spreadsheet's epoch slips (1900, 1904, 1970) fall before it."""

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


@dataclass(frozen=True)
class Times:
    """Instants read from a column, shape (n,).

    Attributes
    ----------
    values
        `datetime64[us, UTC]`, NaT where a cell is no time.
    naive
        How many had no zone and were taken to be in the zone given.
    ambiguous
        Whether day and month could not be told apart anywhere in the column.
    """

    values: pd.Series
    naive: int
    ambiguous: bool = False


def times(
    cells: pd.Series, zone: str = "UTC", day_first: bool | None = None, excel: bool = False
) -> Times:
    """Read instants; those without a zone are taken to be in `zone`.

    Parameters
    ----------
    cells
        Raw cells, shape (n,).
    zone
        IANA name of the zone of naive times.
    day_first
        Whether 03/04/2026 is the third of April; None to tell from the column.
    excel
        Whether bare numbers are Excel's days since 1900.
    """
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return Times(cells.dt.tz_convert("UTC").astype(STAMP), 0)
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        return _placed(cells, zone)
    raw = cells.tolist()
    order = _day_first(raw) if day_first is None else day_first
    moments = [_moment(cell, order is not False, excel) for cell in raw]
    place = ZoneInfo(zone)
    stamps = np.fromiter((_stamp(moment, place) for moment in moments), np.int64, len(raw))
    values = pd.Series(stamps.view("M8[us]"), index=cells.index).dt.tz_localize("UTC")
    naive = sum(moment is not None and moment.tzinfo is None for moment in moments)
    return Times(values, naive, ambiguous=order is None)


def _placed(cells: pd.Series, zone: str) -> Times:
    # A time that occurs twice is the earlier one, as `datetime.fold` has it.
    local = cells.astype("datetime64[us]").dt.tz_localize(
        zone, ambiguous=np.ones(len(cells), dtype=bool), nonexistent="shift_forward"
    )
    return Times(local.dt.tz_convert("UTC"), int(cells.notna().sum()))


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC of a time that carries its zone."""
    return (moment - _EPOCH) // _MICROSECOND


def _stamp(moment: datetime | None, place: ZoneInfo) -> int:
    if moment is None:
        return _NAT
    aware = moment.replace(tzinfo=place) if moment.tzinfo is None else moment
    return microseconds(aware)


def _day_first(cells: Sequence[Any]) -> bool | None:
    """What the column shows of its order; None if it has dates that could be read both ways."""
    told = None
    open_question = False
    for cell in cells:
        parts = _NUMERIC.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if parts is None or parts[5] in {None, "."}:
            continue
        if int(parts[4]) > 12:
            return True
        told = False if int(parts[6]) > 12 else told
        open_question = True
    return told if told is not None or open_question else True


def mixes_orders(cells: pd.Series) -> bool:
    """Whether some dates of a column can only be DD/MM/YYYY and others only MM/DD/YYYY."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return False
    later = set()
    for cell in cells.tolist():
        parts = _NUMERIC.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if parts and parts[5] not in {None, "."}:
            later.add((int(parts[4]) > 12, int(parts[6]) > 12))
    return {(True, False), (False, True)} <= later


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
