import io

import openpyxl
import pytest

from serving.spreadsheets import CELL_CHARACTERS, csv_cell, sheet_row


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert csv_cell(f"{start}1+1 is two") == f"'{start}1+1 is two"


@pytest.mark.parametrize("value", [-0.5, 7, None, "-0.5", "+48600100200", "-0,5", "a=b", ""])
def test_numbers_and_other_texts_stay_as_they_are(value: object) -> None:
    assert csv_cell(value) == value


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
