import pytest
from pydantic import TypeAdapter, ValidationError

from features.schema import FIRST_YEAR, LAST_YEAR
from serving.spellings import Moment

MOMENT: TypeAdapter[object] = TypeAdapter(Moment)


@pytest.mark.parametrize("year", [FIRST_YEAR, LAST_YEAR])
def test_a_time_of_the_years_that_posts_may_be_of_is_taken(year: int) -> None:
    assert MOMENT.validate_python(f"{year}-06-01T12:00:00Z")


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_a_time_of_any_other_year_is_refused(year: int) -> None:
    with pytest.raises(ValidationError, match="Expected a year from 2000 to 2099"):
        MOMENT.validate_python(f"{year}-06-01T12:00:00Z")
