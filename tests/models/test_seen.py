import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.seen import MOST, Seen
from models.versions import Address, Version

ADDRESS = Address.parse("models:/prescore-share@champion")


class Asked:
    """A registry that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, address: Address) -> Version:
        self.times += 1
        now = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
        tags = {"prescore.digest": "sha256:1", "metric.joy": "0.5"}
        return Version(
            address.name, str(self.times), "share", ("champion",), tags, None, now, "file:///x"
        )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "mlflow.db"
    change(path, "CREATE TABLE told (what TEXT)")
    return path


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def seen(database: Path | None, tmp_path: Path) -> Seen:
    """What another process would find."""
    return Seen(database, tmp_path / "seen.json")


def test_nothing_is_asked_again_while_the_database_stands(database: Path, tmp_path: Path) -> None:
    ask = Asked()
    first = seen(database, tmp_path).answer(ADDRESS, ask)
    again = seen(database, tmp_path).answer(ADDRESS, ask)
    assert (ask.times, again) == (1, first)
    assert again.metrics == {"joy": 0.5}
    assert seen(database, tmp_path).knows([ADDRESS])


def test_any_change_of_the_database_is_noticed(database: Path, tmp_path: Path) -> None:
    ask, kept = Asked(), seen(database, tmp_path)
    kept.answer(ADDRESS, ask)
    change(database, "INSERT INTO told VALUES ('a')")
    assert not kept.knows([ADDRESS])
    assert kept.answer(ADDRESS, ask).number == "2"
    # As long as before, and as old: only SQLite's own count differs.
    change(database, "UPDATE told SET what = 'b'")
    assert kept.answer(ADDRESS, ask).number == "3"


def test_another_database_in_its_place_is_noticed(database: Path, tmp_path: Path) -> None:
    ask, kept = Asked(), seen(database, tmp_path)
    kept.answer(ADDRESS, ask)
    copy = tmp_path / "copy.db"
    copy.write_bytes(database.read_bytes())
    copy.replace(database)
    assert kept.answer(ADDRESS, ask).number == "2"


@pytest.mark.parametrize("spoil", ["damaged", "missing", "journal"])
def test_a_database_that_tells_nothing_is_asked(database: Path, tmp_path: Path, spoil: str) -> None:
    if spoil == "damaged":
        database.write_bytes(b"this is no database" * 100)
    elif spoil == "missing":
        database.unlink()
    else:
        change(database, "PRAGMA journal_mode = WAL")
    ask, kept = Asked(), seen(database, tmp_path)
    assert [kept.answer(ADDRESS, ask).number for _ in range(2)] == ["1", "2"]
    assert not kept.knows([ADDRESS])


def test_a_registry_elsewhere_is_always_asked(tmp_path: Path) -> None:
    ask, kept = Asked(), seen(None, tmp_path)
    assert [kept.answer(ADDRESS, ask).number for _ in range(2)] == ["1", "2"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "record", ["", "[]", '{"mark": 1}', '{"mark": [1], "answers": {}}', "\x00"]
)
def test_a_spoilt_record_costs_a_question(database: Path, tmp_path: Path, record: str) -> None:
    (tmp_path / "seen.json").write_text(record)
    ask, kept = Asked(), seen(database, tmp_path)
    assert [kept.answer(ADDRESS, ask).number for _ in range(2)] == ["1", "1"]


def test_a_record_that_cannot_be_written_costs_a_question(database: Path, tmp_path: Path) -> None:
    kept = Seen(database, tmp_path / "missing" / "seen.json")
    ask = Asked()
    assert [kept.answer(ADDRESS, ask).number for _ in range(2)] == ["1", "2"]


def test_the_record_does_not_grow_for_ever(database: Path, tmp_path: Path) -> None:
    ask, kept = Asked(), seen(database, tmp_path)
    for number in range(1, MOST + 10):
        kept.answer(Address.parse(f"prescore-share/{number}"), ask)
    assert kept.knows([Address.parse(f"prescore-share/{MOST + 9}")])
    assert not kept.knows([Address.parse("prescore-share/1")])
