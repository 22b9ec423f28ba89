"""Which header of a file stands for which column of a format."""

import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from features.errors import CombinedTableError, TableError
from features.tables.formats import Field, TableFormat

YOUTUBE = ("videopublishtime", "czaspublikacjifilmu")
YOUTUBE_WORDS = {
    "content": "videoid", "tresc": "videoid",
    "subscribers": "newsubscribers", "subskrybenci": "newsubscribers",
}  # fmt: skip
"""Where it says when a video came out, YouTube calls its id the content, and those it won the
subscribers."""

AMBIGUOUS = (
    "{name}: {first} and {second} could both be the column {column!r}. Rename the one that is "
    "meant to {column!r}, and the other to something else."
)
MISSING = "{name}: no column {columns} for {table}; it has {has}."
MISSING_ID = (
    "{name}: no column {columns} for {table}; it has {has}. For post_id any column that tells "
    "posts apart will do, such as their links."
)

X = "x"
X_ALONE = {"detailexpands", "hashtagclicks", "permalinkclicks"}
"""Words that only the exports of X have."""
REPOSTING = {X, "threads", "bluesky", "mastodon"}
"""Where a post is passed on as a repost, and what is called a share is a link sent to somebody."""

HEADERS_SHOWN = 20
LONG = "(a header of {characters} characters)"
NO_HEADERS = "none"


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
    fillers
        Canonical name of a text -> headers whose texts stand in where its own are blank.
    clock
        Header of the time of day of `published_at`, where that stands in a column of its own.
    """

    found: dict[str, str]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    fillers: dict[str, tuple[str, ...]]
    clock: str | None = None

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


@dataclass(frozen=True)
class Listing:
    """Headers as a message may list them, the first `HEADERS_SHOWN`.

    A file without a header has a post in its place, so of a long one the length alone is told.

    Examples
    --------
    >>> print(Listing(("Data publikacji", "Dziś o 18 gramy na rynku, wpadajcie!")))
    'Data publikacji', (a header of 36 characters)
    """

    headers: tuple[str, ...]

    def __str__(self) -> str:
        return self.told(str)

    def told(self, translate: Callable[[str], str]) -> str:
        """Return the list, where `translate` has `LONG` and `NO_HEADERS` in another language."""
        more = ("…",) if len(self.headers) > HEADERS_SHOWN else ()
        first = (_shown(header, translate) for header in self.headers[:HEADERS_SHOWN])
        return ", ".join((*first, *more)) or translate(NO_HEADERS)


def _shown(header: str, translate: Callable[[str], str]) -> str:
    short = len(header) <= 40 and len(header.split()) <= 4
    return repr(header) if short else translate(LONG).format(characters=len(header))


def match_headers(
    table: TableFormat,
    headers: Sequence[str],
    name: str,
    given: Container[str] = (),
    platform: str | None = None,
    clock: str | None = None,
) -> Headers:
    """Find the column of `table` that each header stands for.

    The canonical header wins, then the same word in another spelling, then a surer word, then a
    synonym, then a weaker one. Posts passed on (reposts) are shares; where a file has both, the
    platform tells which of them is meant.

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
    platform
        Where all posts of the file went out, if that is known.
    clock
        The header that is known to be that of the time of day, and stands for no column.

    Raises
    ------
    CombinedTableError
        If two headers could be the same column, or a required column is not there: all of them.
    """
    others = [header for header in headers if header != clock]
    words = _words(others)
    where = X if X_ALONE & set(words.values()) else platform
    candidates = {
        field: _candidates(field, others, words, where) for field in (*table.fields, *table.ignored)
    }
    if troubles := list(_troubles(table, headers, name, candidates, given)):
        raise CombinedTableError(troubles)
    found = {field.name: candidates[field][0] for field in table.fields if candidates[field]}
    fillers = {
        field.name: _fillers(field, found[field.name], words)
        for field in table.fields
        if field.kind == "text" and field.name in found
    }
    known = set(chain(*candidates.values(), *fillers.values()))
    read = {*found.values(), *chain(*fillers.values())}
    return Headers(
        found,
        tuple(header for header in others if header in known - read),
        tuple(header for header in others if header not in known),
        fillers,
        clock,
    )


def recognised(table: TableFormat, headers: Sequence[str]) -> set[str]:
    """Names of the columns of `table` that `headers` could stand for."""
    words = _words(headers)
    return {field.name for field in table.fields if _candidates(field, headers, words, None)}


def _troubles(
    table: TableFormat,
    headers: Sequence[str],
    name: str,
    candidates: Mapping[Field, Sequence[str]],
    given: Container[str],
) -> Iterator[TableError]:
    for field in table.fields:
        if len(candidates[field]) > 1:
            *first, second = candidates[field]
            yield TableError(
                AMBIGUOUS,
                name=name,
                first=Listing(tuple(first)),
                second=Listing((second,)),
                column=field.name,
            )
    absent = (field.name for field in table.fields if field.required and not candidates[field])
    missing = [column for column in absent if column not in given]
    if missing:
        yield TableError(
            MISSING_ID if "post_id" in missing else MISSING,
            missing=missing,
            name=name,
            columns=", ".join(missing),
            table=table.name,
            has=Listing(tuple(headers)),
        )


def _candidates(
    field: Field, headers: Sequence[str], words: Mapping[str, str], platform: str | None
) -> list[str]:
    reposts = _meaning(field.reposts, words)
    if reposts and platform in REPOSTING:
        return reposts
    named = _named(field, headers, words)
    return named if named and platform is not None else [*named, *reposts]


def _named(field: Field, headers: Sequence[str], words: Mapping[str, str]) -> list[str]:
    if field.name in headers:
        return [field.name]
    same = _meaning((field.name,), words)
    return (
        same
        or _meaning(field.stronger, words)[:1]
        or _meaning(field.synonyms, words)
        or _meaning(field.weaker, words)[:1]
    )


def _meaning(spellings: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """Headers that are one of `spellings`, in the order of these."""
    return [
        header for word in map(plain, spellings) for header, said in words.items() if said == word
    ]


def _fillers(field: Field, found: str, words: Mapping[str, str]) -> tuple[str, ...]:
    weaker = _meaning(field.weaker, words)
    return tuple(header for header in weaker if header != found) if found in weaker else ()


def _words(headers: Sequence[str]) -> dict[str, str]:
    """What each header says, reduced by `plain`, as the tool that wrote it means it."""
    words = {header: plain(header) for header in headers}
    if not set(YOUTUBE) & set(words.values()):
        return words
    return {header: YOUTUBE_WORDS.get(word, word) for header, word in words.items()}
