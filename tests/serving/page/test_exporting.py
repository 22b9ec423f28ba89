import io

import openpyxl
import pytest
from fastapi.testclient import TestClient

SHEET = {
    "title": "Ranking",
    "heads": ["Place", "Draft"],
    "rows": [[1, "=1+1 and other sums"], [2, None]],
    "about": ["24 November 2026", "prescore-share 3"],
}


def test_a_csv_runs_nothing_and_says_how_it_was_made(client: TestClient) -> None:
    answer = client.post("/v1/page/export", json={"kind": "csv", **SHEET})
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "Place,Draft",
        "1,'=1+1 and other sums",
        "2,",
        "",
        "24 November 2026",
        "prescore-share 3",
    ]
    assert answer.headers["content-disposition"].endswith('"prescore-ranking.csv"')


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


@pytest.mark.parametrize("change", [{"kind": "exe"}, {"heads": []}, {"title": "a/b"}, {"x": 1}])
def test_anything_else_is_refused(client: TestClient, change: dict[str, object]) -> None:
    answer = client.post("/v1/page/export", json={"kind": "csv", **SHEET, **change})
    assert answer.status_code == 422
