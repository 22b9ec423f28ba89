"""Where scores go: one writer for each format, all of them streaming."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TextIO

from cli import flat
from cli.options import Format
from features.tables.spreadsheets import SpreadsheetCsv, harmless
from serving.spreadsheets import sheet_row

if TYPE_CHECKING:
    from models.score import Score


@dataclass(frozen=True, slots=True)
class Scored:
    """One post with its score.

    Attributes
    ----------
    row
        Where the file has it; None for a post that came from no file.
    """

    score: "Score"
    text: str
    row: int | None = None
    post_id: str | None = None


class Writer(Protocol):
    """Takes scores as they come."""

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""

    def finish(self) -> None:
        """Write what can only be written at the end."""


class JsonLines:
    """One JSON object a line, in the shape of the API's answer."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        for one in scored:
            answer = flat.named(one.score, one.row, one.post_id)
            self._file.write(json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n")
        self._file.flush()

    def finish(self) -> None:
        """Nothing is left to write."""


class Csv:
    """One row a post, comma separated, with a header; no text is a formula."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.DictWriter(file, flat.csv_columns(), lineterminator="\n")
        self._writer.writeheader()

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        self._writer.writerows(_cells(row) for row in _rows(scored))

    def finish(self) -> None:
        """Nothing is left to write."""


class ExcelCsv:
    """CSV as Excel reads it where commas are decimal: a BOM, semicolons, `0,5`."""

    def __init__(self, file: TextIO) -> None:
        self._columns = flat.csv_columns()
        self._writer = SpreadsheetCsv(file, decimal_comma=True)
        self._writer.write(self._columns)

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        for row in _rows(scored):
            self._writer.write([row.get(name) for name in self._columns])

    def finish(self) -> None:
        """Nothing is left to write."""


class Workbook:
    """An Excel workbook of one sheet, its rows streamed to disk."""

    def __init__(self, file: BinaryIO) -> None:
        from openpyxl import Workbook as Book

        self._file = file
        self._columns = flat.csv_columns()
        self._book = Book(write_only=True)
        self._sheet = self._book.create_sheet("scores")
        self._sheet.freeze_panes = "A2"
        self._sheet.append(self._columns)

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        for row in _rows(scored):
            self._sheet.append(sheet_row(self._sheet, map(row.get, self._columns)))

    def finish(self) -> None:
        """Write the workbook."""
        self._book.save(self._file)


class Lines:
    """One line a post, for people."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._file.write(flat.HEADING + "\n")

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        self._file.writelines(flat.line(one.score, one.row, one.text) + "\n" for one in scored)

    def finish(self) -> None:
        """Nothing is left to write."""


def writer_of(form: Format, file: TextIO, excel: bool = False) -> Writer:
    """Return the writer of a format.

    Parameters
    ----------
    form
        How scores are written.
    file
        Where to; a workbook takes its binary buffer.
    excel
        Whether CSV is for Excel where commas are decimal.
    """
    if form is Format.XLSX:
        return Workbook(file.buffer)
    if form is Format.CSV:
        return ExcelCsv(file) if excel else Csv(file)
    return Lines(file) if form is Format.TABLE else JsonLines(file)


def _rows(scored: Sequence[Scored]) -> Iterator[dict[str, Any]]:
    return (flat.csv_row(one.score, one.row, one.post_id, one.text) for one in scored)


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    return {name: harmless(value) for name, value in row.items()}
