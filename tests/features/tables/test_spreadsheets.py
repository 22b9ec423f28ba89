"""CSV for spreadsheets, and back."""

import io

import pytest

from features.tables.spreadsheets import SpreadsheetCsv, as_written, harmless

QUOTED = ("'=SUM(1)", "''=SUM(1)", "'-20% na bilety", "'-5", "'", "''")
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


@pytest.mark.parametrize(
    "text", ["- 20% na bilety", "@ania dziękujemy", "'kino' i reszta", "", *QUOTED]
)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert as_written(harmless(text)) == text


@pytest.mark.parametrize("text", ["'-0.5", "'kino'", "kino"])
def test_an_apostrophe_that_nobody_put_there_is_the_texts_own(text: str) -> None:
    assert as_written(text) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert harmless(f"{start}1+1 is two") == f"'{start}1+1 is two"


@pytest.mark.parametrize("value", [-0.5, 7, None, "-0.5", "+48600100200", "-0,5", "a=b", ""])
def test_numbers_and_other_texts_stay_as_they_are(value: object) -> None:
    assert harmless(value) == value
