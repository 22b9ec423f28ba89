"""Which header of a file stands for which column of a format."""

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass

from features.errors import TableError
from features.tables.formats import Field, TableFormat

POST_ID_HINT = "For post_id any column that tells posts apart will do, such as their links."


@dataclass(frozen=True)
class Headers:
    """Which header of a file stands for which column.

    Attributes
    ----------
    found
        Canonical name -> header as written.
    ignored
        Headers that the format knows and does not read (results, when scoring).
    unknown
        Headers that mean nothing here.
    """

    found: dict[str, str]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def renamed(self) -> dict[str, str]:
        """Canonical name -> header, for the headers in another spelling."""
        return {name: header for name, header in self.found.items() if name != header}


def plain(header: str) -> str:
    """Reduce a header to its letters and digits: case, accents and separators do not count.

    Examples
    --------
    >>> plain(" Liczba_Udostępnień ")
    'liczbaudostepnien'
    """
    split = unicodedata.normalize("NFKD", header.casefold().replace("ł", "l"))
    return re.sub(r"[^a-z0-9]", "", split)


def shown(header: str) -> str:
    """A header as an error may show it: a file without one has a post in its place.

    Examples
    --------
    >>> shown("Data publikacji")
    "'Data publikacji'"
    >>> shown("Dziś o 18 gramy na rynku, wpadajcie!")
    '(a header of 36 characters)'
    """
    short = len(header) <= 40 and len(header.split()) <= 4
    return repr(header) if short else f"(a header of {len(header)} characters)"


def match_headers(
    table: TableFormat, headers: Sequence[str], name: str, given: Container[str] = ()
) -> Headers:
    """Find the column of `table` that each header stands for.

    The canonical header wins, then the same word in another spelling, then a synonym.

    Parameters
    ----------
    table
        The format.
    headers
        The file's headers, as written.
    name
        What to call the file in an error.
    given
        Required columns that may be missing, their value being given otherwise.

    Raises
    ------
    TableError
        If two headers could be the same column, or a required column is not there.
    """
    found: dict[str, str] = {}
    spoken_for: dict[str, str] = {}
    for field in (*table.fields, *table.ignored):
        candidates = _candidates(field, headers)
        if len(candidates) > 1 and field in table.fields:
            raise TableError(
                f"{name}: {' and '.join(map(shown, candidates))} could both be the column "
                f"{field.name!r}. Rename the one that is meant to {field.name!r}."
            )
        spoken_for |= dict.fromkeys(candidates, field.name)
        if candidates and field in table.fields:
            found[field.name] = candidates[0]
    missing = [
        field.name
        for field in table.fields
        if field.required and field.name not in found and field.name not in given
    ]
    if missing:
        has = ", ".join(map(shown, headers[:20])) or "none"
        told = f"{name}: no column {', '.join(missing)} for {table.name}; it has {has}."
        raise TableError(f"{told} {POST_ID_HINT}" if "post_id" in missing else told)
    return Headers(
        found,
        tuple(header for header in spoken_for if header not in found.values()),
        tuple(header for header in headers if header not in spoken_for),
    )


def _candidates(field: Field, headers: Sequence[str]) -> list[str]:
    if field.name in headers:
        return [field.name]
    same = [header for header in headers if plain(header) == plain(field.name)]
    synonyms = {plain(synonym) for synonym in field.synonyms}
    return same or [header for header in headers if plain(header) in synonyms]
