"""A table that somebody dropped on the page: kept for as long as it is read, then gone."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Annotated

from fastapi import Query

from features.errors import CombinedTableError, TableError
from features.tables.badrows import read_bad_rows
from features.tables.headers import Headers
from features.tables.raw import RawOptions
from features.tables.validation import ReadOptions
from serving.spellings import TimeZone

LONGEST_CELL = 200
"""Characters of a refused row that are shown beside what is wrong with it."""

STEM_BYTES = 160
ENDING_BYTES = 20
"""Of a file name; file systems take 255 in all, and letters may take four each."""

SMALL_TABLE = 10_000_000
TIMES_UNPACKED = 50
"""A dropped file may unpack to so many bytes, and to so many more for each of its own; workbooks
unpack to ten or twenty times their size."""

REASON = ("row", "column", "kind", "expected")

FileName = Annotated[str, Query(min_length=1, max_length=300, alias="name")]
Zone = Annotated[TimeZone, Query()]
DayFirst = Annotated[bool | None, Query()]


@contextmanager
def uploaded(name: str, content: bytes) -> Iterator[Path]:
    """Yield a file with the content, under a harmless form of its name.

    Raises
    ------
    TableError
        Whatever reading raises, told without the folder that the file lay in.
    """
    with tempfile.TemporaryDirectory(prefix="prescore-") as folder:
        path = Path(folder) / safe(name)
        path.write_bytes(content)
        try:
            yield path
        except TableError as err:
            raise _without(f"{folder}/", err) from err


def _without(folder: str, err: TableError) -> TableError:
    if isinstance(err, CombinedTableError):
        return CombinedTableError([_without(folder, one) for one in err.errors])
    values = {
        name: value.replace(folder, "") if isinstance(value, str) else value
        for name, value in err.values.items()
    }
    return TableError(err.template.replace(folder, ""), missing=err.missing, **values)


def safe(name: str) -> str:
    """Return a file name of letters, digits, dots and dashes, with its ending.

    Examples
    --------
    >>> safe("../../Posty (marzec).xlsx")
    'Posty-marzec.xlsx'
    """
    last = PurePath(re.split(r"[/\\]", name)[-1])
    stem, ending = (re.sub(r"[^\w-]+", "-", part).strip("-") for part in (last.stem, last.suffix))
    return f"{_cut(stem, STEM_BYTES) or 'table'}{ending and '.'}{_cut(ending, ENDING_BYTES)}"


def _cut(text: str, most: int) -> str:
    """The beginning of a text, in whole characters of at most so many bytes in all."""
    return text.encode()[:most].decode(errors="ignore")


def options(path: Path, zone: str, day_first: bool | None, most_rows: int) -> ReadOptions:
    """Return how dropped tables are read: bad rows are set aside, never a reason to stop.

    Only so many rows are, and nothing that is far larger than what was sent: whoever drops a
    table shares the service with others.
    """
    return ReadOptions(
        raw=RawOptions(
            most_rows=most_rows,
            most_unpacked=SMALL_TABLE + TIMES_UNPACKED * path.stat().st_size,
        ),
        skip_bad_rows=True,
        bad_rows_out=aside(path),
        naive_zone=zone,
        day_first=day_first,
    )


def aside(path: Path) -> Path:
    """Return where the bad rows of a table go: two dots, as in no name that `safe` gives."""
    return path.with_name("refused.bad-rows.csv")


def problems(path: Path, headers: Headers | None) -> list[dict[str, object]]:
    """Return what is wrong with each bad row of a table, and how the row begins.

    Parameters
    ----------
    path
        The table, after it was read.
    headers
        Which header stood for which column; None where that was never found out.
    """
    if not aside(path).exists():
        return []
    canonical = {header: name for name, header in headers.found.items()} if headers else {}
    text = headers.found.get("text") if headers else None
    found = [_problem(row, canonical, text) for row in read_bad_rows(aside(path))]
    return sorted(found, key=lambda problem: int(str(problem["row"])))


def _problem(
    row: Mapping[str, str], canonical: Mapping[str, str], text: str | None
) -> dict[str, object]:
    begins = (row.get(text) if text else None) or row.get("line") or ""
    return {
        **{name: row[name] for name in REASON},
        "row": int(row["row"]),
        "field": canonical.get(row["column"]),
        "begins": begins[:LONGEST_CELL],
    }


def matched(headers: Headers, unread: Mapping[str, int]) -> dict[str, object]:
    """Return which headers were taken for which column, which were left, and what was unreadable.

    Parameters
    ----------
    headers
        As matched.
    unread
        Header -> cells that count as missing.
    """
    return {
        "found": headers.found,
        "clock": headers.clock,
        "ignored": list(headers.ignored),
        "unknown": list(headers.unknown),
        "unread": dict(unread),
    }
