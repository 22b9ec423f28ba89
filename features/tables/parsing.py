"""Cells of each kind become typed values, a whole column at a time.

A parser never guesses: what it cannot read for certain is a problem with that cell.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

import numpy as np
import pandas as pd

from features.schema import FIRST_YEAR, LAST_YEAR, MEDIA_TYPES, PLATFORMS
from features.tables.cells import (
    EXACT_FLOAT,
    Mask,
    as_texts,
    has_surrogate,
    is_missing,
    numbers,
    surrogates,
    text_series,
    where,
)
from features.tables.dates import EARLIEST, TOO_LATE, refuse_unclear, times
from features.tables.formats import Field
from features.tables.spreadsheets import as_written
from features.tables.words import FLAG_WORDS, MEDIA_WORDS, PLATFORM_WORDS, language_code, zone_words

MAX_TEXT = 100_000
MAX_ID = 512
MAX_COUNT = 1e12

SOME_OTHER_KIND = ""
"""A problem with this kind is one of type: the cell itself tells its kind."""


@dataclass(frozen=True)
class Context:
    """What a column cannot say of itself.

    Attributes
    ----------
    where
        What to call the file in an error.
    now
        The time now, with its zone.
    naive_zone
        IANA zone of times that name none, in rows that name none.
    day_first
        Whether 03/04/2026 is the third of April; None to tell from the column.
    excel
        Whether cells come from a spreadsheet, where ids and texts may be numbers and times days.
    escaped
        Whether an apostrophe may stand before texts that a spreadsheet would run.
    future
        Whether times to come are allowed, as for drafts.
    own_zones
        IANA zone of each row, which its times without one are in; None for those that name none.
    clocks
        Time of day of each row, for a column that knows `clocks`; None for those that name none.
    """

    where: str
    now: datetime
    naive_zone: str = "UTC"
    day_first: bool | None = None
    excel: bool = False
    escaped: bool = False
    future: bool = False
    own_zones: Sequence[str | None] | None = None
    clocks: Sequence[time | None] | None = None


@dataclass
class Parsed:
    """A column's values, shape (n,), and what is wrong with which of its cells.

    `problems` holds masks over the rows, each with the kind of value; the first that holds counts.
    """

    values: pd.Series
    expected: str
    missing: Mask
    problems: list[tuple[Mask, str]] = field(default_factory=list)
    naive_times: int = 0
    midnights: int = 0


def parse_table(
    fields: Sequence[Field], cells: Mapping[str, pd.Series], context: Context
) -> dict[str, Parsed]:
    """Read the columns of a table; times without a zone are in that of their row, if it has one.

    Parameters
    ----------
    fields
        The columns.
    cells
        Their raw cells by name, all of shape (n,).
    context
        What is known beside them.

    Returns
    -------
    dict
        What was read, by the name of the column, in the order of `fields`.

    Raises
    ------
    TableError
        As `parse`.
    """
    for column in fields:
        if column.kind == "zone":
            known = parse(cells[column.name], column, context).values
            own = known.astype(object).where(known.notna(), None).tolist()
            context = replace(context, own_zones=own)
    return {column.name: parse(cells[column.name], column, context) for column in fields}


def parse(cells: pd.Series, column: Field, context: Context) -> Parsed:
    """Read the cells of one column, shape (n,), as values of its kind.

    Raises
    ------
    TableError
        If day and month of a column of dates cannot be told apart.
    """
    parsed = _parse(cells, column, context)
    if column.required and column.kind != "text":
        parsed.problems.insert(0, (parsed.missing, "nothing (an empty cell)"))
    return parsed


def _parse(cells: pd.Series, column: Field, context: Context) -> Parsed:
    match column.kind:
        case "text":
            return _text(cells, context)
        case "id":
            return _id(cells)
        case "time":
            return _time(cells, column, context)
        case "count":
            return _count(cells)
        case "number":
            return _number(cells, column.low, column.high)
        case "flag":
            return _flag(cells)
        case _:
            return _words(cells, *_vocabulary(column))


def _text(cells: pd.Series, context: Context) -> Parsed:
    texts = as_texts(cells)
    if context.escaped:
        texts = [as_written(text) for text in texts]
    wrong = np.zeros(len(texts), bool)
    if not context.excel:
        wrong = where(cells.tolist(), lambda cell: not isinstance(cell, str))
        wrong &= cells.notna().to_numpy(dtype=bool)
    broken = surrogates(texts)
    problems = [
        (wrong, SOME_OTHER_KIND),
        (broken, "text with half a character (a lone surrogate)"),
        (where(texts, lambda text: "\x00" in text), "text with a NUL character"),
        (where(texts, lambda text: len(text) > MAX_TEXT), f"more than {MAX_TEXT:,} characters"),
    ]
    expected = f"a text of at most {MAX_TEXT:,} characters"
    blank = where(texts, lambda text: not text.strip())
    return Parsed(text_series(texts, broken), expected, blank, problems)


# 1.23457E+17 is what a spreadsheet leaves of a long id.
_SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+\d+")


def _id(cells: pd.Series) -> Parsed:
    raw = cells.tolist()
    texts = [text.strip() for text in as_texts(cells)]
    missing = is_missing(cells)
    shortened = where(texts, lambda text: "+" in text and bool(_SHORTENED.fullmatch(text)))
    shortened |= where(raw, lambda cell: isinstance(cell, float) and abs(cell) >= EXACT_FLOAT)
    wrong = where(raw, lambda cell: not isinstance(cell, str | int | float))
    wrong |= where(raw, lambda cell: isinstance(cell, bool))
    wrong |= where(raw, lambda cell: isinstance(cell, float) and cell % 1 != 0)
    broken = surrogates(texts)
    problems = [
        (shortened, "a long number that a spreadsheet has rounded"),
        (wrong & ~missing, SOME_OTHER_KIND),
        (broken, "text with half a character (a lone surrogate)"),
        (where(texts, lambda text: "\x00" in text), "text with a NUL character"),
        (where(texts, lambda text: len(text) > MAX_ID), f"more than {MAX_ID} characters"),
    ]
    expected = f"an id of 1 to {MAX_ID} characters, written out in full"
    return Parsed(text_series(texts, missing | broken), expected, missing, problems)


Known = Callable[[str], str | None]
"""A word's canonical form; '' where it says that there is none, None where it is foreign."""


def _vocabulary(column: Field) -> tuple[Known, str]:
    match column.kind:
        case "platform":
            return PLATFORM_WORDS.get, f"one of {', '.join(PLATFORMS)}"
        case "media":
            return MEDIA_WORDS.get, f"one of {', '.join(MEDIA_TYPES)}"
        case "language":
            return language_code, "an ISO 639 code such as pl or en"
        case "zone":
            return zone_words().get, "an IANA time zone such as Europe/Warsaw"
        case "choice":
            choices = {name: name for name in column.choices}
            return choices.get, f"one of {', '.join(column.choices)}"
        case _:
            return (lambda word: None if has_surrogate(word) else word), "a word"


def _words(cells: pd.Series, known: Known, expected: str) -> Parsed:
    texts = as_texts(cells)
    canonical = {text: known(text.strip().lower()) for text in set(texts)}
    values = [canonical[text] for text in texts]
    missing = is_missing(cells) | where(values, lambda value: value == "")
    foreign = where(values, lambda value: value is None) & ~missing
    kept = text_series([value or "" for value in values], missing | foreign)
    return Parsed(kept, expected, missing, [(foreign, SOME_OTHER_KIND)])


def _flag(cells: pd.Series) -> Parsed:
    missing = is_missing(cells)
    flags = [FLAG_WORDS.get(text.strip().lower()) for text in as_texts(cells)]
    wrong = where(flags, lambda flag: flag is None) & ~missing
    values = pd.Series(flags, dtype="boolean")
    return Parsed(values, "true or false", missing, [(wrong, SOME_OTHER_KIND)])


def _count(cells: pd.Series) -> Parsed:
    values = numbers(cells, thousands=True)
    missing = is_missing(cells)
    problems = [
        (~missing & ~np.isfinite(values), SOME_OTHER_KIND),
        (values < 0, "a negative number"),
        (np.isfinite(values) & (np.floor(values) != values), "a number with a fraction"),
        (values > MAX_COUNT, "a number beyond all reason"),
    ]
    return Parsed(pd.Series(values), "a whole number, 0 or more", missing, problems)


def _number(cells: pd.Series, lowest: float | None, highest: float | None) -> Parsed:
    values = numbers(cells, thousands=False)
    missing = is_missing(cells)
    low = -np.inf if lowest is None else lowest
    high = np.inf if highest is None else highest
    problems = [
        (~missing & ~np.isfinite(values), SOME_OTHER_KIND),
        (values < low, "a negative number" if low == 0 else f"a number below {low:g}"),
        (values > high, f"a number above {high:g}"),
    ]
    return Parsed(pd.Series(values), f"a number from {low:g} to {high:g}", missing, problems)


def _time(cells: pd.Series, column: Field, context: Context) -> Parsed:
    read = times(
        cells,
        context.naive_zone,
        context.day_first,
        context.excel,
        context.own_zones,
        context.clocks if column.clocks else None,
    )
    refuse_unclear(read.order, context.where, column.name)
    missing = is_missing(cells)
    known = read.values.notna().to_numpy()
    now = pd.Timestamp(context.now.astimezone(UTC))
    problems = [
        (~missing & ~known, SOME_OTHER_KIND),
        ((read.values < EARLIEST).to_numpy(), f"a date before {FIRST_YEAR}"),
        ((read.values >= TOO_LATE).to_numpy(), f"a date after {LAST_YEAR}"),
    ]
    expected = f"a date and time such as 2026-03-31T18:30:00Z, from {FIRST_YEAR} to {LAST_YEAR}"
    if not context.future:
        problems.append(((read.values > now).to_numpy(), "a date in the future"))
        expected += f" and past (without a zone: in that of its row, else {context.naive_zone})"
    midnights = read.midnights if column.clocks else 0
    return Parsed(read.values, expected, missing, problems, read.naive, midnights)
