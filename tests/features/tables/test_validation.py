"""Validated tables: what is delivered, and how every bad cell is named."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import ConfigError, TableError
from features.schema import POST_INPUTS, TARGETS, Post
from features.tables.badrows import read_bad_rows
from features.tables.formats import POSTS
from features.tables.validation import (
    Read,
    ReadOptions,
    iter_posts,
    latest,
    posts_of,
    read_comparisons,
    read_emotion,
    read_posts,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AT = ReadOptions(now=NOW)
SKIP = ReadOptions(now=NOW, skip_bad_rows=True)
POST: dict[str, Any] = {
    "post_id": "1",
    "account_id": "teatr",
    "platform": "facebook",
    "text": "Premiera w piątek!",
    "language": "pl",
    "published_at": "2026-03-31T16:30:00Z",
    "media_type": "photo",
    "followers": 1200,
    "shares": 12,
    "likes": 40,
    "comments": 3,
    "collected_at": "2026-04-07T00:00:00Z",
}


def write(path: Path, *rows: dict[str, Any], name: str = "posts.jsonl") -> Path:
    file = path / name
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def post(**changes: Any) -> dict[str, Any]:
    return {**POST, **changes}


def complaint(path: Path, *rows: dict[str, Any], skip: bool = False) -> list[str]:
    with pytest.raises(TableError) as caught:
        read_posts(write(path, *rows), replace(AT, skip_bad_rows=skip))
    return str(caught.value).splitlines()


# Posts


def test_posts_come_with_every_column_and_its_type(tmp_path: Path) -> None:
    frame = read_posts(write(tmp_path, POST), AT).frame
    assert list(frame.columns) == [field.name for field in POSTS.fields]
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "post_id": "str",
        "account_id": "str",
        "platform": "str",
        "text": "str",
        "language": "str",
        "published_at": "datetime64[us, UTC]",
        "timezone": "str",
        "media_type": "str",
        "followers": "float64",
        "is_paid": "boolean",
        "shares": "float64",
        "likes": "float64",
        "comments": "float64",
        "collected_at": "datetime64[us, UTC]",
    }
    assert frame["published_at"][0] == pd.Timestamp("2026-03-31T16:30:00Z")
    assert frame["timezone"].isna().all()


def test_a_polish_spreadsheet_reads_like_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "eksport.csv"
    lines = [
        "ID wpisu;Konto;Platforma;Treść;Data publikacji;Typ;Udostępnienia;Polubienia",
        '7;Teatr;Facebook;"Gramy w piątek,\r\nzapraszamy";31.03.2026 18:30;zdjęcie;1 234;',
    ]
    file.write_bytes("\r\n".join(lines).encode("cp1250"))
    read = read_posts(file, ReadOptions(now=NOW, naive_zone="Europe/Warsaw"))
    (row,) = read.frame.to_dict("records")
    assert row["text"] == "Gramy w piątek,\r\nzapraszamy"
    assert row["published_at"] == pd.Timestamp("2026-03-31T16:30:00Z")
    assert (row["shares"], row["media_type"], row["platform"]) == (1234.0, "photo", "facebook")
    assert np.isnan(row["likes"])
    assert read.report.headers.renamed["shares"] == "Udostępnienia"
    assert read.report.naive_times == 1


def test_a_polish_spreadsheet_parts_thousands_by_points_or_spaces(tmp_path: Path) -> None:
    file = tmp_path / "eksport.csv"
    head = "ID wpisu;Data publikacji;Treść;Udostępnienia;Polubienia;Obserwujący;Komentarze"
    rows = [
        "1;31.03.2026;Gramy w piątek;1.000;12 345;25.000;3,0",
        "2;30.03.2026;Gramy w sobotę;845;12.345;1.234.567;12,3 tys.",
    ]
    file.write_text("\n".join([head, *rows]), "utf-8")
    read = read_posts(file, ReadOptions(now=NOW, platform="facebook", account_id="teatr"))
    assert read.frame["shares"].tolist() == [1000, 845]
    assert read.frame["likes"].tolist() == [12345, 12345]
    assert read.frame["followers"].tolist() == [25000, 1234567]
    assert read.frame["comments"].tolist() == [3, 12300]
    assert read.report.unread == {}


def test_whole_floats_are_the_counts_they_are(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    counted = pd.DataFrame([post(shares=3.0), post(post_id="2", shares=1200.0)])
    counted.to_csv(file, index=False)
    assert read_posts(file, AT).frame["shares"].tolist() == [3, 1200]


def test_fractions_of_three_digits_are_no_counts(tmp_path: Path) -> None:
    rows = [post(shares="1.500"), post(post_id="2", shares="0.125")]
    told = complaint(tmp_path, *rows)
    assert "2 of 2 rows cannot be used" in told[0]
    assert "column shares: a number with a fraction" in told[1]


def test_a_title_stands_in_for_a_blank_description(tmp_path: Path) -> None:
    file = tmp_path / "meta.csv"
    rows = "1,A film,The premiere,2026-03-31,2\n2,A photo, ,2026-03-31,3\n"
    file.write_text("Post ID,Title,Description,Publish time,Shares\n" + rows)
    read = read_posts(file, ReadOptions(now=NOW, platform="facebook", account_id="kino"))
    assert read.frame["text"].tolist() == ["The premiere", "A photo"]
    assert read.report.headers.fillers == {"text": ("Title",)}


def test_words_become_the_vocabulary(tmp_path: Path) -> None:
    row = post(platform="Twitter", media_type="Reel", language="PL-pl", timezone="europe/warsaw")
    (found,) = read_posts(write(tmp_path, row), AT).frame.to_dict("records")
    assert found["platform"] == "x"
    assert found["media_type"] == "video"
    assert found["language"] == "pl"
    assert found["timezone"] == "Europe/Warsaw"


def test_times_without_a_zone_are_in_that_of_their_row(tmp_path: Path) -> None:
    clock = {"published_at": "2026-03-31T18:30:00", "collected_at": "2026-03-31T19:30:00"}
    rows = post(timezone="Europe/Warsaw", **clock), post(post_id="2", **clock)
    read = read_posts(write(tmp_path, *rows), replace(AT, naive_zone="America/New_York"))
    assert read.frame["published_at"].tolist() == [
        pd.Timestamp("2026-03-31T16:30:00Z"),
        pd.Timestamp("2026-03-31T22:30:00Z"),
    ]
    assert read.frame["collected_at"][0] == pd.Timestamp("2026-03-31T17:30:00Z")
    assert read.report.naive_times == 2


def test_an_undetermined_language_is_a_missing_one(tmp_path: Path) -> None:
    frame = read_posts(write(tmp_path, post(language="und")), AT).frame
    assert frame["language"].isna().all()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shares": -3}, "column shares: a negative number; expected a whole number, 0 or more"),
        ({"shares": 1.5}, "column shares: a number with a fraction"),
        ({"shares": "dużo"}, "column shares: text"),
        ({"shares": True}, "column shares: true or false"),
        ({"shares": float("inf")}, "column shares: a number"),
        ({"shares": 1e300}, "column shares: a number beyond all reason"),
        ({"text": 5}, "column text: a number; expected a text"),
        ({"text": ["a"]}, "column text: a list; expected a text"),
        ({"text": "a\ud83d"}, "column text: text with half a character"),
        ({"text": "a\x00b"}, "column text: text with a NUL character"),
        ({"text": "a" * 100_001}, "column text: more than 100,000 characters"),
        ({"post_id": ""}, "column post_id: nothing"),
        (
            {"post_id": "1,23457E+17"},
            "column post_id: a long number that a spreadsheet has rounded",
        ),
        ({"post_id": 1.5}, "column post_id: a number; expected an id"),
        ({"post_id": "a\udc00"}, "column post_id: text with half a character"),
        ({"account_id": {"id": 1}}, "column account_id: an object"),
        ({"platform": "xing"}, "column platform: text; expected one of facebook, instagram"),
        (
            {"published_at": "1904-01-01"},
            "column published_at: a date before 2000; expected a date",
        ),
        ({"published_at": "2031-01-01"}, "column published_at: a date in the future"),
        (
            {"published_at": "31.02.2026"},
            "column published_at: '31.02.2026'; expected a date and time such as",
        ),
        ({"published_at": "soon"}, "column published_at: text; expected a date"),
        ({"published_at": 1774974600}, "column published_at: a number; expected a date"),
        ({"published_at": "2026-05-01"}, "column published_at: a date after collected_at"),
    ],
)
def test_bad_cell_is_named(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    first, second = complaint(tmp_path, POST, post(post_id="2") | changes)
    assert first.endswith(
        "posts.jsonl: 1 of 2 rows cannot be used; mend them or use --skip-bad-rows."
    )
    assert second.startswith(f"  row 2, {told}")


def test_posts_without_a_text_are_counted(tmp_path: Path) -> None:
    rows = [post(), post(post_id="2", text=""), post(post_id="3", text=" \n")]
    read = read_posts(write(tmp_path, *rows), AT)
    assert (read.report.kept, read.report.blank_texts) == (3, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"likes": "-1"},
        {"comments": "a few"},
        {"followers": "many"},
        {"media_type": "hologram"},
        {"language": "klingon!"},
        {"timezone": "Mars/Base"},
        {"is_paid": "maybe"},
        {"collected_at": "2027-01-01"},
    ],
)
def test_what_cannot_be_read_and_need_not_be_there_is_missing_and_counted(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    read = read_posts(write(tmp_path, POST, post(post_id="2") | changes), AT)
    (name,) = changes
    assert read.report.unread == {name: 1}
    assert read.report.refused == 0
    assert pd.isna(read.frame[name][1])


def test_a_fault_never_shows_the_value(tmp_path: Path) -> None:
    secret = "tajemnica"
    rows = [
        post(**{name: secret}) for name in POST if name not in {"text", "post_id", "account_id"}
    ]
    assert secret not in "\n".join(complaint(tmp_path, *rows))


def test_a_post_without_shares_has_no_result_and_is_left_out(tmp_path: Path) -> None:
    rows = [POST, post(post_id="2", shares=None), post(post_id="", shares="", platform="?")]
    read = read_posts(write(tmp_path, *rows), AT)
    assert read.frame["post_id"].tolist() == ["1"]
    assert (read.report.without_shares, read.report.refused) == (2, 0)
    with pytest.raises(TableError, match="no post with a number of shares"):
        read_posts(write(tmp_path, rows[1]), AT)


@pytest.mark.parametrize("skip", [False, True])
def test_faults_alike_are_one_line(tmp_path: Path, skip: bool) -> None:
    lines = complaint(tmp_path, *[post(shares=-1)] * 33, skip=skip)
    assert "33 of 33 rows" in lines[0]
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "  33 rows, first in row 1, column shares"
    ]


def test_a_fault_names_the_header_as_it_is_written(tmp_path: Path) -> None:
    row = post(Udostępnienia=-1)
    del row["shares"]
    assert "row 1, column Udostępnienia: a negative number" in complaint(tmp_path, row)[1]


def test_missing_column(tmp_path: Path) -> None:
    row = post()
    del row["shares"]
    with pytest.raises(TableError, match="no column shares for posts with results"):
        read_posts(write(tmp_path, row), AT)


def test_a_spreadsheet_that_rounded_its_ids_is_told(tmp_path: Path) -> None:
    file = tmp_path / "posts.xlsx"
    row = post(post_id=123456789012345680, published_at=datetime(2026, 3, 31, 16, 30))
    pd.DataFrame([row]).to_excel(file, index=False)
    with pytest.raises(TableError, match="row 2, column post_id: a long number that a spreadsheet"):
        read_posts(file, AT)


def test_excel_numbers_and_dates(tmp_path: Path) -> None:
    file = tmp_path / "posts.xlsx"
    rows = [
        post(post_id=77, text=2026, published_at=datetime(2026, 3, 31, 16, 30)),
        post(post_id=78, text="a", published_at=46_112.6875),
    ]
    pd.DataFrame(rows).to_excel(file, index=False)
    frame = read_posts(file, AT).frame
    assert frame["post_id"].tolist() == ["77", "78"]
    assert frame["text"].tolist() == ["2026", "a"]
    assert frame["published_at"].tolist() == [pd.Timestamp("2026-03-31T16:30:00Z")] * 2


def test_typed_parquet(tmp_path: Path) -> None:
    file = tmp_path / "posts.parquet"
    frame = pd.DataFrame([post(post_id=i) for i in range(3)])
    frame["published_at"] = pd.to_datetime(frame["published_at"])
    frame["platform"] = frame["platform"].astype("category")
    frame["shares"] = frame["shares"].astype("float32")
    frame.to_parquet(file)
    read = read_posts(file, AT).frame
    assert read["post_id"].tolist() == ["0", "1", "2"]
    assert read["shares"].tolist() == [12.0] * 3


@pytest.mark.parametrize("skip", [False, True])
def test_a_column_that_mixes_orders_is_not_read(skip: bool, tmp_path: Path) -> None:
    days = ["13/02/2026", "02/13/2026", "02/03/2026"]
    rows = [post(post_id=str(n), published_at=day) for n, day in enumerate(days)]
    file = write(tmp_path, *rows)
    with pytest.raises(TableError, match="column published_at: the column mixes DD/MM and MM/DD"):
        read_posts(file, ReadOptions(now=NOW, skip_bad_rows=skip))
    told = read_posts(file, ReadOptions(now=NOW, skip_bad_rows=True, day_first=True))
    assert told.frame["published_at"].dt.month.tolist() == [2, 3]
    assert told.report.refused == 1


def test_dates_that_could_be_read_both_ways(tmp_path: Path) -> None:
    file = write(tmp_path, post(published_at="03/04/2026"))
    with pytest.raises(TableError, match="published_at: day and month cannot be told apart"):
        read_posts(file, AT)
    frame = read_posts(file, ReadOptions(now=NOW, day_first=True)).frame
    assert frame["published_at"][0] == pd.Timestamp("2026-04-03", tz=UTC)


def test_given_values_stand_for_a_missing_column_and_empty_cells(tmp_path: Path) -> None:
    row = post(account_id="")
    del row["platform"]
    options = ReadOptions(now=NOW, platform="Twitter", account_id="kino")
    frame = read_posts(write(tmp_path, row), options).frame
    assert frame[["platform", "account_id"]].to_numpy().tolist() == [["x", "kino"]]
    with pytest.raises(TableError, match=r"column platform \(given\): text; expected one of"):
        read_posts(write(tmp_path, row), replace(options, platform="xing"))


def test_a_zone_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Got naive_zone='Mars/Base'; expected an IANA zone"):
        ReadOptions(naive_zone="Mars/Base")


def test_a_zone_is_understood_in_small_letters() -> None:
    assert ReadOptions(naive_zone="europe/warsaw").naive_zone == "Europe/Warsaw"


# Duplicates


def test_the_latest_count_of_a_post_stays(tmp_path: Path) -> None:
    rows = [
        post(shares=50, collected_at="2026-04-20T00:00:00Z"),
        post(shares=12, collected_at="2026-04-07T00:00:00Z"),
        post(shares=7, collected_at=None),
        post(platform="x", shares=1),
    ]
    read = read_posts(write(tmp_path, *rows), AT)
    assert read.frame["shares"].tolist() == [50, 1]
    assert read.rows.tolist() == [1, 4]
    assert (read.report.rows, read.report.kept, read.report.duplicates) == (4, 2, 2)


def test_of_equal_times_the_last_row_stays() -> None:
    frame = pd.DataFrame(
        {"platform": "x", "post_id": ["1", "2", "1"], "collected_at": [pd.NaT] * 3}
    )
    assert latest(frame).index.tolist() == [1, 2]


# Bad rows set aside


def test_bad_rows_go_to_a_file_with_reasons(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    out = tmp_path / "out" / "bad.csv"
    out.parent.mkdir()
    pd.DataFrame([post(), post(post_id="2", shares=-1)]).to_csv(file, index=False)
    with file.open("a", encoding="utf-8") as more:
        more.write("too,few\n")
    read = read_posts(file, ReadOptions(now=NOW, skip_bad_rows=True, bad_rows_out=out))
    assert read.frame["post_id"].tolist() == ["1"]
    assert (read.report.rows, read.report.refused, read.report.refused_to) == (3, 2, out)
    with out.open(encoding="utf-8-sig", newline="") as told:
        rows = list(csv.DictReader(told))
    assert [(row["row"], row["column"], row["kind"]) for row in rows] == [
        ("3", "shares", "a negative number"),
        ("4", "(whole row)", "2 cells"),
    ]
    assert (rows[0]["text"], rows[0]["shares"]) == ("Premiera w piątek!", "-1")
    assert rows[1]["line"] == "too,few"


def test_bad_rows_lie_beside_the_file_unless_told(tmp_path: Path) -> None:
    read = read_posts(write(tmp_path, POST, post(post_id="2", text="\ud800")), SKIP)
    assert read.report.refused_to == tmp_path / "posts.bad-rows.csv"
    assert "\\ud800" in (tmp_path / "posts.bad-rows.csv").read_text(encoding="utf-8")


def test_nothing_but_bad_rows_is_an_error_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="1 of 1 row cannot be used"):
        read_posts(write(tmp_path, post(shares=-1)), SKIP)


def test_bad_rows_that_cannot_be_written(tmp_path: Path) -> None:
    options = ReadOptions(now=NOW, skip_bad_rows=True, bad_rows_out=tmp_path / "no" / "bad.csv")
    with pytest.raises(TableError, match="cannot write the bad rows"):
        read_posts(write(tmp_path, POST, post(shares=-1)), options)


# Emotion and comparisons


def test_emotion_labels_may_be_missing_and_in_polish(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("tekst;złość;radość;valence\nCieszę się;;0,75;0,5\nNo nie;1;;-1\n", "utf-8")
    frame = read_emotion(file, AT).frame
    assert list(frame.columns) == ["text_id", "text", "language", "split", *TARGETS]
    assert frame["joy"].tolist()[0] == 0.75
    assert frame["valence"].tolist() == [0.5, -1.0]
    assert frame["anger"].isna().tolist() == [True, False]
    assert frame["fear"].isna().all()


def test_intensities_of_three_digits_are_fractions(tmp_path: Path) -> None:
    file = write(tmp_path, {"text": "a", "joy": "0.125"}, {"text": "b", "joy": "1.000"})
    assert read_emotion(file, AT).frame["joy"].tolist() == [0.125, 1.0]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ({"joy": 1.3}, "row 2, column joy: a number above 1; expected a number from 0 to 1"),
        ({"joy": -0.1}, "row 2, column joy: a negative number"),
        ({"valence": -1.5}, "row 2, column valence: a number below -1; expected a number from -1"),
        ({"arousal": "high"}, "row 2, column arousal: text"),
        ({"joy": False}, "row 2, column joy: true or false"),
    ],
)
def test_impossible_labels(label: dict[str, Any], told: str, tmp_path: Path) -> None:
    file = write(tmp_path, {"text": "a", "joy": 1}, {"text": "b", **label})
    with pytest.raises(TableError, match=told):
        read_emotion(file, AT)


def test_emotion_table_without_labels(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no labels\. Expected values in any of anger, disgust"):
        read_emotion(write(tmp_path, {"text": "a", "language": "pl"}), AT)


def test_comparisons(tmp_path: Path) -> None:
    row = {"text_a": "a", "text_b": "b", "winner": "B", "group_id": 7, "ctr_a": 0.1}
    read = read_comparisons(write(tmp_path, {**row, "p_value": 0.04}), AT)
    (found,) = read.frame.to_dict("records")
    assert (found["winner"], found["group_id"], found["p_value"]) == ("b", "7", 0.04)
    assert found["ctr_a"] == 0.1
    with pytest.raises(TableError, match="column winner: text; expected one of a, b"):
        read_comparisons(write(tmp_path, {**row, "winner": "c"}), AT)


# Scoring


def test_scoring_needs_text_alone_and_ignores_results(tmp_path: Path) -> None:
    file = write(tmp_path, {"text": "Cześć", "Likes": "lots", "id": 9})
    (chunk,) = iter_posts(file, AT)
    assert list(chunk.frame.columns) == ["post_id", "account_id", "platform", "text", *CONTEXT]
    assert chunk.frame["post_id"].tolist() == ["9"]
    assert chunk.report.headers.ignored == ("Likes",)


CONTEXT = ("language", "published_at", "timezone", "media_type", "followers", "is_paid")


def test_a_draft_may_lie_in_the_future_and_be_blank(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "", "published_at": "2030-01-01T10:00+01:00"},
        {"text": None},
    ]
    (chunk,) = iter_posts(write(tmp_path, *rows), AT)
    assert chunk.frame["text"].tolist() == ["", ""]
    assert chunk.frame["published_at"][0] == pd.Timestamp("2030-01-01T09:00Z")


@pytest.mark.parametrize(("year", "kept"), [(1999, 0), (2000, 1), (2099, 1), (2100, 0)])
def test_a_draft_is_of_the_years_that_posts_may_be_of(tmp_path: Path, year: int, kept: int) -> None:
    file = write(tmp_path, {"text": "a", "published_at": f"{year}-06-01"})
    (chunk,) = iter_posts(file, SKIP)
    assert len(chunk.frame) == kept


def test_scoring_streams_in_chunks() -> None:
    lines = "".join(f'{{"text": "post {i}"}}\n' for i in range(25))
    chunks = list(iter_posts(io.BytesIO(lines.encode()), AT, rows=10))
    assert [len(chunk.frame) for chunk in chunks] == [10, 10, 5]
    assert chunks[2].rows.tolist() == [21, 22, 23, 24, 25]


def drafts_of(*days: str) -> list[dict[str, Any]]:
    return [{"text": "a", "published_at": day} for day in days]


def months(chunks: Iterable[Read]) -> list[int]:
    return [month for chunk in chunks for month in chunk.frame["published_at"].dt.month]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("13/04/2026", "03/04/2026"), [4, 4]),
        (("03/04/2026", "13/04/2026"), [4, 4]),
        (("2026-03-31", "03/04/2026", "03/14/2026", "05/06/2026"), [3, 3, 3, 5]),
    ],
)
def test_scoring_reads_all_dates_of_a_file_in_one_order(
    tmp_path: Path, days: tuple[str, ...], expected: list[int]
) -> None:
    file = write(tmp_path, *drafts_of(*days))
    assert months(iter_posts(file, AT, rows=1)) == expected


def test_a_file_whose_order_nothing_tells_is_refused_before_the_first_chunk(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, *drafts_of("2026-03-31", "03/04/2026"))
    with pytest.raises(TableError, match="published_at: day and month cannot be told apart"):
        next(iter_posts(file, AT, rows=1))
    assert months(iter_posts(file, replace(AT, day_first=False), rows=1)) == [3, 3]


def test_chunks_that_tell_different_orders_are_refused(tmp_path: Path) -> None:
    rows = drafts_of("13/04/2026", "04/13/2026")
    with pytest.raises(TableError, match="published_at: the column mixes DD/MM and MM/DD"):
        next(iter_posts(write(tmp_path, *rows), SKIP, rows=1))
    stream = io.BytesIO("".join(map("{}\n".format, map(json.dumps, rows))).encode())
    chunks = iter_posts(stream, SKIP, rows=1)
    assert months([next(chunks)]) == [4]
    with pytest.raises(TableError, match="mixes DD/MM and MM/DD"):
        next(chunks)


def test_a_stream_keeps_the_order_that_a_chunk_told() -> None:
    lines = "".join(map("{}\n".format, map(json.dumps, drafts_of("13/04/2026", "03/04/2026"))))
    assert months(iter_posts(io.BytesIO(lines.encode()), AT, rows=1)) == [4, 4]


def test_a_stream_is_refused_where_no_chunk_has_told_the_order() -> None:
    lines = "".join(map("{}\n".format, map(json.dumps, drafts_of("2026-03-31", "03/04/2026"))))
    chunks = iter_posts(io.BytesIO(lines.encode()), AT, rows=1)
    assert len(next(chunks).frame) == 1
    with pytest.raises(TableError, match="cannot be told apart"):
        next(chunks)


def test_a_chunk_of_broken_lines_alone_is_set_aside(tmp_path: Path) -> None:
    file = write(tmp_path, *drafts_of("13/04/2026", "03/04/2026"))
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"text": "cut of')
    for source in (file, io.BytesIO(file.read_bytes())):
        options = replace(SKIP, bad_rows_out=tmp_path / "bad.csv")
        chunks = list(iter_posts(source, options, rows=2))
        assert [(chunk.report.kept, chunk.report.refused) for chunk in chunks] == [(2, 0), (0, 1)]
        assert list(chunks[1].frame.columns) == list(chunks[0].frame.columns)
    (bad,) = read_bad_rows(tmp_path / "bad.csv")
    assert (bad["row"], bad["line"]) == ("3", '{"text": "cut of')
    with pytest.raises(TableError, match=r"1 of 1 row cannot be used; .*\n.*row 3, .*broken JSON"):
        list(iter_posts(file, AT, rows=2))


def test_a_chunk_of_empty_objects_has_posts_without_a_text(tmp_path: Path) -> None:
    chunks = list(iter_posts(write(tmp_path, {"text": "a"}, {}), AT, rows=1))
    assert [chunk.frame["text"].tolist() for chunk in chunks] == [["a"], [""]]


def test_scoring_sets_bad_rows_of_all_chunks_aside(tmp_path: Path) -> None:
    out = tmp_path / "bad.csv"
    out.write_text("from an earlier run")
    rows = [{"text": "a", "platform": "xing" if i % 2 else "x"} for i in range(6)]
    options = ReadOptions(now=NOW, skip_bad_rows=True, bad_rows_out=out)
    chunks: list[Read] = list(iter_posts(write(tmp_path, *rows), options, rows=2))
    assert [len(chunk.frame) for chunk in chunks] == [1, 1, 1]
    told = pd.read_csv(out)
    assert told["row"].tolist() == [2, 4, 6]


def test_posts_of_gives_inputs_and_never_results(tmp_path: Path) -> None:
    frame = read_posts(write(tmp_path, post(is_paid=True, followers=None)), AT).frame
    assert posts_of(frame) == [
        Post(
            text="Premiera w piątek!",
            platform="facebook",
            account_id="teatr",
            published_at=datetime(2026, 3, 31, 16, 30, tzinfo=UTC),
            media_type="photo",
            language="pl",
            is_paid=True,
        )
    ]
    assert set(Post.__dataclass_fields__) == set(POST_INPUTS)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200),
    suffix=st.sampled_from(["csv", "jsonl"]),
)
def test_text_survives_reading_untouched(text: str, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"posts.{suffix}"
    frame = pd.DataFrame({"post_id": ["1"], "text": [text]})
    if suffix == "csv":
        file.write_bytes(frame.to_csv(index=False, quoting=csv.QUOTE_ALL).encode())
    else:
        file.write_bytes(frame.to_json(orient="records", lines=True).encode())
    (chunk,) = iter_posts(file, AT)
    assert chunk.frame["text"].tolist() == [text]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("posts.csv", ["-20% na bilety", "'=SUM(1)"]),
        ("posts.xlsx", ["-20% na bilety", "'=SUM(1)"]),
        ("posts.jsonl", ["'-20% na bilety", "''=SUM(1)"]),
        ("posts.parquet", ["'-20% na bilety", "''=SUM(1)"]),
    ],
)
def test_an_apostrophe_before_a_formula_is_a_spreadsheets_and_else_the_texts_own(
    tmp_path: Path, name: str, read: list[str]
) -> None:
    file = tmp_path / name
    frame = pd.DataFrame({"text": ["'-20% na bilety", "''=SUM(1)"]})
    match file.suffix:
        case ".csv":
            frame.to_csv(file, index=False)
        case ".xlsx":
            frame.to_excel(file, index=False)
        case ".jsonl":
            frame.to_json(file, orient="records", lines=True)
        case _:
            frame.to_parquet(file)
    (posts,) = iter_posts(file, AT)
    assert posts.frame["text"].tolist() == read
