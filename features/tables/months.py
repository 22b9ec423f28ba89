"""Dates with the name of a month, in English and Polish."""

import re
from datetime import datetime

_NAMES = (
    "january jan stycznia styczeń sty",
    "february feb lutego luty lut",
    "march mar marca marzec",
    "april apr kwietnia kwiecień kwi",
    "may maja maj",
    "june jun czerwca czerwiec cze",
    "july jul lipca lipiec lip",
    "august aug sierpnia sierpień sie",
    "september sept sep września wrzesień wrz",
    "october oct października październik paź",
    "november nov listopada listopad lis",
    "december dec grudnia grudzień gru",
)
MONTHS = {name: month for month, names in enumerate(_NAMES, start=1) for name in names.split()}

# "Fri, " or "pt., ", which says nothing that the date does not.
_WEEKDAY = r"(?:[^\W\d]{2,12}\.?, *)?"
_MONTH = r"(?P<month>[^\W\d]{3,12})\.?"
_CLOCK = (
    r"(?:,? +(?:(?:at|o|godz\.?) +)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s?(?P<half>[ap])\.?m\.?)?)?"
)
_WRITTEN = tuple(
    re.compile(_WEEKDAY + date + _CLOCK, re.IGNORECASE)
    for date in (
        rf"{_MONTH} +(?P<day>\d{{1,2}}),? +(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})\.?[ -]{_MONTH},?[ -](?P<year>\d{{4}})(?: ?r\.?)?",
    )
)


def written(text: str) -> datetime | None:
    """Read a date with the name of its month; None where it is none.

    Raises
    ------
    ValueError
        If there is no such day, or no such time of day.

    Examples
    --------
    >>> written("Fri, Nov 28, 2026"), written("28 listopada 2026 14:30")
    (datetime.datetime(2026, 11, 28, 0, 0), datetime.datetime(2026, 11, 28, 14, 30))
    """
    found = next(filter(None, (pattern.fullmatch(text) for pattern in _WRITTEN)), None)
    month = MONTHS.get(found["month"].casefold()) if found else None
    if found is None or month is None:
        return None
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    clock = hour, int(found["minute"] or 0), int(found["second"] or 0)
    return datetime(int(found["year"]), month, int(found["day"]), *clock)
