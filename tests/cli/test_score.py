import csv
import io
import json
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import openpyxl
import pytest

from cli.score import CHUNK
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("tiny")

TEXT = "Dziś otwieramy nową księgarnię na rynku! Przyjdźcie!"
OTHER = "We are opening a new bookshop in the market square today"
CSV = f"post_id,text,platform,likes\np1,{TEXT},facebook,7\np2,{OTHER},x,9\np3,ok,x,1\n"


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_score_one_text_as_json(run: Run) -> None:
    result = run("score", "--text", TEXT, "--platform", "twitter", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["status"] == "ok"
    assert answer["language"] == "pl"
    assert answer["share"]["score"]["value"] == pytest.approx(1.1)
    assert {"id", "emotion", "reasons", "warnings", "models"} <= answer.keys()


def test_score_one_text_as_a_card(run: Run) -> None:
    result = run("score", "--text", TEXT, "--format", "table")
    assert result.exit_code == 0, result.output
    for words in ("Share potential", "72 of 100", "joy", "Why", "What the text says", "90% sure"):
        assert words in result.stdout


def test_score_card_says_why_there_is_no_score(run: Run) -> None:
    result = run("score", "--text", "ok", "--format", "table")
    assert result.exit_code == 0
    assert "No score: There are too few words" in result.stdout


def test_score_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    result = run("score", "drafts.csv")
    assert result.exit_code == 0, result.output
    answers = lines(result.stdout)
    assert [(answer["row"], answer["post_id"], answer["status"]) for answer in answers] == [
        (2, "p1", "ok"),
        (3, "p2", "ok"),
        (4, "p3", "abstained"),
    ]
    assert "drafts.csv: left out 'likes', known only after publishing." in result.stderr


def test_score_standard_input(run: Run) -> None:
    stream = "\n".join(json.dumps({"text": text}) for text in (TEXT, OTHER)).encode()
    result = run("score", "-", stdin=stream)
    assert result.exit_code == 0, result.output
    assert [answer["row"] for answer in lines(result.stdout)] == [1, 2]


def test_score_streams_in_constant_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr("cli.score.CHUNK", 3)
    monkeypatch.setattr(
        "cli.writers.JsonLines.write", lambda self, scored: sizes.append(len(scored))
    )
    stream = "\n".join(json.dumps({"text": TEXT}) for _ in range(8)).encode()
    assert run("score", "-", stdin=stream).exit_code == 0
    assert max(sizes) == 3  # the last chunks are cut for as many cores as there are
    assert sum(sizes) == 8


def test_score_to_csv(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    result = run("score", "drafts.csv", "--out", "scores.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "scores.csv").read_text())))
    assert [row["post_id"] for row in rows] == ["p1", "p2", "p3"]
    assert [row["text"] for row in rows] == [TEXT, OTHER, "ok"]
    assert float(rows[0]["joy"]) == pytest.approx(0.4)
    assert (rows[2]["reason"], rows[2]["percentile"]) == ("too_short", "")


def test_score_refuses_to_write_what_would_not_open(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    result = run("score", "drafts.csv", "--out", "scores.parquet")
    assert result.exit_code == 2
    assert ".parquet is not written" in result.stderr
    assert not (tmp_path / "scores.parquet").exists()


def test_score_to_a_pipe_leaves_bad_rows_beside_the_source(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(CSV.replace(",x,1", ",xing,1"), encoding="utf-8")
    (tmp_path / "pipes").mkdir()
    pipe = tmp_path / "pipes" / "scores"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    result = run("score", "drafts.csv", "--out", pipe, "--skip-bad-rows")
    with os.fdopen(reader, encoding="utf-8") as file:
        assert len(lines(file.read())) == 2, result.output
    assert list(pipe.parent.iterdir()) == [pipe]
    assert (tmp_path / "drafts.bad-rows.csv").exists()


@pytest.mark.parametrize(
    "words", [("--excel", "--out", "scores.jsonl"), ("--format", "xlsx"), ("--excel", "--json")]
)
def test_score_format_that_makes_no_sense_is_wrong_usage(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    assert run("score", "drafts.csv", *words).exit_code == 2


LIKE_A_FORMULA = '=HYPERLINK("http://a.b"); zażółć gęślą jaźń,\ndrugi wiersz'


def test_score_to_a_workbook_keeps_texts_and_numbers(run: Run, tmp_path: Path) -> None:
    drafts = [TEXT, LIKE_A_FORMULA, "Gęś\x07 i kaczka na wsi"]
    lines = "\n".join(json.dumps({"text": text}) for text in drafts)
    (tmp_path / "drafts.jsonl").write_text(lines)
    result = run("score", "drafts.jsonl", "--out", "scores.xlsx")
    assert result.exit_code == 0, result.output
    sheet = openpyxl.load_workbook(tmp_path / "scores.xlsx")["scores"]
    heading, *rows = sheet.iter_rows()
    at = {cell.value: place for place, cell in enumerate(heading)}
    assert [row[at["text"]].value for row in rows][:2] == [TEXT, LIKE_A_FORMULA]
    assert {row[at["text"]].data_type for row in rows} == {"s"}
    assert rows[0][at["joy"]].value == pytest.approx(0.4)
    again = run("score", "scores.xlsx", "--json")
    assert again.exit_code == 0, again.output


def test_score_to_csv_for_excel_with_decimal_commas(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.jsonl").write_text(
        "\n".join(json.dumps({"text": text}) for text in (TEXT, LIKE_A_FORMULA))
    )
    assert run("score", "drafts.jsonl", "--out", "scores.csv", "--excel").exit_code == 0
    written = (tmp_path / "scores.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(written.decode("utf-8-sig")), delimiter=";")
    assert (first["text"], first["joy"]) == (TEXT, "0,4")
    assert second["text"] == "'" + LIKE_A_FORMULA
    assert run("score", "scores.csv", "--json").exit_code == 0


def test_score_to_csv_runs_nothing_and_keeps_numbers(run: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"text": LIKE_A_FORMULA, "post_id": "-100123"})]
    (tmp_path / "drafts.jsonl").write_text("\n".join(lines))
    assert run("score", "drafts.jsonl", "--out", "scores.csv").exit_code == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "scores.csv").read_text()))
    assert (row["text"], row["post_id"]) == ("'" + LIKE_A_FORMULA, "-100123")
    assert float(row["score_low"]) == pytest.approx(-0.9)


def test_score_as_lines_for_people(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    run("score", "drafts.csv", "--out", "scores.txt")
    heading, first, _, last = (tmp_path / "scores.txt").read_text().splitlines()
    assert heading.split()[:2] == ["row", "place"]
    assert "42–100" in first
    assert "not scored: too_short" in last
    assert first.index("Dziś") == last.index("ok") == heading.index("post")


def test_score_compares_with_the_accounts_own_posts(run: Run, tmp_path: Path) -> None:
    rows = [f"h{i},me,facebook,Post number {i},2024-01-{i + 1:02d}T10:00Z,{i}" for i in range(20)]
    table = "\n".join(["post_id,account_id,platform,text,published_at,shares", *rows])
    (tmp_path / "past.csv").write_text(table)
    assert run("import", "past.csv").exit_code == 0
    mine = run("score", "--text", TEXT, "--account", "me", "--platform", "facebook", "--json")
    other = run("score", "--text", TEXT, "--account", "you", "--platform", "facebook", "--json")
    assert json.loads(mine.stdout)["share"]["population"]["kind"] == "account"
    assert json.loads(mine.stdout)["share"]["expected_shares"] is not None
    assert json.loads(other.stdout)["share"]["population"]["kind"] == "reference"


def test_score_finds_the_posts_before_a_draft_that_many_came_after(
    run: Run, tmp_path: Path
) -> None:
    days = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(700)]
    rows = [f"h{n},me,facebook,Post number {n},{at.isoformat()},9" for n, at in enumerate(days)]
    head = "post_id,account_id,platform,text,published_at,shares"
    (tmp_path / "past.csv").write_text("\n".join([head, *rows]))
    assert run("import", "past.csv").exit_code == 0
    draft = f"d,me,facebook,{TEXT},{days[171].isoformat()},"
    (tmp_path / "draft.csv").write_text(f"{head}\n{draft}\n")
    result = run("score", "draft.csv", "--json")
    assert json.loads(result.stdout)["share"]["population"]["kind"] == "account"


def test_score_names_bad_rows_and_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(f"text,platform\n{TEXT},xing\n{OTHER},x\n")
    result = run("score", "drafts.csv", "--out", "scores.jsonl")
    assert result.exit_code == 1
    assert "row 2, column platform" in result.stderr
    assert TEXT not in result.stderr
    assert not (tmp_path / "scores.jsonl").exists()


def test_score_sets_bad_rows_aside_beside_the_output(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(f"text,platform\n{TEXT},xing\n{OTHER},x\n")
    (tmp_path / "out").mkdir()
    result = run("score", "drafts.csv", "--out", "out/scores.jsonl", "--skip-bad-rows")
    assert result.exit_code == 0, result.output
    assert len(lines((tmp_path / "out" / "scores.jsonl").read_text())) == 1
    assert "row" in (tmp_path / "out" / "drafts.bad-rows.csv").read_text("utf-8-sig")
    assert "1 bad row set aside" in result.stderr


def test_score_says_where_bad_rows_of_an_earlier_chunk_lie(run: Run, tmp_path: Path) -> None:
    rows = ["{cut of", *[json.dumps({"text": OTHER})] * CHUNK]
    (tmp_path / "drafts.jsonl").write_text("\n".join(rows))
    result = run("score", "drafts.jsonl", "--skip-bad-rows", "--json")
    assert result.exit_code == 0, result.output
    assert "1 bad row set aside in drafts.bad-rows.csv." in result.stderr


@pytest.mark.parametrize("content", [b"", b"text\n", b"\x00\x01\x02\xff" * 99, b"PAR1 cut off"])
def test_score_of_a_useless_file_is_one_line(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "drafts.csv").write_bytes(content)
    result = run("score", "drafts.csv")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: drafts.csv")
    assert "Traceback" not in result.stderr


def test_score_of_a_missing_file_is_one_line(run: Run) -> None:
    result = run("score", "nowhere.csv")
    assert (result.exit_code, result.stderr) == (1, "Error: nowhere.csv: no such file.\n")


@pytest.mark.parametrize(
    "words",
    [[], ["drafts.csv", "--text", "x"], ["drafts.csv", "--language", "pl"], ["-", "--at", "now"]],
)
def test_score_with_nothing_or_too_much_is_wrong_usage(run: Run, words: list[str]) -> None:
    assert run("score", *words).exit_code == 2


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--platform", "xing", "platform: got"),
        ("--at", "soon", "published_at: got"),
        ("--timezone", "Mars/Base", "timezone: got"),
        ("--followers", "-3", "followers: got"),
        ("--language", "polnisch", "language: got"),
    ],
)
def test_score_of_an_impossible_option_is_one_line(
    run: Run, option: str, value: str, said: str
) -> None:
    result = run("score", "--text", TEXT, option, value)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {said}")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["", "a", "😍😍😍", "https://sklep.pl", "słowo " * 8000, "שלום לכולם"]
)
def test_score_of_any_text_is_an_answer(run: Run, text: str) -> None:
    result = run("score", "--text", text, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["status"] in {"ok", "abstained"}
    assert run("score", "--text", text, "--format", "table").exit_code == 0


def test_score_interrupted_leaves_no_output(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: object, scored: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    monkeypatch.setattr("cli.writers.JsonLines.write", stop)
    before = set(tmp_path.iterdir()) | {tmp_path / "home"}
    assert run("score", "drafts.csv", "--out", "scores.jsonl").exit_code == 130
    assert set(tmp_path.iterdir()) <= before


def test_score_told_to_end_leaves_no_output(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: object, scored: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    (tmp_path / "drafts.csv").write_text(CSV, encoding="utf-8")
    monkeypatch.setattr("cli.writers.JsonLines.write", stop)
    before = set(tmp_path.iterdir()) | {tmp_path / "home"}
    result = run("score", "drafts.csv", "--out", "scores.jsonl")
    assert result.exit_code == 143
    assert result.stderr.endswith("\nStopped. Nothing was left half done.\n")
    assert set(tmp_path.iterdir()) <= before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["konto-01"], "Account 'konto-01' has earlier posts on instagram: give --platform"),
        (["konto-01", "--platform", "x"], "has no earlier posts on x, but on instagram."),
        (["konot-01"], "No earlier posts of account 'konot-01' are known; did you mean 'konto-01'"),
        (["somebody"], "No earlier posts of account 'somebody' are known."),
        (["konto-01", "--platform", "instagram"], ""),
        (["Konto-01"], "Account 'Konto-01' has earlier posts on instagram: give --platform"),
        (["KONTO-01", "--platform", "x"], "has no earlier posts on x, but on instagram."),
        ([" Konot-01", "--platform", "x"], "did you mean 'konto-01'?"),
        ([" Konto-01 ", "--platform", "instagram"], ""),
    ],
)
def test_score_says_what_is_amiss_with_an_account(
    run: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "past.csv").write_text(
        "post_id,account_id,platform,text,published_at,shares\n"
        "1,konto-01,instagram,Post number one,2024-01-01T10:00Z,5\n"
    )
    assert run("import", "past.csv").exit_code == 0
    result = run("score", "--text", TEXT, "--json", "--account", *words)
    assert result.exit_code == 0
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == bool(said)


@pytest.mark.parametrize(
    ("at", "told"), [("2026-01-28T10:00Z", True), ("2099-01-28T10:00Z", False)]
)
def test_score_says_when_the_planned_time_has_passed(run: Run, at: str, told: bool) -> None:
    words = ("score", "--text", "We won the cup!", "--at", at)
    (answer,) = lines(run(*words, "--json").stdout)
    codes = [note["code"] for note in cast("list[dict[str, str]]", answer["warnings"])]
    assert ("planned_in_past" in codes) == told
    assert ("time has passed" in " ".join(run(*words, "--format", "table").stdout.split())) == told
