import os
from pathlib import Path

import pytest

from features.errors import ConfigError
from tests.cli.conftest import Run


def stopped_with(note: str) -> KeyboardInterrupt:
    error = KeyboardInterrupt()
    error.add_note(note)
    return error


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConfigError("The setting is off."), 1, "Error: The setting is off.\n"),
        (
            OSError(28, "No space left on device", "x.db"),
            1,
            "Error: No space left on device (x.db).\n",
        ),
        (MemoryError(), 1, "Error: There is not enough memory for this.\n"),
        (KeyboardInterrupt(), 130, "Stopped. Nothing was left half done.\n"),
        (stopped_with("Half is kept."), 130, "Stopped. Half is kept.\n"),
    ],
)
def test_what_goes_wrong_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("cli.versions.open_registry", fail)
    result = run("models")
    assert (result.exit_code, result.stderr, result.stdout) == (code, line, "")


def test_a_bug_is_not_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.versions.open_registry", lambda: 1 / 0)
    assert isinstance(run("models").exception, ZeroDivisionError)


@pytest.mark.parametrize(
    "words", [["fly"], ["score", "--wings"], ["rollback"], ["serve", "--port", "x"]]
)
def test_wrong_usage_exits_with_2(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_home_that_is_a_file_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("PRESCORE_HOME", "taken")
    result = run("models")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Got PRESCORE_HOME='taken', which is a file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_home_that_cannot_be_made_is_one_line(run: Run, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert run("models").exit_code == 1


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("prescore 0.")
