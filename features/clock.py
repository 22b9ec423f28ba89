"""When a post goes out, as its readers' clock and calendar show it.

The local time is that of the post's own `timezone`; without one, that of its language's largest
audience (`ZONES`); without either, UTC. The country, for its holidays, is that of the zone.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.columns import Column
from features.errors import InputError
from features.schema import FIRST_YEAR, LAST_YEAR, FloatArray

CLOCK = "clock"
YES = "yes = 1"
COLUMNS: tuple[Column, ...] = (
    Column("clock_hour_sin", CLOCK, "local hour, sine of the day's circle", "sine", "-1..1"),
    Column("clock_hour_cos", CLOCK, "local hour, cosine of the day's circle", "cosine", "-1..1"),
    Column("clock_weekday", CLOCK, "local day of the week", "Monday = 0", "0..6"),
    Column("clock_weekend", CLOCK, "Saturday or Sunday", YES, "0, 1"),
    Column("clock_holiday", CLOCK, "public holiday in the country of the zone", YES, "0, 1"),
    Column("clock_holiday_eve", CLOCK, "the day before a public holiday", YES, "0, 1"),
)
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)

ZONES = {
    "pl": "Europe/Warsaw",
    "en": "America/New_York",
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es": "Europe/Madrid",
    "pt": "America/Sao_Paulo",
    "it": "Europe/Rome",
    "nl": "Europe/Amsterdam",
    "cs": "Europe/Prague",
    "sk": "Europe/Bratislava",
    "hu": "Europe/Budapest",
    "ro": "Europe/Bucharest",
    "uk": "Europe/Kyiv",
    "ru": "Europe/Moscow",
    "sv": "Europe/Stockholm",
    "da": "Europe/Copenhagen",
    "no": "Europe/Oslo",
    "fi": "Europe/Helsinki",
    "el": "Europe/Athens",
    "tr": "Europe/Istanbul",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "zh": "Asia/Shanghai",
}
"""Where most readers of a language are taken to be: a default, overruled by `timezone`."""

_MERGED_ZONES = {
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "America/Coral_Harbour": "CA",
    "America/Virgin": "VI",
    "Antarctica/South_Pole": "AQ",
    "Atlantic/Jan_Mayen": "SJ",
    "Iceland": "IS",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
}
"""Other names that the tz database links to a zone of another country with the same clock."""

_ABBREVIATIONS = frozenset({"CET", "EET", "EST", "HST", "MET", "MST", "WET"})
"""Linked to one of the countries that keep this time; they are of no country."""

FALLBACK_ZONE = "UTC"
DAY = np.timedelta64(1, "D")
SATURDAY = 5


def clock(
    published_at: Sequence[datetime | None],
    timezones: Sequence[str | None],
    languages: Sequence[str | None],
) -> FloatArray:
    """Tell the local hour and day of each post.

    Parameters
    ----------
    published_at
        n times with a time zone, or a column of such times; a missing one gives a row of NaN.
    timezones
        IANA names; None where the post has none of its own.
    languages
        ISO 639-1 codes; None where unknown.

    Returns
    -------
    ndarray of shape (n, len(NAMES))
        The holiday columns are NaN where no country follows from the zone.

    Raises
    ------
    InputError
        When a time zone is not an IANA name.
    """
    zones = np.array([zone_of(*pair) for pair in zip(timezones, languages, strict=True)], object)
    rows = np.full((len(zones), len(NAMES)), np.nan, dtype=np.float32)
    if all(at is None for at in published_at):
        return rows
    moments = _moments(published_at)
    known = moments.notna()
    for zone in set(zones[known]):
        chosen = known & (zones == zone)
        rows[chosen] = _rows(moments[chosen].tz_convert(zone), country_of(zone))
    return rows


def zone_of(timezone: str | None, language: str | None) -> str:
    """Return the zone that a post's clock is read in.

    Raises
    ------
    InputError
        When `timezone` is not an IANA name.
    """
    if not isinstance(timezone, str) or not timezone:
        return ZONES.get(language, FALLBACK_ZONE) if isinstance(language, str) else FALLBACK_ZONE
    if not is_timezone(timezone):
        raise InputError(
            f"Got timezone={timezone[:40]!r}; expected an IANA name such as Europe/Warsaw."
        )
    return timezone


def is_timezone(name: str) -> bool:
    """Whether the tz database knows the name."""
    return name in _zone_names()


def country_of(zone: str) -> str | None:
    """Return the ISO 3166 code of the country that a zone belongs to, by the tz database.

    Former and other names, such as Europe/Kiev and US/Eastern, are known. None for zones of no
    country, such as UTC and CET.
    """
    return _countries().get(zone)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _countries() -> dict[str, str]:
    table = [line.split("\t") for line in _lines_of("zone.tab") if not line.startswith("#")]
    named = {zone: country for country, _, zone, *_ in table}
    links = [line.split() for line in _lines_of("tzdata.zi") if line.startswith("L ")]
    linked = {
        name: named[zone] for _, zone, name in links if zone in named and name not in _ABBREVIATIONS
    }
    return linked | _MERGED_ZONES | named


def _lines_of(name: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines()


def _moments(published_at: Sequence[datetime | None]) -> pd.DatetimeIndex:
    """Times in UTC; those outside the years that posts may be of are taken as missing."""
    kept = [
        at if at is not None and FIRST_YEAR <= at.year <= LAST_YEAR else None for at in published_at
    ]
    return pd.DatetimeIndex(pd.to_datetime(pd.Series(kept, dtype=object), utc=True))


def _rows(local: pd.DatetimeIndex, country: str | None) -> NDArray[np.float64]:
    angle = 2 * np.pi * (local.hour + local.minute / 60) / 24
    days = local.tz_localize(None).to_numpy().astype("datetime64[D]")
    return np.column_stack(
        [
            np.sin(angle),
            np.cos(angle),
            local.day_of_week,
            np.asarray(local.day_of_week >= SATURDAY, dtype=np.float64),
            _holiday(days, country),
            _holiday((days + DAY).astype("datetime64[D]"), country),
        ]
    )


def _holiday(days: NDArray[np.datetime64], country: str | None) -> NDArray[np.float64]:
    years = days.astype("datetime64[Y]").astype(int) + 1970
    found = np.full(len(days), np.nan)
    for year in np.unique(years):
        free = _holidays(country, int(year)) if country else None
        if free is not None:
            found[years == year] = np.isin(days[years == year], free)
    return found


@cache
def _holidays(country: str, year: int) -> NDArray[np.datetime64] | None:
    """Public holidays of a country, or None where the library has no such country."""
    from holidays import country_holidays, list_supported_countries

    if country not in list_supported_countries():
        return None
    return np.array(sorted(country_holidays(country, years=year)), dtype="datetime64[D]")
