import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_key_is_shown_once_alone_on_standard_output(run: Run, home: Path) -> None:
    made = run("keys", "create", "planner")
    assert made.exit_code == 0
    key = made.stdout.strip()
    assert key.startswith("prescore_")
    assert "not shown again" in made.stderr
    listed = run("keys", "list")
    assert "planner" in listed.stdout
    secret = key.split("_", 2)[2]
    assert secret not in listed.stdout + run("keys", "list", "--json").stdout


def test_scopes_rate_and_days_are_kept(run: Run) -> None:
    words = ["--scope", "score", "--scope", "import", "--rate", "60", "--days", "90"]
    made = json.loads(run("keys", "create", "night", *words, "--json").stdout)
    (kept,) = json.loads(run("keys", "list", "--json").stdout)
    assert kept == {name: value for name, value in made.items() if name != "key"}
    assert kept["scopes"] == ["import", "score"]
    assert kept["requests_per_minute"] == 60
    assert (kept["standing"], kept["expires"][:4]) == ("good", "2" + kept["expires"][1:4])


def test_revoking_says_which(run: Run) -> None:
    run("keys", "create", "planner")
    revoked = run("keys", "revoke", "planner")
    assert "'planner'" in revoked.stdout
    assert json.loads(run("keys", "list", "--json").stdout)[0]["standing"] == "revoked"
    again = run("keys", "revoke", "planner")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "No key named 'planner' is in use" in again.stderr


@pytest.mark.parametrize(
    "words", [["--scope", "root"], ["--rate", "0"], ["--days", "0"], ["--days", "many"]]
)
def test_what_cannot_be_is_wrong_usage(run: Run, words: list[str]) -> None:
    assert run("keys", "create", "planner", *words).exit_code == 2


def test_no_keys_yet(run: Run) -> None:
    assert "No keys yet" in run("keys", "list").stderr
    assert run("keys", "list", "--json").stdout == "[]\n"
