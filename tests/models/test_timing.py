from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from features.schema import Post
from models.scorer import Scorer
from models.stepwise import finish
from models.timing import HOURS, hours_from, when
from tests.serving.standins import TinyShare, loaded

NOW = datetime(2026, 11, 22, 12, 20, tzinfo=UTC)
POLISH = Post("Udało się! Otwieramy kino na Starówce.", platform="facebook", language="pl")


class Flat(TinyShare):
    """Every hour is the same."""

    def at_times(self, *given: object) -> tuple[NDArray[np.float64], ...]:
        score = np.zeros(HOURS)
        return score, score - 1, score + 1


def test_a_week_is_told_hour_by_hour_on_the_readers_clocks() -> None:
    week = finish(when(Scorer(loaded("emotion"), loaded("share")), POLISH, None, NOW))
    assert week.timezone == "Europe/Warsaw"
    assert len(week.hours) == HOURS
    assert week.hours[0].at.isoformat() == "2026-11-22T14:00:00+01:00"
    # Eight in the evening is worth a spread more, on a luck of 1.
    assert week.matters is True
    assert [at.isoformat() for at in week.best] == [
        "2026-11-22T20:00:00+01:00",
        "2026-11-23T20:00:00+01:00",
        "2026-11-24T20:00:00+01:00",
    ]
    assert max(hour.beats_median_hour for hour in week.hours) == pytest.approx(0.760, abs=1e-3)
    assert "unknown_time" not in {note.code for note in week.warnings}


def test_the_planned_time_is_where_the_week_begins() -> None:
    planned = Post(POLISH.text, language="pl", published_at=datetime(2026, 12, 1, 8, tzinfo=UTC))
    week = finish(when(Scorer(loaded("emotion"), loaded("share")), planned, None, NOW))
    assert week.hours[0].at.isoformat() == "2026-12-01T09:00:00+01:00"


def test_it_is_said_when_the_hour_makes_no_difference() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share", model=Flat()))
    week = finish(when(scorer, POLISH, None, NOW))
    assert (week.matters, week.best) == (False, ())
    assert "50%" in week.message


def test_a_refusal_has_no_hours() -> None:
    week = finish(when(Scorer(loaded("emotion"), loaded("share")), Post("ok"), None, NOW))
    assert (week.hours, week.matters) == ((), False)
    assert [note.code for note in week.warnings] == ["too_short"]


def test_no_hour_is_lost_when_clocks_change() -> None:
    before = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)
    hours = hours_from(before, "Europe/Warsaw")
    universal = [at.astimezone(UTC) for at in hours]
    assert {b - a for a, b in pairwise(universal)} == {timedelta(hours=1)}
    assert [at.hour for at in hours[:6]] == [23, 0, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"),
        ("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+02:00"),
        ("2026-10-25T02:00:00+01:00", "2026-10-25T02:00:00+01:00"),
        ("2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T03:00:00+02:00", "2026-03-29T03:00:00+02:00"),
    ],
)
def test_the_first_hour_is_the_next_one_also_when_clocks_change(now: str, first: str) -> None:
    assert hours_from(datetime.fromisoformat(now), "Europe/Warsaw")[0].isoformat() == first


def test_zones_off_by_half_an_hour_begin_at_their_own_full_hour() -> None:
    assert hours_from(NOW, "Asia/Kolkata")[0].isoformat() == "2026-11-22T18:00:00+05:30"
