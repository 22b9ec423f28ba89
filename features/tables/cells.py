"""Cells of a raw column as strings and as numbers, whatever a reader delivered."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "nat", "<na>", "-", "brak", "b/d"})
"""What people write into a cell that has no value; in a text these are words."""

EXACT_FLOAT = 1e15
"""Whole numbers below it keep every digit in a spreadsheet, which holds fifteen."""

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_POINTED = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_EUROPEAN = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}[\d:.,TZ+\s-]{,25}")
_SHORT = re.compile(r"(.*\d) ?(tys\.?|k|mln\.?|m)", re.IGNORECASE)
_TIMES = {"tys": 1_000, "k": 1_000, "mln": 1_000_000, "m": 1_000_000}
_GAPS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'](?=\d{3})")


def is_missing(cells: pd.Series) -> Mask:
    """Cells without a value, or with a word that says so; shape (n,)."""
    absent: Mask = pd.isna(cells).to_numpy(dtype=bool)
    if absent.all():
        return absent
    if cells.dtype == object or isinstance(cells.dtype, pd.StringDtype):
        absent = absent | where(
            cells.tolist(), lambda cell: isinstance(cell, str) and cell.strip().lower() in MISSING
        )
    return absent


def where(cells: Sequence[Any], test: Callable[[Any], bool]) -> Mask:
    """Mask of the cells that pass a test, shape (n,)."""
    return np.fromiter(map(test, cells), bool, len(cells))


def as_texts(cells: pd.Series) -> list[str]:
    """Every cell as text: numbers as a person would write them, nothing as ''."""
    if isinstance(cells.dtype, pd.StringDtype):
        return list(cells.fillna("").tolist())
    return [cell if isinstance(cell, str) else _written(cell) for cell in cells.tolist()]


def _written(cell: object) -> str:
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell)).lower()
    if isinstance(cell, float):
        if np.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_FLOAT else repr(cell)
    return "" if cell is None or cell is pd.NA or cell is pd.NaT else str(cell)


def has_surrogate(text: str) -> bool:
    """Whether `text` holds half a character, which no encoding can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def surrogates(texts: list[str]) -> Mask:
    """Mask of the texts with half a character, shape (n,); one pass when there is none."""
    if not has_surrogate("".join(texts)):
        return np.zeros(len(texts), bool)
    return where(texts, has_surrogate)


def text_series(texts: list[str], absent: Mask) -> pd.Series:
    """Texts as a `str` column, without a value where `absent`; shape (n,)."""
    if absent.any():
        kept = [None if gone else text for text, gone in zip(texts, absent, strict=True)]
        return pd.Series(kept, dtype="str")
    return pd.Series(texts, dtype="str")


def numbers(cells: pd.Series, thousands: bool) -> NDArray[np.float64]:
    """Read numbers, with comma or point; NaN where a cell is none.

    Parameters
    ----------
    cells
        Raw cells, shape (n,).
    thousands
        Whether these are counts: `1,234` is 1234 and `12,3 tys.` is 12300, rather than 1.234 (an
        intensity in Polish spelling) and no number. `1.234` is 1234 too, unless a cell here has a
        point that can only be decimal, as in `3.0` or `0.125`.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    written = cells.tolist()
    points = thousands and not any(map(_has_decimal_point, written))
    read = (_number(cell, thousands, points) for cell in written)
    return np.fromiter(read, np.float64, len(cells))


def _has_decimal_point(cell: object) -> bool:
    """Whether a cell is a number with a point that parts no thousands."""
    if not isinstance(cell, str) or "." not in cell:
        return False
    text = _joined(cell)
    spelt = _PLAIN.fullmatch(text) or _THOUSANDS.fullmatch(text)
    return spelt is not None and not _POINTED.fullmatch(text)


def _number(cell: object, thousands: bool, points: bool) -> float:
    if isinstance(cell, str):
        return _read_number(_joined(cell), thousands, points)
    if isinstance(cell, Real | Decimal) and not isinstance(cell, bool | np.bool_):
        try:
            return float(cell)
        except OverflowError:
            return np.inf
    return np.nan


def _joined(text: str) -> str:
    """A number without the gaps between its thousands; '' for what is too long to be one."""
    text = text.strip()
    return _GAPS.sub("", text.replace("\u00a0", " ")) if len(text) < 40 else ""


def _read_number(text: str, thousands: bool, points: bool) -> float:
    if thousands and (short := _SHORT.fullmatch(text)):
        factor = _TIMES[short[2].lower().rstrip(".")]
        # 1.001 * 1000 is a little less than 1001.
        return round(_read_number(short[1], thousands=False, points=False) * factor, 3)
    if points and _POINTED.fullmatch(text):
        return float(text.replace(".", ""))
    if _PLAIN.fullmatch(text):
        return float(text)
    if thousands and _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _EUROPEAN.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return np.nan


_SORTS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((bool, np.bool_), "true or false"),
    ((Real, Decimal), "a number"),
    ((date, datetime, np.datetime64), "a date"),
    (dict, "an object"),
    ((list, np.ndarray), "a list"),
)


def describe(cell: object) -> str:
    """The kind of a value, never the value itself, unless it is written like a date.

    Examples
    --------
    >>> describe("-3"), describe("dużo"), describe([1]), describe("")
    ('a number', 'text', 'a list', 'nothing (an empty cell)')
    >>> describe("31.02.2026")
    "'31.02.2026'"
    """
    if isinstance(cell, str):
        if not cell.strip():
            return "nothing (an empty cell)"
        if _LIKE_A_DATE.fullmatch(cell.strip()):
            return repr(cell.strip())
        return "text" if np.isnan(_number(cell, thousands=True, points=True)) else "a number"
    for types, sort in _SORTS:
        if isinstance(cell, types) and cell == cell:
            return sort
    return "nothing (an empty cell)"
