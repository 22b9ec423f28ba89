import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from features.database import CONNECT_SECONDS, Database, knock
from features.errors import StoreError


@pytest.fixture
def asked() -> Iterator[list[dict[str, Any]]]:
    """What drivers are asked for, instead of a server."""
    found: list[dict[str, Any]] = []

    def note(_dialect: Any, _record: Any, _words: Any, options: dict[str, Any]) -> None:
        # SQLAlchemy hands psycopg its types as `context`: that is nothing a server hears of.
        found.append({name: told for name, told in options.items() if name != "context"})
        raise ConnectionRefusedError

    sa.event.listen(sa.Engine, "do_connect", note)
    yield found
    sa.event.remove(sa.Engine, "do_connect", note)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {"connect_timeout": CONNECT_SECONDS}),
        ("?connect_timeout=60", {"connect_timeout": "60"}),
        (
            "?options=-c%20search_path%3Druns",
            {"connect_timeout": CONNECT_SECONDS, "options": "-c search_path=runs"},
        ),
    ],
)
def test_knock_asks_for_nothing_but_what_the_url_says_and_an_end_to_waiting(
    asked: list[dict[str, Any]], query: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ConnectionRefusedError):
        knock(f"postgresql+psycopg://db/runs{query}")
    assert asked == [{"host": "db", "dbname": "runs", **options}]


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {"connect_timeout": CONNECT_SECONDS, "options": "-c lock_timeout=2500"}),
        (
            "?connect_timeout=60&options=-c%20search_path%3Dposts",
            {"connect_timeout": "60", "options": "-c lock_timeout=2500 -c search_path=posts"},
        ),
    ],
)
def test_a_history_waits_for_writers_beside_what_its_url_says(
    asked: list[dict[str, Any]], query: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ConnectionRefusedError):
        Database(f"postgresql+psycopg://db/posts{query}", lock_seconds=2.5)
    assert asked == [{"host": "db", "dbname": "posts", **options}]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:hunter2@127.0.0.1:1/posts",
        "postgresql+psycopg://127.0.0.1:1/posts?user=me&password=hunter2",
    ],
)
def test_a_database_that_does_not_answer_is_named_without_its_password(url: str) -> None:
    with pytest.raises(
        StoreError, match=r"^The database .*127\.0\.0\.1:1/posts failed: "
    ) as caught:
        Database(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("driver", ["mysql", "mysql+pymysql", "mssql+pyodbc", "postgresql+pg8000"])
def test_knock_leaves_other_drivers_alone(asked: list[dict[str, Any]], driver: str) -> None:
    knock(f"{driver}://db/runs")
    assert asked == []


def test_a_database_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    database = Database(f"sqlite:///{folder}/history.db")
    with database.write() as connection:
        connection.execute(sa.text("CREATE TABLE drafts (text TEXT)"))
    made = {path.name: stat.filemode(path.stat().st_mode) for path in folder.iterdir()}
    database.close()
    assert made == dict.fromkeys(("history.db", "history.db-shm", "history.db-wal"), "-rw-------")
    assert stat.filemode(folder.stat().st_mode) == "drwx------"


def test_a_database_that_is_there_keeps_the_rights_that_it_was_given(tmp_path: Path) -> None:
    tmp_path.chmod(0o775)
    path = tmp_path / "history.db"
    path.touch()
    path.chmod(0o664)
    Database(f"sqlite:///{path}").close()
    rights = [stat.filemode(there.stat().st_mode) for there in (tmp_path, path)]
    assert rights == ["drwxrwxr-x", "-rw-rw-r--"]
