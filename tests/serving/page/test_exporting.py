import io
import json
from datetime import datetime

import openpyxl
import pytest
from fastapi.testclient import TestClient

from serving.page.words import script_words

SHEET = {
    "title": "Ranking",
    "heads": ["Place", "Draft"],
    "rows": [[1, "=1+1 and other sums"], [2, None]],
    "about": ["24 November 2026", "prescore-share 3"],
}


def test_a_csv_runs_nothing_and_says_how_it_was_made(client: TestClient) -> None:
    answer = client.post("/v1/page/export", json={"kind": "csv", **SHEET})
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Place,Draft,prescore",
        "1,'=1+1 and other sums,24 November 2026 · prescore-share 3",
        "2,,",
    ]
    assert answer.headers["content-disposition"].endswith('"prescore-ranking.csv"')


def test_a_polish_csv_is_one_for_polish_excel(client: TestClient) -> None:
    sheet = {**SHEET, "rows": [[1, "Zażółć"], [2.5, None]]}
    headers = {"Accept-Language": "pl"}
    answer = client.post("/v1/page/export", json={"kind": "csv", **sheet}, headers=headers)
    assert answer.content.startswith("\ufeff".encode())
    assert answer.content.decode("utf-8-sig").splitlines()[1:] == [
        "1;Zażółć;24 November 2026 · prescore-share 3",
        "2,5;;",
    ]


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_ranking_can_be_dropped_back(client: TestClient, kind: str, language: str) -> None:
    heads = str(script_words("/rank", language)["sheet_heads"]).split("|")
    yes = script_words("/rank", language)["yes"]
    post = ["- 20% na bilety!", "facebook", "kino", {"at": "2026-12-01T17:00"}, "Asia/Tokyo"]
    row = [1, 1, *post, "photo", 12_500, yes, "pl"]
    sheet = {
        **SHEET,
        "kind": kind,
        "heads": heads,
        "rows": [
            row + [None] * (len(heads) - len(row)),
            [2, 1, "Drugi szkic"] + [None] * (len(heads) - 3),
        ],
    }
    headers = {"Accept-Language": language}
    file = client.post("/v1/page/export", json=sheet, headers=headers).content
    read = client.post(f"/v1/page/candidates?name=r.{kind}", content=file).json()
    assert read["problems"] == []
    first, second = (one["post"] for one in read["rows"])
    assert first == {
        "text": "- 20% na bilety!",
        "platform": "facebook",
        "account_id": "kino",
        "published_at": "2026-12-01T08:00:00+00:00",
        "timezone": "Asia/Tokyo",
        "media_type": "photo",
        "followers": 12_500,
        "is_paid": True,
        "language": "pl",
    }
    assert second == {"text": "Drugi szkic"}


def test_a_workbook_holds_texts_and_numbers_but_no_formula(client: TestClient) -> None:
    answer = client.post("/v1/page/export", json={"kind": "xlsx", **SHEET})
    ranking, about = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    assert [[cell.value for cell in row] for row in ranking.iter_rows()] == [
        ["Place", "Draft"],
        [1, "=1+1 and other sums"],
        [2, None],
    ]
    assert ranking["B2"].data_type == "s"
    assert [cell.value for cell in about["A"]] == SHEET["about"]


def test_a_time_is_a_date_to_a_spreadsheet_and_a_text_like_one_is_not(client: TestClient) -> None:
    sheet = {**SHEET, "rows": [[{"at": "2026-12-02T09:30"}, "2026-12-02 09:30"]]}
    book = client.post("/v1/page/export", json={"kind": "xlsx", **sheet}).content
    time, text = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0][2]
    assert (time.value, time.number_format) == (datetime(2026, 12, 2, 9, 30), "yyyy-mm-dd hh:mm")
    assert (text.value, text.data_type) == ("2026-12-02 09:30", "s")
    file = client.post("/v1/page/export", json={"kind": "csv", **sheet}).content
    assert "2026-12-02 09:30,2026-12-02 09:30," in file.decode()


@pytest.mark.parametrize("at", ["1899-12-31T00:00", "2026-12-02T09:30Z", "soon"])
def test_a_time_that_no_spreadsheet_has_is_refused(client: TestClient, at: str) -> None:
    sheet = {**SHEET, "rows": [[{"at": at}]]}
    answer = client.post("/v1/page/export", json={"kind": "xlsx", **sheet})
    assert answer.status_code == 422


@pytest.mark.parametrize("change", [{"kind": "exe"}, {"heads": []}, {"title": "a/b"}, {"x": 1}])
def test_anything_else_is_refused(client: TestClient, change: dict[str, object]) -> None:
    answer = client.post("/v1/page/export", json={"kind": "csv", **SHEET, **change})
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e999", "NaN"])
def test_a_number_that_no_spreadsheet_has_is_refused(
    client: TestClient, kind: str, number: str
) -> None:
    body = json.dumps({**SHEET, "kind": kind, "rows": [["here"]]}).replace('"here"', number)
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/page/export", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("rows[0][0]")
