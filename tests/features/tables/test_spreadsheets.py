"""CSV for spreadsheets, and back."""

import io

import pytest

from features.tables.spreadsheets import SpreadsheetCsv, as_written, harmless

ROW = ("Zażółć; gęślą", 0.5, 3, None, "=1+1")


@pytest.mark.parametrize(
    ("decimal_comma", "line"),
    [
        (True, '\ufeff"Zażółć; gęślą";0,5;3;;\'=1+1\r\n'),
        (False, "\ufeffZażółć; gęślą,0.5,3,,'=1+1\r\n"),
    ],
)
def test_a_row_is_written_as_its_country_reads_it(decimal_comma: bool, line: str) -> None:
    file = io.StringIO()
    SpreadsheetCsv(file, decimal_comma).write(ROW)
    assert file.getvalue() == line


@pytest.mark.parametrize("text", ["- 20% na bilety", "@ania dziękujemy", "'kino' i reszta", ""])
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert as_written(harmless(text)) == text
