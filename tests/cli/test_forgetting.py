import json
from pathlib import Path

import pytest

from features.account.store import HistoryStore
from tests.cli.conftest import Run

HEAD = "post_id,account_id,platform,text,published_at,shares"
ROWS = (
    "1,kino,x,We open today,2024-01-01T10:00Z,5",
    "2,kino,x,We open again,2024-01-02T10:00Z,6",
    "3,kino,facebook,We open here,2024-01-03T10:00Z,7",
    "4,teatr,x,The curtain rises,2024-01-04T10:00Z,8",
)
KINO_ON_X = ("forget", "--platform", "x", "--account", "kino")


@pytest.fixture
def stored(run: Run, home: Path, tmp_path: Path) -> HistoryStore:
    """Two posts of kino on x, one on facebook, and one of teatr on x."""
    (tmp_path / "past.csv").write_text("\n".join([HEAD, *ROWS]))
    assert run("import", "past.csv").exit_code == 0
    return HistoryStore(f"sqlite:///{home}/history.db")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls sits at a terminal."""
    monkeypatch.setattr("cli.forgetting.is_terminal", lambda _: True)


def ids(store: HistoryStore) -> list[str]:
    return store.posts()["post_id"].tolist()


def test_forgetting_removes_one_account_on_one_platform(run: Run, stored: HistoryStore) -> None:
    done = run(*KINO_ON_X, "--yes")
    assert done.exit_code == 0
    assert done.stdout == "Removed 2 posts of account 'kino' on x.\n"
    assert ids(stored) == ["3", "4"]


def test_forgetting_as_json(run: Run, stored: HistoryStore) -> None:
    done = run(*KINO_ON_X, "--yes", "--json")
    assert json.loads(done.stdout) == {"platform": "x", "account_id": "kino", "removed": 2}


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, 2), ("n", 1, 4), ("", 1, 4)])
def test_a_terminal_is_asked_first(
    run: Run, stored: HistoryStore, answer: str, code: int, left: int
) -> None:
    done = run(*KINO_ON_X, stdin=f"{answer}\n".encode())
    assert done.exit_code == code
    assert "Remove 2 posts of account 'kino' on x?" in done.stderr
    assert len(ids(stored)) == left


def test_without_a_terminal_nothing_is_removed_unasked(run: Run, stored: HistoryStore) -> None:
    done = run(*KINO_ON_X, stdin=b"y\n")
    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert len(ids(stored)) == 4


@pytest.mark.parametrize(
    ("platform", "account", "told"),
    [
        ("x", "Kino", "No posts of account 'Kino' on x are known; did you mean 'kino'?"),
        ("x", "kinoo", "No posts of account 'kinoo' on x are known; did you mean 'kino'?"),
        ("facebook", "teatr", "on facebook are known; did you mean 'teatr (x)'?"),
        ("x", "muzeum", "No posts of account 'muzeum' on x are known."),
    ],
)
def test_an_unknown_account_is_told_with_the_nearest(
    run: Run, stored: HistoryStore, platform: str, account: str, told: str
) -> None:
    done = run("forget", "--platform", platform, "--account", account, "--yes")
    assert done.exit_code == 1
    assert told in done.stderr
    assert len(ids(stored)) == 4


def test_a_platform_is_understood_as_in_a_table(run: Run, stored: HistoryStore) -> None:
    assert run("forget", "--platform", "Twitter", "--account", "kino", "--yes").exit_code == 0
    assert ids(stored) == ["3", "4"]
    other = run("forget", "--platform", "xing", "--account", "kino", "--yes")
    assert other.exit_code == 1
    assert "Got platform='xing'; expected one of facebook" in other.stderr
