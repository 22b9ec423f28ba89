import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from features.errors import TableError
from serving.app import create_app
from serving.page.candidates import MOST_ROWS, read_candidates
from serving.page.uploads import LONGEST_CELL, safe, uploaded
from serving.settings import MAX_CANDIDATES, MAX_CHARACTERS, Limits
from tests.serving.conftest import NoStore, settings_at
from tests.serving.standins import TinyRegistry

TABLE = """treść;platforma;data publikacji
Pierwszy szkic;fb;2026-12-01 18:00
Drugi szkic;xing;2026-12-01 18:00
Trzeci szkic;facebook;kiedyś
"""


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../Posty (marzec).xlsx", "Posty-marzec.xlsx"),
        ("C:\\plany\\grudzień.csv", "grudzień.csv"),
        ("..", "table"),
        ("bez końcówki", "bez-końcówki"),
    ],
)
def test_a_file_name_does_no_harm(name: str, kept: str) -> None:
    assert safe(name) == kept


@pytest.mark.parametrize("letter", ["a", "ż", "表", "𠀀"])
def test_a_long_name_is_one_that_a_file_can_have(letter: str) -> None:
    kept = safe(f"{letter * 100}.{letter * 100}")
    assert kept.startswith(letter)
    with uploaded(kept, b"x") as path:
        assert path.exists()


def test_the_file_is_gone_when_it_was_read() -> None:
    with uploaded("a.csv", b"x") as path:
        assert path.read_bytes() == b"x"
    assert not path.parent.exists()


def test_an_error_does_not_tell_where_the_file_lay() -> None:
    with pytest.raises(TableError, match=r"^a\.csv: no such thing"), uploaded("a.csv", b"") as path:
        raise TableError(f"{path}: no such thing")


def test_good_rows_are_drafts_and_bad_ones_have_reasons() -> None:
    found = read_candidates("szkice.csv", TABLE.encode(), "Europe/Warsaw")
    assert found["rows"] == [
        {
            "row": 2,
            "id": None,
            "post": {
                "text": "Pierwszy szkic",
                "platform": "facebook",
                "published_at": "2026-12-01T17:00:00+00:00",
            },
        }
    ]
    assert [(one["row"], one["field"], one["begins"]) for one in found["problems"]] == [
        (3, "platform", "Drugi szkic"),
        (4, "published_at", "Trzeci szkic"),
    ]
    assert found["columns"]["found"]["text"] == "treść"
    assert (found["left_out"], found["naive_times"]) == (0, 2)


def test_a_time_of_day_in_its_own_column_is_told_and_so_is_midnight() -> None:
    found = read_candidates("szkice.csv", b"tekst;data;godzina\nA;1.12.2026;18:30\nB;2.12.2026;\n")
    times = [row["post"]["published_at"] for row in found["rows"]]
    assert times == ["2026-12-01T18:30:00+00:00", "2026-12-02T00:00:00+00:00"]
    assert (found["columns"]["clock"], found["midnights"]) == ("godzina", 1)


@pytest.mark.parametrize("name", ["refused.csv", "refused.bad-rows.csv"])
def test_a_table_may_be_called_what_its_bad_rows_are_called(name: str) -> None:
    found = read_candidates(name, "treść\nPierwszy szkic\n".encode())
    assert ([row["row"] for row in found["rows"]], found["problems"]) == ([2], [])


def test_cells_that_could_not_be_read_are_counted() -> None:
    found = read_candidates("szkice.csv", b"tekst,typ\nPierwszy,hologram\nDrugi,film\n")
    assert found["columns"]["unread"] == {"typ": 1}
    assert [row["post"].get("media_type") for row in found["rows"]] == [None, "video"]


def test_more_drafts_than_fit_are_left_out_and_counted() -> None:
    lines = "\n".join(f"Szkic numer {number}" for number in range(MAX_CANDIDATES + 3))
    found = read_candidates("szkice.csv", f"tekst\n{lines}\n".encode())
    assert (len(found["rows"]), found["left_out"]) == (MAX_CANDIDATES, 3)


def test_drafts_that_are_cut_are_counted() -> None:
    texts = ["a" * MAX_CHARACTERS, "b" * (MAX_CHARACTERS + 1), "Krótki szkic"]
    found = read_candidates("szkice.csv", "\n".join(["tekst", *texts]).encode())
    lengths = [len(row["post"]["text"]) for row in found["rows"]]
    assert (lengths, found["cut"]) == ([MAX_CHARACTERS, MAX_CHARACTERS, 12], 1)


def rows(count: int) -> bytes:
    return b"text\n" + b"Hello.\n" * count


def test_a_table_of_more_rows_than_anybody_ranks_is_refused() -> None:
    assert read_candidates("a.csv", rows(MOST_ROWS))["left_out"] == MOST_ROWS - MAX_CANDIDATES
    with pytest.raises(TableError, match=r"^a\.csv: more than 5,000 rows\."):
        read_candidates("a.csv", rows(MOST_ROWS + 1))


def test_a_few_kilobytes_of_parquet_are_not_a_million_drafts() -> None:
    file = io.BytesIO()
    texts = pa.array(["Hello there."] * 1_000_000).dictionary_encode()
    pq.write_table(pa.table({"text": texts}), file)
    with pytest.raises(TableError, match=r"^a\.parquet: more than 5,000 rows\."):
        read_candidates("a.parquet", file.getvalue())


@pytest.mark.parametrize(
    "written", [{}, {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}]
)
def test_a_few_kilobytes_of_parquet_are_not_gigabytes_of_text(written: dict[str, Any]) -> None:
    """A text that comes again costs the file next to nothing."""
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["a" * 400_000] * 200}), file, **written)
    assert len(file.getvalue()) < 30_000
    with pytest.raises(TableError, match=r"^a\.parquet: more than \d\d MB unpacked\."):
        read_candidates("a.parquet", file.getvalue())


@contextmanager
def counted() -> Iterator[pa.MemoryPool]:
    """Yield what tells how much memory Arrow takes meanwhile."""
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)
    try:
        yield pool
    finally:
        pa.set_memory_pool(usual)


@pytest.mark.parametrize("beside", ["colour", "tags.list", "tags.list.element"])
def test_a_few_kilobytes_of_parquet_are_not_gigabytes_of_tags(beside: str) -> None:
    """Nor through a column whose name is part of where the tags lie."""
    file = io.BytesIO()
    tags = pa.array([["a" * 40_000] * 20] * 50)
    pq.write_table(pa.table([["Hello."] * 50, tags, ["red"] * 50], ["text", "tags", beside]), file)
    with counted() as pool:
        found = read_candidates("a.parquet", file.getvalue())
    assert len(found["rows"]) == 50
    assert found["columns"]["unknown"] == ["tags", beside]
    assert pool.max_memory() < 1_000_000


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_parquet_is_read_however_its_texts_are_written(encoding: str) -> None:
    file = io.BytesIO()
    texts = [f"Szkic numer {number}" for number in range(100)]
    pq.write_table(
        pa.table({"text": texts, "platform": ["x"] * 100}),
        file,
        use_dictionary=["platform"],
        column_encoding={"text": encoding},
    )
    found = read_candidates("a.parquet", file.getvalue())
    assert [row["post"]["text"] for row in found["rows"]] == texts[:MAX_CANDIDATES]


def test_a_long_cell_of_a_refused_row_is_shown_by_its_beginning() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["a" * 150_000], "platform": ["xing"]}), file)
    (problem,) = read_candidates("a.parquet", file.getvalue())["problems"]
    assert (problem["field"], problem["begins"]) == ("platform", "a" * LONGEST_CELL)


def test_a_workbook_is_not_far_larger_than_what_was_sent() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 2_000_000)
    with pytest.raises(TableError, match=r"^a\.xlsx: more than 10 MB unpacked\."):
        read_candidates("a.xlsx", file.getvalue())


def test_a_workbook_takes_no_more_memory_than_its_size_allows() -> None:
    """Its 27 million cells between the two take 900 MB."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0]["A1"], book.worksheets[0]["Z1048576"] = "text", "Hello."
    book.save(file)
    with pytest.raises(TableError, match=r"^a\.xlsx: too many cells, or cells too far apart\."):
        read_candidates("a.xlsx", file.getvalue())


def test_what_is_no_table_of_posts_is_a_problem_without_its_content(client: TestClient) -> None:
    answer = client.post("/v1/page/candidates?name=a.csv", content=b"colour,secret\nred,3\n")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("a.csv: ")
    assert "red" not in answer.text


@pytest.mark.parametrize("address", ["/v1/page/candidates", "/v1/page/import"])
def test_a_time_zone_that_there_is_not_is_a_wrong_field(client: TestClient, address: str) -> None:
    answer = client.post(f"{address}?name=a.csv&zone=Mars/Olympus", content=b"text\nHello.\n")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "zone: Expected an IANA name such as Europe/Warsaw."


@pytest.mark.parametrize("address", ["/v1/page/candidates", "/v1/page/import"])
def test_a_table_behind_too_many_others_is_refused(tmp_path: Path, address: str) -> None:
    full = replace(settings_at(tmp_path), limits=Limits(queued_tables=0, queued_imports=0))
    with TestClient(create_app(full, TinyRegistry, NoStore)) as client:
        answer = client.post(f"{address}?name=a.csv", content=b"text\nHello.\n")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.json()["type"] == "urn:prescore:problem:queue-full"


def test_drafts_of_a_table_can_be_ranked_as_they_are(client: TestClient) -> None:
    content = Path("examples/candidates.csv").read_bytes()
    read = client.post("/v1/page/candidates?name=candidates.csv", content=content).json()
    posts = [row["post"] for row in read["rows"]]
    answer = client.post("/v1/rank", json={"posts": posts})
    assert len(answer.json()["candidates"]) == len(posts) == 4
