"""Cells of a table as values of its columns, each impossible one found; see `validation`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time

import numpy as np
import pandas as pd

from features.tables.cells import Mask, describe, is_missing, where
from features.tables.clocks import match_columns, times_of_day
from features.tables.formats import SHARES, Field, TableFormat
from features.tables.headers import Headers
from features.tables.parsing import Context, Parsed, parse_table
from features.tables.reading import Fault, RawTable
from features.tables.words import PLATFORM_WORDS


@dataclass
class Checked:
    """A table under inspection: its columns so far, and the first fault of each bad row."""

    raw: RawTable
    headers: Headers
    columns: dict[str, pd.Series] = field(default_factory=dict)
    faults: dict[int, Fault] = field(default_factory=dict)
    naive_times: int = 0
    midnights: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    # One False stands for every row.
    without_shares: Mask = field(default_factory=lambda: np.zeros(1, bool))

    def note(self, mask: Mask, header: str, cells: pd.Series, kind: str, expected: str) -> None:
        """Remember the rows of `mask` as bad; without a `kind`, the cell tells its own."""
        for position in np.flatnonzero(mask).tolist():
            if position not in self.faults:
                said = kind or describe(cells.iloc[position])
                row = int(self.raw.rows[position])
                self.faults[position] = Fault(row, header, said, expected)

    def leave(self, header: str, parsed: Parsed) -> None:
        """Take the cells with a problem as missing, and count them."""
        wrong = np.any([mask for mask, _ in parsed.problems], axis=0)
        if wrong.any():
            self.unread[header] = int(wrong.sum())
            parsed.values = parsed.values.mask(wrong)


def check(raw: RawTable, table: TableFormat, context: Context, given: Mapping[str, str]) -> Checked:
    """Read the columns of a table, and find every value that cannot be.

    Parameters
    ----------
    raw
        Cells as written.
    table
        What they should be.
    context
        What is known beside them.
    given
        Values of columns that the file need not have.

    Raises
    ------
    TableError
        When the headers, or the order of day and month, leave open what is meant.
    """
    platform = PLATFORM_WORDS.get(given.get("platform", "").lower())
    headers = match_columns(raw, table, given, platform)
    checked = Checked(raw, headers)
    context = replace(context, clocks=_clocks(checked, context.excel))
    found = headers.found
    fields = [column if column.name in found else _free(column) for column in table.fields]
    cells = {
        column.name: _cells(raw, headers, column.name, given.get(column.name)) for column in fields
    }
    read = parse_table(fields, cells, context)
    for column in fields:
        name, parsed = column.name, read[column.name]
        if column.lenient and name in found:
            checked.leave(found[name], parsed)
        else:
            for mask, kind in parsed.problems:
                header = found.get(name, f"{name} (given)")
                checked.note(mask, header, cells[name], kind, parsed.expected)
        if column is SHARES:
            checked.without_shares = parsed.missing
        checked.columns[name] = parsed.values
        checked.naive_times += parsed.naive_times
        checked.midnights += parsed.midnights
    _check_order(checked)
    for position in np.flatnonzero(checked.without_shares).tolist():
        checked.faults.pop(position, None)
    return checked


def _cells(raw: RawTable, headers: Headers, name: str, given: str | None) -> pd.Series:
    if name not in headers.found:
        return pd.Series([given] * len(raw.frame), dtype=object)
    cells: pd.Series = raw.frame[headers.found[name]]
    for filler in headers.fillers.get(name, ()):
        cells = cells.astype(object).mask(_blank(cells), raw.frame[filler])
    return cells if given is None else cells.astype(object).mask(is_missing(cells), given)


def _clocks(checked: Checked, excel: bool) -> list[time | None] | None:
    header = checked.headers.clock
    if header is None:
        return None
    clocks, wrong = times_of_day(checked.raw.frame[header], excel)
    if wrong.any():
        checked.unread[header] = int(wrong.sum())
    return clocks


def _blank(cells: pd.Series) -> Mask:
    return cells.isna().to_numpy(dtype=bool) | where(
        cells.tolist(), lambda cell: isinstance(cell, str) and not cell.strip()
    )


def _free(column: Field) -> Field:
    return replace(column, required=False)


def _check_order(checked: Checked) -> None:
    """A count cannot have been collected before its post was published."""
    found = checked.headers.found
    if "collected_at" in found and "published_at" in found:
        early = checked.columns["published_at"] > checked.columns["collected_at"]
        checked.note(
            early.to_numpy(dtype=bool),
            found["published_at"],
            checked.columns["published_at"],
            f"a date after {found['collected_at']}",
            f"a time no later than {found['collected_at']}",
        )
