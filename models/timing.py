"""When to post: one draft, and what its score would be in each hour of a week."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from features.account.past import AccountPast
from features.clock import zone_of
from features.schema import Post
from models.ranking import CLOSE, chance
from models.score import Interval, Note
from models.scorer import Scorer, states_of
from models.stepwise import Steps, share_vectors

HOURS = 168
BEST = 3
APART = 3
"""Hours between two recommended ones: neighbours are one recommendation."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the week and what the draft would score then.

    Attributes
    ----------
    at
        In the zone of the readers' clocks.
    beats_median_hour
        Probability of getting further than the same draft in the week's median hour.
    """

    at: datetime
    score: Interval
    beats_median_hour: float

    def to_json(self) -> dict[str, Any]:
        """Return one of the `hours` of `/v1/when`."""
        odds = round(self.beats_median_hour, 4)
        # The last is its name of before, which elsewhere is of the account's median post.
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "score": self.score.to_json(),
            "beats_median_hour": odds,
            "beats_median": odds,
        }


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of a week for one draft.

    Attributes
    ----------
    timezone
        IANA name of the zone of the readers' clocks.
    hours
        In order of time; none when the scorer abstained.
    best
        At most `BEST` hours, the best first; none when the hour does not matter.
    matters
        Whether the best hour's lead over the median hour is more than a close call.
    """

    timezone: str
    hours: tuple[Hour, ...]
    best: tuple[datetime, ...]
    matters: bool
    message: str
    warnings: tuple[Note, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the body of `/v1/when`."""
        return {
            "timezone": self.timezone,
            "hours": [hour.to_json() for hour in self.hours],
            "best": [at.isoformat(timespec="seconds") for at in self.best],
            "matters": self.matters,
            "message": self.message,
            "warnings": [note.to_json() for note in self.warnings],
        }


def when(scorer: Scorer, post: Post, past: AccountPast | None, now: datetime) -> Steps[Week]:
    """Forecast a draft in each hour of the week from its planned time, or from `now`.

    The account's state is held as it is at the first hour: only the clock differs, so that a
    longer silence before a later hour is not taken for the hour's merit.
    """
    first = post.published_at or now
    score = scorer.score([replace(post, published_at=first)], [past])[0]
    yield
    post = replace(post, language=score.language)
    zone = zone_of(post.timezone, post.language)
    if score.refusal is not None:
        return Week(zone, (), (), False, score.refusal.message, (score.refusal, *score.warnings))
    moments = hours_from(first, zone)
    vectors = yield from share_vectors(scorer, [post.text])
    starting = replace(post, published_at=moments[0])
    states = states_of([starting], [past])
    forecast = scorer.share.at_times(starting, vectors, states, past, moments)
    hours = _hours(scorer, post.platform, forecast, moments)
    return _week(zone, hours, score.warnings)


def hours_from(first: datetime, zone: str) -> list[datetime]:
    """The full hours of a week from a time on, on the clocks of a zone."""
    local = first.astimezone(ZoneInfo(zone))
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    hour = timedelta(hours=1)
    # Added in UTC: when clocks change, no hour is left out and none comes twice.
    start = first.astimezone(UTC) + (-past % hour)
    return [(start + n * hour).astimezone(ZoneInfo(zone)) for n in range(HOURS)]


def _hours(
    scorer: Scorer,
    platform: str | None,
    forecast: tuple[NDArray[np.float64], ...],
    moments: Sequence[datetime],
) -> tuple[Hour, ...]:
    score = forecast[0].astype(np.float32)
    usual = np.full_like(score, np.median(score))
    odds = chance(score, usual, *scorer.share.luck([platform, platform]))
    return tuple(
        Hour(at, Interval(*map(float, bounds)), float(beats))
        for at, beats, *bounds in zip(moments, odds, *forecast, strict=True)
    )


def _week(zone: str, hours: tuple[Hour, ...], warnings: tuple[Note, ...]) -> Week:
    ranked = sorted(hours, key=lambda hour: (-hour.score.value, hour.at))
    top = ranked[0]
    matters = top.beats_median_hour >= CLOSE
    best = best_hours(ranked) if matters else ()
    odds = f"{top.beats_median_hour:.0%}"
    message = (
        f"The best hour gets further than the week's median hour with a probability of {odds}."
        if matters
        else "The hour makes no difference that can be told: even the best one gets further than "
        f"the week's median hour with a probability of {odds} only."
    )
    unknown = ("unknown_time",)
    kept = tuple(note for note in warnings if note.code not in unknown)
    return Week(zone, hours, best, matters, message, kept)


def best_hours(ranked: Sequence[Hour]) -> tuple[datetime, ...]:
    """The first hours of a ranking that lie `APART` or more hours from each other."""
    chosen: list[datetime] = []
    for hour in ranked:
        if all(abs(hour.at - other) >= timedelta(hours=APART) for other in chosen):
            chosen.append(hour.at)
        if len(chosen) == BEST:
            break
    return tuple(chosen)
