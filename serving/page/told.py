"""What went wrong, in the language of the page and with its words."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Cookie, Depends, Header

from features.errors import CombinedTableError, PrescoreError
from features.tables.headers import Listing
from serving.page.file_words import FIELDS
from serving.page.words import catalogue, choose

KEPT = "prescore_language"

Kept = Annotated[str | None, Cookie(alias=KEPT)]
Accepted = Annotated[str, Header(alias="Accept-Language")]


async def _spoken(kept: Kept = None, accepted: Accepted = "") -> str:
    return choose(None, kept, accepted)


Spoken = Annotated[str, Depends(_spoken)]
"""The language of the page that asks."""


def told(err: PrescoreError, language: str) -> str:
    """Return the line of an error in a language; in English where there is no translation."""
    if isinstance(err, CombinedTableError):
        return "\n".join(told(one, language) for one in err.errors)
    template = catalogue(language).gettext(err.template)
    if template == err.template:
        return str(err)
    return template.format(**_values(err.values, language))


def _values(values: Mapping[str, object], language: str) -> Mapping[str, object]:
    """Columns by the names that the page has for them, and `column_name` as files have it."""
    found = {
        name: value.told(catalogue(language).gettext) if isinstance(value, Listing) else value
        for name, value in values.items()
    }
    if "columns" in values:
        found["columns"] = ", ".join(
            _column(name, language) for name in str(values["columns"]).split(", ")
        )
    if "column" in values:
        name = str(values["column"])
        found |= {"column": _column(name, language), "column_name": name}
    return found


def _column(name: str, language: str) -> str:
    word = FIELDS.get(f"column_{name}")
    return catalogue(language).gettext(word) if isinstance(word, str) else name
