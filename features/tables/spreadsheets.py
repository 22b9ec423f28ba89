"""CSV as spreadsheets open it: letters whole, nothing run, decimals as the country writes them."""

import csv
import re
from collections.abc import Sequence
from typing import Any, TextIO

BOM = "\ufeff"
"""What tells Excel that a CSV is UTF-8."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for a formula begins so, as OWASP lists them under CSV injection."""

_NUMBER = re.compile(r"[+-]\d+(?:[.,]\d+)?")

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

    def _written(self, cell: Cell) -> Any:
        if isinstance(cell, float) and self._decimal_comma:
            return str(cell).replace(".", ",")
        return harmless(cell)


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs: a text that it would gets an apostrophe before it.

    So does one that begins like that behind apostrophes of its own, or they could not be told from
    ours. A text that is a number, as ids may be, runs nothing and stays one.
    """
    if isinstance(cell, str) and cell.lstrip("'").startswith(FORMULAS):
        return cell if _NUMBER.fullmatch(cell) else f"'{cell}"
    return cell


def as_written(text: str) -> str:
    """A text as it was before `harmless`."""
    return text[1:] if harmless(text[1:]) == text else text
