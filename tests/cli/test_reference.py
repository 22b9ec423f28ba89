from pathlib import Path

import pytest

from cli.reference import commands, markdown, parameters
from tests.cli.conftest import Run

DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"
CONTRACT = {
    *("serve", "score", "rank", "import", "train emotion", "train share", "evaluate emotion"),
    *("keys create", "keys list", "keys revoke", "explain", "when", "forget"),
    *("evaluate share", "evaluate bias", "evaluate robustness", "evaluate gaming"),
    *("models", "promote", "rollback"),
}


def test_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown()


def test_every_command_of_the_contract_is_there() -> None:
    assert {path.removeprefix("prescore ") for path, _ in commands()} == CONTRACT


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=lambda value: str(value)[:30])
def test_every_command_and_option_is_told(path: str, command: object) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert f"## `{path}`" in document
    for written, told in parameters(command):
        assert told, f"{path}: {written} has no help"
        assert written.replace("|", r"\|") in document


@pytest.mark.parametrize("path", sorted(CONTRACT))
def test_help_shows_an_example(run: Run, path: str) -> None:
    result = run(*path.split(), "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"prescore {path} " in result.stdout.replace("\n", " ")


@pytest.mark.parametrize("words", [[], ["train"], ["evaluate"]])
def test_groups_tell_what_is_in_them(run: Run, words: list[str]) -> None:
    assert "Commands" in run(*words).output
