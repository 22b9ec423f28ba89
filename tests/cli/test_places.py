"""What commands open, they let go of."""

from contextlib import closing
from pathlib import Path

import pytest

from cli.places import open_store, past_reader
from features.database import Database
from features.schema import Post
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


@pytest.mark.parametrize(
    ("account", "posts"), [("Kino-Elew", 2), (" KINO-ELEW ", 2), ("teatr", 1), ("Teatr", 0)]
)
def test_an_account_is_found_by_its_plain_name_where_that_fits_one(
    run: Run, tmp_path: Path, account: str, posts: int
) -> None:
    head, row = ROW.splitlines()
    names = ["kino-elew", "kino-elew", "teatr", "TEATR"]
    rows = [row.replace("1,me", f"{number},{name}") for number, name in enumerate(names)]
    (tmp_path / "past.csv").write_text("\n".join([head, *rows]))
    assert run("import", "past.csv").exit_code == 0
    with closing(open_store()) as store:
        (past,) = past_reader(store)([Post("Hello there", platform="x", account_id=account)])
    assert past is not None
    assert len(past.times) == posts
