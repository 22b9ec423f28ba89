"""Cells as numbers, as text, and their kind."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from features.tables.cells import as_texts, describe, is_missing, numbers


def read(*cells: object, thousands: bool = False) -> list[float]:
    return list(numbers(pd.Series(cells, dtype=object), thousands))


def test_numbers_in_polish_and_english_spelling() -> None:
    written = ["0,75", "0.75", " 1234 ", "1 234,5", "1\u00a0234", "1.234,5", "-3", "1e3", ".5"]
    expected = [0.75, 0.75, 1234, 1234.5, 1234, 1234.5, -3, 1000, 0.5]
    assert read(*written) == expected


def test_three_digits_after_a_comma_are_thousands_only_of_counts() -> None:
    assert read("1,234", thousands=True) == [1234]
    assert read("0,750", thousands=False) == [0.75]
    assert read("1,234,567.5", thousands=True) == [1234567.5]


def test_three_digits_after_a_point_are_thousands_of_counts() -> None:
    written = ["1.000", "12.345", "1.234.567", "-1.000", "1.234,00", "12 345", "845", "1.5K", "?"]
    expected = [1000, 12345, 1234567, -1000, 1234, 12345, 845, 1500]
    assert read(*written, thousands=True)[:-1] == expected
    assert read("0.125", "1.000", thousands=False) == [0.125, 1.0]
    assert np.isnan(read("1.234.567", thousands=False)[0])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (("3.0", "12.0", "1.000"), [3, 12, 1]),
        (("3.000", "1200.000"), [3, 1200]),
        (("3.000", "0.000"), [3, 0]),
        (("3.000", "1,200.000"), [3, 1200]),
        (("1.500", "0.125"), [1.5, 0.125]),
    ],
)
def test_points_are_decimal_in_a_column_of_counts_that_shows_it(
    written: tuple[str, ...], expected: list[float]
) -> None:
    assert read(*written, thousands=True) == expected
    assert read(*reversed(written), thousands=True) == expected[::-1]


def test_counts_may_be_short() -> None:
    written = ["12,3 tys.", "9.8\u00a0tys", "1.2K", "12k", "3,4 mln", "1.001 M", "12 tysięcy", "K"]
    read_so = read(*written, thousands=True)
    assert read_so[:6] == [12300, 9800, 1200, 12000, 3_400_000, 1_001_000]
    assert np.isnan(read_so[6:]).all()


@pytest.mark.parametrize("cell", ["dużo", "12K", "1,2,3", "0x1A", "1_000", True, [1], "", "--1"])
def test_what_is_no_number(cell: object) -> None:
    assert np.isnan(read(cell)[0])


def test_numbers_that_came_as_numbers() -> None:
    assert read(3, 2.5, Decimal("0.1"), 10**400) == [3, 2.5, 0.1, np.inf]
    assert numbers(pd.Series([1, 2]), thousands=True).tolist() == [1.0, 2.0]


def test_words_for_nothing_are_missing() -> None:
    cells = pd.Series(["", " ", "N/A", "null", "brak", "-", None, np.nan, "0"], dtype=object)
    assert is_missing(cells).tolist() == [True] * 8 + [False]


def test_numbers_as_a_person_would_write_them() -> None:
    cells = pd.Series([2024.0, 0.5, 7, True, None, "x"], dtype=object)
    assert as_texts(cells) == ["2024", "0.5", "7", "true", "", "x"]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("tajne", "text"),
        ("12,5", "a number"),
        ("1.234.567", "a number"),
        (3, "a number"),
        (True, "true or false"),
        (pd.Timestamp("2026-01-01"), "a date"),
        ({"a": 1}, "an object"),
        ([1], "a list"),
        (None, "nothing (an empty cell)"),
        (float("nan"), "nothing (an empty cell)"),
    ],
)
def test_kind_of_a_value(cell: object, kind: str) -> None:
    assert describe(cell) == kind
