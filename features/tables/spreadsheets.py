"""CSV as spreadsheets open it: letters whole, nothing run, decimals as the country writes them."""

import csv
from collections.abc import Sequence
from typing import TextIO

BOM = "\ufeff"
"""What tells Excel that a CSV is UTF-8."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets take what begins so for a formula; an apostrophe before it makes it a text."""

Cell = str | int | float | None


class SpreadsheetCsv:
    """Rows for a spreadsheet.

    Parameters
    ----------
    file
        Opened with `newline=""`.
    decimal_comma
        Whether numbers are written `0,5`; columns are then divided by semicolons.
    """

    def __init__(self, file: TextIO, decimal_comma: bool) -> None:
        file.write(BOM)
        delimiter = ";" if decimal_comma else ","
        self._writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        self._decimal_comma = decimal_comma

    def write(self, cells: Sequence[Cell]) -> None:
        """Write a row; what is not known is empty."""
        self._writer.writerow([self._written(cell) for cell in cells])

    def _written(self, cell: Cell) -> Cell:
        if isinstance(cell, float) and self._decimal_comma:
            return str(cell).replace(".", ",")
        return harmless(cell) if isinstance(cell, str) else cell


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def as_written(text: str) -> str:
    """A text as it was before `harmless`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULAS) else text
