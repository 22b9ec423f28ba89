from pathlib import Path

import pytest

from features import clock, context
from features.account import history
from features.catalogue import FAMILIES, columns, guard, markdown
from features.columns import AFTER
from features.errors import LeakageError
from features.schema import FIRST_YEAR, LAST_YEAR, POST_INPUTS, POST_OUTCOMES
from features.text import surface

DOCUMENT = Path(__file__).parents[2] / "docs" / "features.md"


def test_catalogue_holds_every_column_once() -> None:
    names = [column.name for column in columns()]
    assert len(set(names)) == len(names)
    made = (*surface.NAMES, *clock.NAMES, *context.NAMES, *history.NAMES)
    assert {*made, *POST_INPUTS, *POST_OUTCOMES} <= set(names)


def test_catalogue_says_everything_of_each_column() -> None:
    for column in columns():
        assert column.family in FAMILIES, column
        assert all((column.description, column.unit, column.range, column.known)), column


def test_only_outcomes_are_known_afterwards() -> None:
    assert {column.name for column in columns() if column.known == AFTER} == set(POST_OUTCOMES)


def test_dates_are_of_the_years_that_posts_may_be_of() -> None:
    ranges = {column.range for column in columns() if column.unit == "UTC time"}
    assert ranges == {f"{FIRST_YEAR}..{LAST_YEAR}"}


def test_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown()


def test_guard_lets_pass_what_is_known_before_publishing() -> None:
    guard([*POST_INPUTS, *surface.NAMES, *history.NAMES, "embedding_383", "view_web_words"])


@pytest.mark.parametrize("name", POST_OUTCOMES)
def test_guard_refuses_what_is_known_only_afterwards(name: str) -> None:
    with pytest.raises(LeakageError, match=f"'{name}', which is known only after publishing"):
        guard(["text", name])


def test_guard_refuses_what_nobody_described() -> None:
    with pytest.raises(LeakageError, match="'reach', which is not in the catalogue"):
        guard(["reach"])
