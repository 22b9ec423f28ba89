"""Cells of workbooks: what somebody wrote stays a text and never becomes a formula."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from features.text.cleaning import sound

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet

CELL_CHARACTERS = 32_767
"""Excel's limit."""

TIME_FORMAT = "yyyy-mm-dd hh:mm"


def sheet_row(sheet: "Worksheet | WriteOnlyWorksheet", values: Iterable[Any]) -> list[Any]:
    """Return values to append to a sheet of openpyxl, texts as cells of type text, times as dates.

    Characters that a workbook cannot hold become spaces, and texts are cut to `CELL_CHARACTERS`.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def cell(value: Any) -> Any:
        if isinstance(value, datetime):
            made = WriteOnlyCell(sheet, value)
            made.number_format = TIME_FORMAT
            return made
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", sound(value))[:CELL_CHARACTERS])
        made.data_type = "s"
        return made

    return [cell(value) for value in values]
