import io

import openpyxl
import pytest

from serving.spreadsheets import CELL_CHARACTERS, sheet_row


@pytest.mark.parametrize("streamed", [True, False])
def test_a_workbook_gets_texts_and_numbers_but_no_formula(streamed: bool) -> None:
    book = openpyxl.Workbook(write_only=streamed)
    sheet = book.create_sheet("scores")
    sheet.append(sheet_row(sheet, ["=1+1", "bell\x07 page\x0c", -0.5, None, "x" * 40_000]))
    out = io.BytesIO()
    book.save(out)
    (row,) = openpyxl.load_workbook(out)["scores"].iter_rows()
    assert [cell.value for cell in row] == ["=1+1", "bell page ", -0.5, None, "x" * CELL_CHARACTERS]
    assert [cell.data_type for cell in row] == ["s", "s", "n", "n", "s"]
