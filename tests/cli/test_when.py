import json

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("tiny")

DRAFT = "We are opening a new bookshop in the market square"
AT = "2026-11-22T12:20Z"


def test_when_as_json(run: Run) -> None:
    result = run("when", "--text", DRAFT, "--language", "pl", "--at", AT, "--json")
    assert result.exit_code == 0, result.output
    week = json.loads(result.stdout)
    assert week["best"][0] == "2026-11-22T20:00:00+01:00"
    assert len(week["hours"]) == 168


def test_when_draws_a_row_a_day(run: Run) -> None:
    result = run("when", "--text", DRAFT, "--timezone", "Europe/Warsaw", "--at", AT)
    assert result.exit_code == 0, result.output
    assert "Best: Sun 22 Nov 20:00, Mon 23 Nov 20:00, Tue 24 Nov 20:00" in result.stdout
    rows = [line for line in result.stdout.splitlines() if "█" in line]
    assert len(rows) == 7


def test_when_draws_no_week_where_no_hour_matters(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.timing.CLOSE", 1.1)
    result = run("when", "--text", DRAFT, "--at", AT)
    assert result.exit_code == 0, result.output
    assert "The hour makes no difference that can be told" in result.stdout
    assert "learnt from the posts of all accounts" in result.stdout
    assert not set("▁▂▃▄▅▆▇█") & set(result.stdout)


def test_when_refuses_a_zone_that_is_none(run: Run) -> None:
    assert run("when", "--text", DRAFT, "--timezone", "Nowhere/Else").exit_code == 1


def test_when_tells_the_warnings_of_the_score(run: Run) -> None:
    draft = ("--text", DRAFT, "--language", "en", "--at", "2020-01-01T12:00Z")
    codes = [note["code"] for note in json.loads(run("when", *draft, "--json").stdout)["warnings"]]
    assert codes == ["no_history", "unknown_platform", "planned_in_past"]
    told = run("when", *draft).stdout.split("Good to know\n")[1]
    assert "No account was given" in told
    assert "The planned time has passed" in told


def test_when_says_once_why_there_are_no_hours(run: Run) -> None:
    assert run("when", "--text", "ok").stdout.count("too few words") == 1
