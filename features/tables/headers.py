"""Which header of a file stands for which column of a format."""

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import islice

from features.errors import TableError
from features.tables.formats import Field, TableFormat

YOUTUBE = ("videopublishtime", "czaspublikacjifilmu")
YOUTUBE_WORDS = {
    "content": "videoid", "tresc": "videoid",
    "subscribers": "newsubscribers", "subskrybenci": "newsubscribers",
}  # fmt: skip
"""Where it says when a video came out, YouTube calls its id the content, and those it won the
subscribers."""

MISSING = "{name}: no column {columns} for {table}; it has {has}."
MISSING_ID = (
    "{name}: no column {columns} for {table}; it has {has}. For post_id any column that tells "
    "posts apart will do, such as their links."
)


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

    The canonical header wins, then the same word in another spelling, then a synonym, then a
    weaker one.

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
                "{name}: {first} and {second} could both be the column {column!r}. Rename the "
                "one that is meant to {column!r}.",
                name=name,
                first=shown(candidates[0]),
                second=shown(candidates[1]),
                column=field.name,
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
        raise TableError(
            MISSING_ID if "post_id" in missing else MISSING,
            name=name,
            columns=", ".join(missing),
            table=table.name,
            has=", ".join(map(shown, headers[:20])) or "none",
        )
    return Headers(
        found,
        tuple(header for header in spoken_for if header not in found.values()),
        tuple(header for header in headers if header not in spoken_for),
    )


def _candidates(field: Field, headers: Sequence[str]) -> list[str]:
    if field.name in headers:
        return [field.name]
    words = _words(headers)
    synonyms = set(map(plain, field.synonyms))
    same = [header for header, word in words.items() if word == plain(field.name)]
    named = same or [header for header, word in words.items() if word in synonyms]
    if named:
        return named
    weaker = (
        header for synonym in field.weaker for header in words if words[header] == plain(synonym)
    )
    return list(islice(weaker, 1))


def _words(headers: Sequence[str]) -> dict[str, str]:
    """What each header says, reduced by `plain`, as the tool that wrote it means it."""
    words = {header: plain(header) for header in headers}
    if not set(YOUTUBE) & set(words.values()):
        return words
    return {header: YOUTUBE_WORDS.get(word, word) for header, word in words.items()}
