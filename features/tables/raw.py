"""What a table is before anything in it is understood: cells, row numbers, faults."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import TableError
from features.tables.headerrow import HeaderRule
from features.tables.headers import Listing

MAX_COLUMNS = 1_000
"""Most columns of a table; no platform exports a tenth of them. JSON lines with keys of their own
would otherwise make a column of each."""

Kind = Literal["csv", "jsonl", "parquet", "excel"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell. Says what sort of value it was; of values it shows only dates.

    `row` is what a person sees: the line of a text file (the first line of a row that spans
    several), the row of a sheet, the n-th record of a Parquet file.
    """

    row: int
    column: str
    kind: str
    expected: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.kind}; expected {self.expected}"


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be divided into cells, with its lines as they were written."""

    fault: Fault
    content: str


@dataclass(frozen=True)
class Source:
    """What a table was read from, and how."""

    name: str
    kind: Kind
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class RawTable:
    """Cells as written, under the headers as written.

    `frame` holds strings (text files), Python values (JSONL, Excel) or typed columns (Parquet);
    `rows[i]` is the row number of `frame.iloc[i]`.
    """

    source: Source
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    broken: tuple[BrokenRow, ...] = ()


@dataclass(frozen=True)
class RawOptions:
    """How to read what detection cannot know; the defaults detect.

    Without a `header` rule the first row that holds anything is the header.

    Attributes
    ----------
    rows
        Rows in a chunk, at most.
    most_rows, most_unpacked
        Of the whole table, and bytes of a Parquet file or a workbook once unpacked: in these a few
        kilobytes may stand for millions of rows. None for any number.
    """

    encoding: str | None = None
    sheet: str | None = None
    rows: int = 1 << 16
    header: HeaderRule | None = None
    most_rows: int | None = None
    most_unpacked: int | None = None

    def refuse_long(self, rows: int, name: str) -> None:
        """Refuse a table of so many rows if they are more than `most_rows`.

        Raises
        ------
        TableError
            If they are.
        """
        if self.most_rows is not None and rows > self.most_rows:
            raise TableError(
                "{name}: more than {most:,} rows. Divide it into smaller files.",
                name=name,
                most=self.most_rows,
            )


def refuse_large(unpacked: int, most: int | None, name: str) -> None:
    """Refuse a table of so many bytes once unpacked if they are more than `most`.

    Raises
    ------
    TableError
        If they are.
    """
    if most is not None and unpacked > most:
        raise TableError(
            "{name}: more than {most} MB unpacked. Divide it into smaller files.",
            name=name,
            most=most // 1_000_000,
        )


Record = dict[str, Any] | BrokenRow


def chunked(
    source: Source,
    records: Iterable[tuple[int, Record]],
    size: int,
    names: list[str] | None = None,
) -> Iterator[RawTable]:
    """Gather numbered records into tables of at most `size` rows, under `names` if given.

    Without `names` a table has the columns of its records; where they name none, as broken rows do,
    those of the table before.
    """
    numbered = iter(records)
    known = names
    while block := list(itertools.islice(numbered, size)):
        whole = [(row, record) for row, record in block if not isinstance(record, BrokenRow)]
        if names is None:
            _refuse_wide(len({name for _, record in whole for name in record}), source.name)
        columns = names if any(record for _, record in whole) else known
        frame = pd.DataFrame([record for _, record in whole], columns=columns, dtype=object)
        known = list(frame.columns)
        rows = np.array([row for row, _ in whole], dtype=np.int64)
        broken = tuple(record for _, record in block if isinstance(record, BrokenRow))
        yield RawTable(source, frame, rows, broken)


def header_names(header: list[str], name: str) -> list[str]:
    """Headers without the spaces around them; one that stands twice is an error."""
    names = [cell.strip() for cell in header]
    filled = [cell for cell in names if cell]
    _refuse_wide(len(filled), name)
    twice = sorted({cell for cell in filled if filled.count(cell) > 1})
    if twice:
        raise TableError(
            "{name}: two columns with the header {header}. Rename one.",
            name=name,
            header=Listing((twice[0],)),
        )
    return names


def _refuse_wide(columns: int, name: str) -> None:
    if columns > MAX_COLUMNS:
        raise TableError("{name}: more than {most:,} columns.", name=name, most=MAX_COLUMNS)
