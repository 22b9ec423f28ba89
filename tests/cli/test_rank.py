import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("tiny")

PLAIN = "We are opening a new bookshop in the market square"
LOUD = "We are opening a new bookshop in the market square!!!"


def test_rank_texts_as_json(run: Run) -> None:
    result = run("rank", "--text", PLAIN, "--text", LOUD, "--text", "ok", "--json")
    assert result.exit_code == 0, result.output
    places = json.loads(result.stdout)["candidates"]
    assert [(place["index"], place["rank"]) for place in places] == [(1, 1), (0, 2), (2, None)]
    assert places[0]["beats_next"] > 0.6


def test_rank_a_file_as_json_finds_rows_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drafts.csv").write_text(f"id,text\na,{PLAIN}\nb,{LOUD}\n")
    result = run("rank", "drafts.csv", "--json")
    assert result.exit_code == 0, result.output
    places = json.loads(result.stdout)["candidates"]
    assert [(place["row"], place["post_id"]) for place in places] == [(3, "b"), (2, "a")]


def test_rank_table(run: Run) -> None:
    result = run("rank", "--text", PLAIN, "--text", LOUD, "--text", "ok", "--platform", "x")
    assert result.exit_code == 0, result.output
    rows = [row for row in result.stdout.splitlines() if "bookshop" in row or "ok" in row]
    assert "!!!" in rows[0]
    assert "!!!" not in rows[1]
    assert "too_short" in rows[2]


def test_rank_without_candidates_is_wrong_usage(run: Run) -> None:
    assert run("rank").exit_code == 2


def test_the_caption_promises_nothing_of_neighbours_across_a_gap(run: Run) -> None:
    told = " ".join(run("rank", "--text", PLAIN, "--text", LOUD).stdout.split())
    assert "none is clearly behind the first; what follows the gap is" in told
    assert "too close" not in told


def test_rank_calls_less_when_it_must_be_surer(run: Run) -> None:
    words = ("rank", "--text", PLAIN, "--text", LOUD, "--json")
    for sure, close in (("0.6", False), ("0.95", True)):
        answer = json.loads(run(*words, "--min-confidence", sure).stdout)
        assert answer["candidates"][0]["too_close_to_call"] is close
        assert answer["tiers"] == 2 - close
    assert answer["regret"] > 0
    assert run(*words, "--min-confidence", "0.3").exit_code == 2


def test_rank_of_one_candidate_claims_nothing(run: Run) -> None:
    result = run("rank", "--text", PLAIN, "--text", "ok")
    assert "100%" not in result.stdout
    assert "No gap" not in result.stdout
    assert "There is no other candidate to compare it with." in result.stdout


def test_candidates_of_several_accounts_are_told_apart_and_warned_of(
    run: Run, tmp_path: Path
) -> None:
    rows = f"zoo,facebook,{PLAIN}\nbakery,x,{LOUD}\n"
    (tmp_path / "drafts.csv").write_text(f"account,platform,text\n{rows}")
    shown = run("rank", "drafts.csv").stdout
    assert "each is measured against its own" in " ".join(shown.split())
    assert [name in shown for name in ("bakery, x", "zoo, facebook")] == [True, True]
    same = run("rank", "--text", PLAIN, "--text", LOUD, "--account", "zoo").stdout
    assert "account" not in same.splitlines()[1]


def test_a_candidate_whose_time_has_passed_is_warned_of(run: Run, tmp_path: Path) -> None:
    rows = f"2026-01-28T10:00Z,{PLAIN}\n2026-01-28T10:00Z,{LOUD}\n"
    (tmp_path / "drafts.csv").write_text(f"published_at,text\n{rows}")
    shown = " ".join(run("rank", "drafts.csv").stdout.split())
    assert shown.count("The planned time has passed") == 1
    places = json.loads(run("rank", "drafts.csv", "--json").stdout)["candidates"]
    codes = [[note["code"] for note in place["score"]["warnings"]] for place in places]
    assert all("planned_in_past" in one for one in codes)
