"""What is said of bad rows, and the file they go to."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from features.tables.badrows import BadRows, complaint, read_bad_rows
from features.tables.raw import BrokenRow, Fault, RawTable, Source


def fault(row: int) -> Fault:
    return Fault(row, "shares", "a negative number", "a whole number, 0 or more")


def table(*texts: str, broken: tuple[BrokenRow, ...] = ()) -> RawTable:
    rows = np.arange(2, 2 + len(texts))
    return RawTable(Source("p.csv", "csv"), pd.DataFrame({"text": texts}), rows, broken)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_complaint_counts_and_names() -> None:
    assert str(complaint("p.csv", [fault(2)], 1, 9)).splitlines() == [
        "p.csv: 1 of 9 rows cannot be used; mend them or use --skip-bad-rows.",
        "  row 2, column shares: a negative number; expected a whole number, 0 or more",
    ]


def test_nothing_is_written_before_there_is_a_bad_row(tmp_path: Path) -> None:
    BadRows(tmp_path / "bad.csv")
    assert not (tmp_path / "bad.csv").exists()


def test_rows_keep_their_cells_and_line_breaks(tmp_path: Path) -> None:
    bad = BadRows(tmp_path / "bad.csv")
    bad.add(table("good", "Zażółć\nświt"), {1: fault(3)})
    bad.add(table("next"), {0: fault(9)})
    assert [(row["row"], row["text"]) for row in rows(bad.path)] == [
        ("3", "Zażółć\nświt"),
        ("9", "next"),
    ]


def test_a_row_that_does_not_divide_keeps_its_line(tmp_path: Path) -> None:
    bad = BadRows(tmp_path / "bad.csv")
    bad.add(table(broken=(BrokenRow(fault(4), "a\tb\tc"),)), {})
    (row,) = rows(bad.path)
    assert (row["row"], row["line"], row["text"]) == ("4", "a\tb\tc", "")


def test_faults_alike_are_told_once_with_the_first_row() -> None:
    many = [Fault(row, "Post type", "a word", "one of photo, video") for row in range(5, 259)]
    assert str(complaint("p.csv", [fault(2), *many], 255, 300)).splitlines() == [
        "p.csv: 255 of 300 rows cannot be used; mend them or use --skip-bad-rows.",
        "  row 2, column shares: a negative number; expected a whole number, 0 or more",
        "  254 rows, first in row 5, column Post type: a word; expected one of photo, video",
    ]


def test_faults_beyond_the_first_kinds_are_counted() -> None:
    kinds = [Fault(row, f"c{row}", "a word", "a number") for row in range(25)]
    assert str(complaint("p.csv", kinds, 25, 30)).splitlines()[-1] == "  … and 5 more"


def test_bad_rows_are_divided_as_their_source_was(tmp_path: Path) -> None:
    bad = BadRows(tmp_path / "bad.csv")
    source = Source("p.csv", "csv", delimiter=";")
    frame = pd.DataFrame({"text": ["one, two"], "shares": ["-1"]})
    bad.add(RawTable(source, frame, np.arange(2, 3)), {0: fault(2)})
    head, row = bad.path.read_text(encoding="utf-8-sig").splitlines()
    assert head == "row;column;kind;expected;line;text;shares"
    assert row.endswith(";one, two;-1")
    (read,) = read_bad_rows(bad.path)
    assert (read["row"], read["text"], read["shares"]) == ("2", "one, two", "-1")


def test_a_cell_that_a_spreadsheet_would_run_comes_back_as_it_was(tmp_path: Path) -> None:
    bad = BadRows(tmp_path / "bad.csv")
    bad.add(table(broken=(BrokenRow(fault(4), "=1+1 is two"),)), {})
    assert "'=1+1 is two" in bad.path.read_text(encoding="utf-8-sig")
    (row,) = read_bad_rows(bad.path)
    assert row["line"] == "=1+1 is two"


def test_a_header_that_a_spreadsheet_would_run_comes_back_as_it_was(tmp_path: Path) -> None:
    header = '=HYPERLINK("http://example.org","x")'
    frame = pd.DataFrame({"text": ["one"], header: ["two"]})
    bad = BadRows(tmp_path / "bad.csv")
    bad.add(RawTable(Source("p.csv", "csv"), frame, np.arange(2, 3)), {0: fault(2)})
    assert f"'{header}" in rows(bad.path)[0]
    assert read_bad_rows(bad.path)[0][header] == "two"


def test_a_cell_longer_than_any_reader_takes_is_cut(tmp_path: Path) -> None:
    most = csv.field_size_limit()
    bad = BadRows(tmp_path / "bad.csv")
    frame = pd.DataFrame({"text": ["=" * (most + 1)], "n" * (most + 1): ["1"]})
    bad.add(RawTable(Source("p.parquet", "parquet"), frame, np.arange(1, 2)), {0: fault(1)})
    (row,) = read_bad_rows(bad.path)
    assert (row["text"], row["n" * most]) == ("=" * (most - 1), "1")
