"""Schema steps of the history store."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from features.account import migrations
from features.account.migrations import STEPS, current_version, migrate
from features.account.store import _POSTS, HistoryStore
from features.errors import StoreError


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Of a store that was opened and closed."""
    HistoryStore(database_url).close()
    engine = sa.create_engine(database_url)
    yield engine
    engine.dispose()


def test_a_new_store_has_taken_every_step(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert current_version(connection) == len(STEPS)


def test_the_schema_has_the_columns_that_statements_use(engine: sa.Engine) -> None:
    columns = {column["name"] for column in sa.inspect(engine).get_columns("posts")}
    assert columns == set(_POSTS.c.keys())


def test_migrating_again_does_nothing(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection)
        rows = connection.execute(sa.text("SELECT * FROM prescore_history_version")).all()
    assert [tuple(row) for row in rows] == [(number,) for number in range(1, len(STEPS) + 1)]


def test_an_older_store_takes_the_steps_it_lacks(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = (*STEPS, ("ALTER TABLE posts ADD COLUMN saves DOUBLE PRECISION",))
    monkeypatch.setattr(migrations, "STEPS", more)
    with engine.begin() as connection:
        migrate(connection)
        assert current_version(connection) == len(STEPS) + 1
        connection.execute(sa.text("SELECT saves FROM posts"))


def test_a_newer_store_is_left_alone(engine: sa.Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO prescore_history_version VALUES (999)"))
    with pytest.raises(StoreError, match=r"schema 999; this prescore knows \d+\. Update"):
        HistoryStore(database_url)
