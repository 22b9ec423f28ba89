import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.reference import commands, markdown, parameters
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "cli.md"
PARTS = ("features", "models", "training", "serving", "cli", "docs", "deploy")
OPTION = re.compile(r"--[a-z][a-z-]*")
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


def quoted() -> Iterator[tuple[Path, str]]:
    """Every command in backticks, and the file it stands in."""
    files = [path for part in PARTS for path in (ROOT / part).rglob("*.*")]
    for path in [*files, ROOT / "README.md"]:
        if path.suffix in {".py", ".md"}:
            for found in re.findall(r"`(prescore [^`]+)`", path.read_text(encoding="utf-8")):
                yield path, " ".join(found.split())


def test_commands_that_sources_and_documents_name_exist() -> None:
    known = {
        path: {option for written, _ in parameters(command) for option in OPTION.findall(written)}
        for path, command in commands()
    }
    for place, words in quoted():
        named = [path for path in known if f"{words} ".startswith(f"{path} ")]
        options = {"--help", "--version"}.union(*(known[path] for path in named))
        assert set(OPTION.findall(words)) <= options, f"{place.relative_to(ROOT)}: {words}"
