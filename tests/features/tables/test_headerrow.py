"""Headers that are not in the first row, or not on the first sheet."""

from pathlib import Path

import openpyxl
import pytest

from features.errors import TableError
from features.tables.formats import SCORING
from features.tables.headerrow import HeaderRule, header_of
from features.tables.validation import ReadOptions, iter_posts, read_posts

LINKEDIN = ReadOptions(platform="linkedin", account_id="kino")
TABLE: list[list[object]] = [
    ["Post title", "Post link", "Created date", "Reposts"],
    ["We open today", "https://example.com/1", "2026-03-31", 5],
]
NOTE: list[object] = ["Engagement metrics for individual posts. Displayed metrics are lifetime"]


def workbook(file: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


def test_the_first_row_is_the_header_unless_it_lacks_what_a_later_one_has() -> None:
    rule = HeaderRule(SCORING)
    assert header_of([["text"], ["text", "platform"]], rule) == 0
    assert header_of([["Drafts of March"], ["text", "platform"]], rule) == 1
    assert header_of([["Drafts of March"], ["post", "b"]], rule) == 0
    assert header_of([["Drafts of March"], ["text", "platform"]], None) == 0


def test_a_description_above_the_header_and_another_sheet_before_it(tmp_path: Path) -> None:
    metrics: list[list[object]] = [
        ["Aggregated metrics"],
        ["Date", "Impressions", "Reposts (organic)"],
        ["x", 1, 2],
    ]
    file = workbook(tmp_path / "linkedin.xlsx", Metrics=metrics, Posts=[NOTE, *TABLE])
    read = read_posts(file, LINKEDIN)
    assert read.report.source.sheet == "Posts"
    assert read.frame["text"].tolist() == ["We open today"]
    assert read.rows.tolist() == [3]


def test_what_is_missing_is_told_of_the_header_and_not_of_the_description(tmp_path: Path) -> None:
    file = workbook(tmp_path / "linkedin.xlsx", Posts=[NOTE, *TABLE])
    with pytest.raises(TableError, match=r"no column account_id for .* it has 'Post title'"):
        read_posts(file, ReadOptions(platform="linkedin"))


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("note", ["{}", "{}{d}{d}{d}", "sep={d}\n{}", '"Posts, of\nMarch"\n{}\n'])
def test_notes_above_the_header_of_a_csv(note: str, delimiter: str, tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    lines = [note.format(NOTE[0], d=delimiter), *(delimiter.join(map(str, row)) for row in TABLE)]
    file.write_text("\n".join(lines))
    read = read_posts(file, LINKEDIN)
    assert read.frame["shares"].tolist() == [5]
    assert read.rows.tolist() == [file.read_text().count("\n") + 1]


def test_a_header_of_several_lines_is_still_the_first_row(tmp_path: Path) -> None:
    file = tmp_path / "drafts.csv"
    file.write_text('"note\ntext,platform",text\na,b\n')
    assert next(iter_posts(file)).frame["text"].tolist() == ["b"]
