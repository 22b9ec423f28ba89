"""What commands open, they let go of."""

from pathlib import Path

import pytest

from features.database import Database
from tests.cli.conftest import Run

DRAFT = ("--text", "We won the cup, and we are so happy!", "--platform", "x", "--account", "me")
ROW = (
    "post_id,account_id,platform,text,published_at,shares\n1,me,x,Hello there,2024-01-01T10:00Z,5\n"
)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    "words",
    [
        ("import", "past.csv", "past.csv"),
        ("score", *DRAFT),
        ("score", *DRAFT, "--format", "table"),
        ("score", "past.csv"),
        ("rank", *DRAFT, "--text", "Another one of ours, written today"),
        ("explain", *DRAFT),
        ("when", *DRAFT),
    ],
)
def test_a_command_closes_the_store(
    words: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "past.csv").write_text(ROW)
    opened: list[Database] = []
    begin, end = Database.__init__, Database.close

    def track(self: Database, *args: object, **options: object) -> None:
        begin(self, *args, **options)  # type: ignore[arg-type]
        opened.append(self)

    def untrack(self: Database) -> None:
        end(self)
        opened.remove(self)

    monkeypatch.setattr(Database, "__init__", track)
    monkeypatch.setattr(Database, "close", untrack)
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert opened == []
