import json

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("tiny")

DRAFT = "The council met at noon. We won the cup!! See you there."


def test_explain_as_json(run: Run) -> None:
    result = run("explain", "--text", DRAFT, "--platform", "x", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    found = max(answer["phrases"], key=lambda phrase: phrase["effects"]["joy"])
    assert DRAFT[found["start"] : found["end"]] == "We won the cup!!"
    assert answer["similar"] == []


def test_explain_shows_phrases_and_sides(run: Run) -> None:
    result = run("explain", "--text", DRAFT, "--language", "en")
    assert result.exit_code == 0, result.output
    row = next(line for line in result.stdout.splitlines() if "We won the cup" in line)
    assert "+1.00" in row
    assert "joy +0.40" in row
    assert "yours to change" in result.stdout


def test_explain_says_why_not(run: Run) -> None:
    result = run("explain", "--text", "ok")
    assert result.exit_code == 0
    assert "too few words" in result.stdout


def test_explain_without_a_draft_is_wrong_usage(run: Run) -> None:
    assert run("explain").exit_code == 2


def test_explain_tells_the_warnings_of_the_score(run: Run) -> None:
    draft = ("--text", DRAFT, "--platform", "x", "--at", "2020-01-01T12:00Z")
    score, plain = run("score", *draft, "--format", "table"), run("explain", *draft)
    notes = score.stdout.split("Good to know\n")[1].split("\n\n")[0]
    assert "The planned time has passed" in notes
    assert "No account was given" in notes
    assert " ".join(notes.split()) in " ".join(plain.stdout.split())
    told = json.loads(run("explain", *draft, "--json").stdout)["warnings"]
    assert [note["code"] for note in told][-1] == "planned_in_past"
