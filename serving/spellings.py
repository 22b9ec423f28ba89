"""The words of a request, in every spelling that is understood; `/openapi.json` tells the same."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from features.schema import (
    FIRST_YEAR,
    LAST_YEAR,
    MEDIA_ALIASES,
    MEDIA_TYPES,
    PLATFORM_ALIASES,
    PLATFORMS,
)
from features.tables.words import language_code, two_letter_languages

TIME = "Expected a time such as 2026-11-28T18:00:00+01:00"

_BLANK = " \t\r\n"
_AROUND = r"[ \t\r\n]*"


def repair(value: Any) -> Any:
    """Pair up surrogates and replace lone ones, which no store and no encoder can take."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable(value: Any) -> Any:
    """Replace also NUL, which PostgreSQL takes in no text; for what a store is asked by."""
    repaired = repair(value)
    return repaired.replace("\x00", "\ufffd") if isinstance(repaired, str) else repaired


def _any_case(name: str) -> str:
    return "".join(f"[{c.upper()}{c}]" if c.isalpha() else re.escape(c) for c in name)


def _one_of(names: Iterable[str]) -> str:
    """A pattern for any of some names, in either case and with blanks around."""
    return f"^{_AROUND}(?:{'|'.join(_any_case(name) for name in names)}){_AROUND}$"


PLATFORM_PATTERN = _one_of((*PLATFORMS, *PLATFORM_ALIASES))
MEDIA_PATTERN = _one_of((*MEDIA_TYPES, *MEDIA_ALIASES))
TIME_PATTERN = rf"^{FIRST_YEAR // 100}[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}"


def _named(kind: str, names: Iterable[str], aliases: Mapping[str, str], pattern: str) -> Any:
    expected = f"Expected one of {', '.join(names)}"

    def name_of(value: str) -> str:
        if not re.fullmatch(pattern[1:-1], value):
            raise PydanticCustomError(f"prescore_unknown_{kind}", expected)
        name = value.strip(_BLANK).lower()
        return aliases.get(name, name)

    return name_of


def _language(value: str) -> str | None:
    """A code as tables have it; None for one that says that there is no language (`und`)."""
    if not re.fullmatch(_language_pattern()[1:-1], value):
        raise PydanticCustomError(
            "prescore_unknown_language", "Expected an ISO 639 code such as pl or en"
        )
    return language_code(value.strip(_BLANK).lower()) or None


@cache
def _language_pattern() -> str:
    short = "|".join(map(_any_case, sorted(two_letter_languages())))
    return rf"^{_AROUND}(?:{short}|[A-Za-z]{{3}})(?:{_AROUND}|[-_][\s\S]*)$"


def _tell_languages(schema: dict[str, Any]) -> None:
    schema["pattern"] = _language_pattern()


def _timezone(value: str) -> str:
    if value not in _zones():
        raise PydanticCustomError(
            "prescore_unknown_timezone", "Expected an IANA name such as Europe/Warsaw"
        )
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _tell_zones(schema: dict[str, Any]) -> None:
    schema["enum"] = sorted(_zones())


def _written_out(value: Any) -> Any:
    """A time is a text that begins with its date; a bare number would be a riddle."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("prescore_datetime_type", TIME)
    if re.match(r"[0-9]{4}-", value) and not re.match(TIME_PATTERN, value):
        raise PydanticCustomError(
            "prescore_implausible_time", f"Expected a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    if not re.match(TIME_PATTERN, value):
        raise PydanticCustomError("datetime_from_date_parsing", TIME)
    return value


def _pattern(pattern: str) -> Any:
    return Field(json_schema_extra={"pattern": pattern})


Word = Annotated[str, StringConstraints(strict=True, max_length=100), BeforeValidator(repair)]
Platform = Annotated[
    Word,
    AfterValidator(_named("platform", PLATFORMS, PLATFORM_ALIASES, PLATFORM_PATTERN)),
    _pattern(PLATFORM_PATTERN),
]
MediaType = Annotated[
    Word,
    AfterValidator(_named("media_type", MEDIA_TYPES, MEDIA_ALIASES, MEDIA_PATTERN)),
    _pattern(MEDIA_PATTERN),
]
Language = Annotated[Word, AfterValidator(_language), Field(json_schema_extra=_tell_languages)]
TimeZone = Annotated[Word, AfterValidator(_timezone), Field(json_schema_extra=_tell_zones)]
Moment = Annotated[datetime, BeforeValidator(_written_out), _pattern(TIME_PATTERN)]
