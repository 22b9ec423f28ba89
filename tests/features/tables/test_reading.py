"""Tables on disk, whole and damaged, in every format."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from features.errors import TableError
from features.tables.reading import RawOptions, RawTable, iter_raw, read_raw
from features.tables.sheetreader import BLOCK
from features.tables.textfiles import MAX_LINE

TEXTS = ["Zażółć gęślą jaźń", "two\nlines", 'a "quoted" word', "comma, semicolon; pipe|"]


def as_csv(delimiter: str, codec: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        file = path / "posts.csv"
        frame = pd.DataFrame({"text": TEXTS, "n": ["1", "2", "3", "4"]})
        file.write_bytes(frame.to_csv(index=False, sep=delimiter).encode(codec))
        return file

    return write


def as_jsonl(path: Path) -> Path:
    file = path / "posts.jsonl"
    lines = [json.dumps({"text": text, "n": str(i)}) for i, text in enumerate(TEXTS, start=1)]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def as_parquet(path: Path) -> Path:
    file = path / "posts.parquet"
    pq.write_table(pa.table({"text": TEXTS, "n": ["1", "2", "3", "4"]}), file)
    return file


def as_excel(path: Path) -> Path:
    file = path / "posts.xlsx"
    rows: list[list[object]] = [[text, str(i)] for i, text in enumerate(TEXTS, start=1)]
    workbook(file, [["text", "n"], *rows])
    return file


def workbook(file: Path, rows: list[list[object]], *, sheet: str = "Posty") -> None:
    book = openpyxl.Workbook()
    empty = book.active
    assert empty is not None
    empty.title = "Pusty"
    filled = book.create_sheet(sheet)
    for row in rows:
        filled.append(row)
    book.save(file)


EVERY = [
    as_csv(",", "utf-8"),
    as_csv(";", "cp1250"),
    as_csv(";", "utf-8-sig"),
    as_csv("\t", "utf-16"),
    as_csv("|", "utf-8"),
    as_jsonl,
    as_parquet,
    as_excel,
]


@pytest.mark.parametrize("write", EVERY)
def test_every_format_reads_the_same(write: Callable[[Path], Path], tmp_path: Path) -> None:
    table = read_raw(write(tmp_path))
    assert table.frame["text"].tolist() == TEXTS
    assert table.frame["n"].tolist() == ["1", "2", "3", "4"]
    assert table.broken == ()


@pytest.mark.parametrize("write", EVERY)
def test_chunks_are_the_whole(write: Callable[[Path], Path], tmp_path: Path) -> None:
    chunks = list(iter_raw(write(tmp_path), RawOptions(rows=3)))
    assert [len(chunk.frame) for chunk in chunks] == [3, 1]
    whole = read_raw(write(tmp_path))
    assert [row for chunk in chunks for row in chunk.rows] == whole.rows.tolist()


def test_rows_are_numbered_as_a_person_sees_them(tmp_path: Path) -> None:
    assert read_raw(as_csv(",", "utf-8")(tmp_path)).rows.tolist() == [2, 3, 5, 6]
    assert read_raw(as_jsonl(tmp_path)).rows.tolist() == [1, 2, 3, 4]
    assert read_raw(as_parquet(tmp_path)).rows.tolist() == [1, 2, 3, 4]
    assert read_raw(as_excel(tmp_path)).rows.tolist() == [2, 3, 4, 5]


def test_source_tells_how_it_was_read(tmp_path: Path) -> None:
    source = read_raw(as_csv(";", "cp1250")(tmp_path)).source
    assert (source.kind, source.encoding, source.delimiter) == ("csv", "cp1250", ";")
    assert read_raw(as_excel(tmp_path)).source.sheet == "Posty"


def test_a_sheet_with_a_title_above_and_cells_of_every_type(tmp_path: Path) -> None:
    file = tmp_path / "posts.xlsx"
    moment = datetime(2026, 3, 31, 18, 30)
    workbook(file, [[None], [None, "text", "when"], [None], [None, 2024, moment]])
    table = read_raw(file)
    assert table.frame.to_dict("records") == [{"text": 2024.0, "when": moment}]
    assert table.rows.tolist() == [4]


def test_a_sheet_of_several_blocks_keeps_every_row(tmp_path: Path) -> None:
    texts = [f"Szkic numer {number}" for number in range(2 * BLOCK + 1)]
    rows: list[list[object]] = [[text] for text in texts]
    workbook(tmp_path / "posts.xlsx", [["text"], *rows])
    raw = read_raw(tmp_path / "posts.xlsx")
    assert raw.frame["text"].tolist() == texts
    assert raw.rows.tolist() == list(range(2, 2 * BLOCK + 3))


def test_a_sheet_by_name(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no sheet 'Inny'; it has Pusty, Posty"):
        read_raw(as_excel(tmp_path), RawOptions(sheet="Inny"))


def test_an_encoding_that_is_given_is_used(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_bytes("text\nça va\n".encode("cp1252"))
    assert read_raw(file, RawOptions(encoding="cp1252")).frame["text"].tolist() == ["ça va"]
    with pytest.raises(TableError, match="not utf-8 throughout"):
        read_raw(file, RawOptions(encoding="utf-8"))
    with pytest.raises(TableError, match="Expected --encoding such as"):
        read_raw(file, RawOptions(encoding="klingon"))


def test_long_ids_beside_a_missing_one_keep_their_digits(tmp_path: Path) -> None:
    file = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"post_id": [1234567890123456789, None]}), file)
    assert read_raw(file).frame["post_id"].tolist()[0] == 1234567890123456789


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("text;id\n\n;\nCześć;1\n", encoding="utf-8")
    table = read_raw(file)
    assert table.frame["text"].tolist() == ["Cześć"]
    assert table.rows.tolist() == [4]


def test_rows_that_do_not_divide_are_named(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text('text,id\na,b,c\nx\n"q" w,2\nfine,3\n', encoding="utf-8")
    table = read_raw(file)
    assert [str(row.fault) for row in table.broken] == [
        "row 2, column (whole row): 3 cells; expected 2 cells",
        "row 3, column (whole row): 1 cells; expected 2 cells",
        "row 4, column (whole row): text after a closing quote; expected quotes doubled inside",
    ]
    assert table.frame["text"].tolist() == ["fine"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_that_do_not_divide_come_back_as_they_were_written(end: str, tmp_path: Path) -> None:
    rows = [
        '1;"Chleb" na zakwasie, tylko dzisiaj',
        f'2;"Chleb{end}i ""bułki"" już" dzisiaj',
        '3;Chleb; bułki; "pączki"',
        "4",
    ]
    file = tmp_path / "posts.csv"
    file.write_bytes(end.join(["id;treść", *rows, "5;Dobry", ""]).encode())
    table = read_raw(file)
    assert [row.content for row in table.broken] == rows
    assert [row.fault.row for row in table.broken] == [2, 3, 5, 6]
    assert table.frame["treść"].tolist() == ["Dobry"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("{", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ("9" * 10_000, "broken JSON"),
        ("[1]", "JSON that is no object"),
        ("null", "JSON that is no object"),
    ],
)
def test_lines_that_are_no_object_are_named(line: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text('{"text": "a"}\n' + line + "\n", encoding="utf-8")
    (broken,) = read_raw(file).broken
    assert (broken.fault.row, broken.fault.kind) == (2, kind)


# Bad files: one clear line each.


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "an empty file"),
        ("a.csv", b"\xef\xbb\xbf \r\n", "an empty file"),
        ("a.jsonl", b"\n\n", "an empty file"),
        ("a.csv", b"text,id\n", "a header but no rows"),
        ("a.csv", b"text,id\n\n\n", "a header but no rows"),
        ("a.csv", b"text,text\na,b\n", "two columns with the header 'text'"),
        ("a.csv", b'text,id\n"open,1\nb,2\n', "row 2: a quote that is opened and never closed"),
        ("a.csv", b"text,id\n" + b"a" * 200_000 + b",1\n", "more than 131,072 characters"),
        ("a.csv", b"text\nab\x00c\n", "line 2: a NUL byte"),
        ("a.csv", b"\x00\x01\x02\x03" * 200, "a binary file"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a binary file"),
        ("a.csv", b"\x1f\x8b\x08" + b"x" * 50, "a gzip archive"),
        ("a.json", b'[{"text": "a"}]', "a JSON array"),
        ("a.csv", b'[{"text": "a"}]', "a JSON array"),
        ("a.csv", b",".join(b"%d" % i for i in range(1001)) + b"\n", "more than 1,000 columns"),
        ("a.jsonl", b"".join(b'{"%d": 1}\n' % i for i in range(1001)), "more than 1,000 columns"),
        ("a.json", b'{"text": [1, 2', "JSON that is no table"),
        ("a.csv", b'{\n  "text": "a"\n}\n', "JSON that is no table"),
        ("a.csv", b"<html><body>Sign in</body></html>", "a web page or XML, not a table"),
        ("a.xls", b"\n<!DOCTYPE html>\n<html>", "a web page or XML, not a table"),
        ("a.parquet", b"PAR1" + b"\x00" * 40, "truncated or damaged Parquet"),
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * 40, "not an Excel workbook"),
        ("a.xlsx", b"Just a note.", "not an Excel workbook"),
        ("a.xlsm", b"text\nHello there.\n", "not an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "a file of an old Office"),
        ("a.csv", b"%PDF-1.4 a page", "a PDF, not a table. Expected CSV"),
        ("a.xlsx", b"%PDF-1.4\n%\xe2\xe3\n" + bytes(range(256)), "a PDF, not a table"),
    ],
)
def test_bad_file_is_one_clear_line(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(TableError, match=message) as caught:
        read_raw(file)
    assert "\n" not in str(caught.value)


def test_truncated_parquet(tmp_path: Path) -> None:
    file = as_parquet(tmp_path)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(TableError, match="truncated or damaged Parquet"):
        read_raw(file)


def test_parquet_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "posts.parquet"
    column = pa.array([b"ok", b"\xed\xa0\x80"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": column}), file)
    with pytest.raises(TableError, match="damaged Parquet"):
        read_raw(file)


def test_empty_parquet_and_workbook(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), file)
    with pytest.raises(TableError, match="a header but no rows"):
        read_raw(file)
    workbook(tmp_path / "a.xlsx", [])
    with pytest.raises(TableError, match="an empty workbook"):
        read_raw(tmp_path / "a.xlsx")


def test_truncated_workbook(tmp_path: Path) -> None:
    file = as_excel(tmp_path)
    file.write_bytes(file.read_bytes()[:-300])
    with pytest.raises(TableError, match="not an Excel workbook"):
        read_raw(file)
    whole = as_excel(tmp_path).read_bytes()
    file.write_bytes(whole.replace(b"PK\x01\x02", b"PK\x01\x03"))
    with pytest.raises(TableError, match="not an Excel workbook"):
        read_raw(file)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["[Content_Types].xml", "word/document.xml"], "a Word document, not a table. Expected"),
        (["mimetype", "content.xml"], "an OpenDocument file in which no table can be read"),
        (["posts.csv"], "a ZIP archive. Unpack it first"),
        (["[Content_Types].xml"], "not an Excel workbook"),
    ],
)
def test_a_zip_that_is_no_workbook_is_told_for_what_it_is(
    parts: list[str], message: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        for part in parts:
            archive.writestr(part, "<a/>")
    with pytest.raises(TableError, match=message):
        read_raw(file)


def test_a_workbook_that_would_unpack_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.tables.workbooks.MAX_WORKBOOK", 1000)
    with pytest.raises(TableError, match="more than 0 MB unpacked"):
        read_raw(as_excel(tmp_path))


def test_cells_at_both_ends_of_a_sheet_are_one_clear_line(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"], book.worksheets[0]["XFD1048576"] = "text", "Hello."
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(TableError, match="too many cells, or cells too far apart"):
        read_raw(tmp_path / "a.xlsx")


@pytest.mark.parametrize("write", EVERY)
def test_a_table_of_more_rows_than_asked_for_is_refused(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    file = write(tmp_path)
    assert len(read_raw(file, RawOptions(rows=2, most_rows=4)).frame) == 4
    with pytest.raises(TableError, match="more than 3 rows"):
        read_raw(file, RawOptions(rows=2, most_rows=3))


def test_rows_that_do_not_divide_count_as_rows(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("text,id\n" + "a,b,c\n" * 4, encoding="utf-8")
    with pytest.raises(TableError, match="more than 3 rows"):
        read_raw(file, RawOptions(rows=2, most_rows=3))


@pytest.mark.parametrize("write", [as_parquet, as_excel])
def test_a_table_that_unpacks_to_more_than_asked_for_is_refused(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(TableError, match="more than 0 MB unpacked"):
        read_raw(write(tmp_path), RawOptions(most_unpacked=50))


def test_what_else_prints_while_a_workbook_is_read_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('Watched.', flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert read_raw(as_excel(tmp_path)).frame["text"].tolist() == TEXTS


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        read_raw(tmp_path / "none.csv")
    with pytest.raises(TableError, match="cannot be read"):
        read_raw(tmp_path)


class Endless(io.RawIOBase):
    """An opening, then a line without an end for as long as anybody reads."""

    def __init__(self, opening: bytes) -> None:
        self.opening = opening
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.opening[: len(buffer)] or b"a" * len(buffer)
        self.opening = self.opening[len(buffer) :]
        self.taken += len(block)
        buffer[: len(block)] = block
        return len(block)


@pytest.mark.parametrize("opening", [b"text\n", b'{"text": "', b'text,id\n"'])
def test_an_endless_line_is_given_up_early(opening: bytes) -> None:
    stream = Endless(opening)
    with pytest.raises(TableError, match=r"longer than|never closed"):
        list(iter_raw(io.BufferedReader(stream)))
    assert stream.taken < 4 * MAX_LINE


# Streams


def test_standard_input_takes_text_and_not_parquet(tmp_path: Path) -> None:
    (table,) = iter_raw(io.BytesIO(b"text;id\na;1\n"))
    assert table.source.name == "standard input"
    assert table.frame["text"].tolist() == ["a"]
    with pytest.raises(TableError, match="Give Parquet and Excel as a file"):
        list(iter_raw(io.BytesIO(as_parquet(tmp_path).read_bytes())))


def test_jsonl_keys_may_differ_between_lines(tmp_path: Path) -> None:
    stream = io.BytesIO(b'{"text": "a"}\n{"id": 7, "text": "b"}\n')
    (table,) = iter_raw(stream)
    assert table.frame["id"].tolist()[1] == 7


def test_streaming_takes_constant_memory() -> None:
    def peak(lines: int) -> int:
        stream = io.BytesIO(b"text,id\n" + b"Gramy dzis na rynku,1\n" * lines)
        tracemalloc.start()
        for chunk in iter_raw(stream, RawOptions(rows=100)):
            assert isinstance(chunk, RawTable)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(200)
    assert peak(20_000) < 1.5 * peak(5_000)


# Round trips of arbitrary text

anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@quick
@given(texts=st.lists(anything, min_size=1, max_size=5))
@example(texts=["\r", "\n\r\n", '"', "\ufeff", "\u2028", ";,\t|"])
@example(texts=["{", "[", "sep=;"])
@example(texts=["\x08\x08\x08"] * 3)
def test_csv_round_trip(texts: list[str], tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    frame = pd.DataFrame({"id": [str(i) for i in range(len(texts))], "text": texts})
    file.write_bytes(frame.to_csv(index=False, quoting=1, lineterminator="\r\n").encode())
    table = read_raw(file)
    assert table.frame["text"].tolist() == texts
    assert table.broken == ()


@quick
@given(texts=st.lists(anything, min_size=1, max_size=5))
@example(texts=["\u2028", "\x85", "\r"])
def test_jsonl_round_trip(texts: list[str], tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    file.write_bytes("\n".join(lines).encode())
    assert read_raw(file).frame["text"].tolist() == texts


@quick
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.jsonl", "a.xlsx", "a.tsv"]))
def test_any_bytes_are_a_table_or_one_clear_line(data: bytes, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    try:
        read_raw(file)
    except TableError as error:
        assert str(error).startswith(str(file))  # noqa: PT017
