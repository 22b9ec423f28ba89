"""The process that reads one workbook: whatever the workbook asks for, only this one pays.

Of a sheet all that lies between its cells is held too, and where two are a million rows apart the
library ends the process for want of memory. It is run as a script and imports little, so that it
starts in a few hundredths of a second.

Its arguments are the descriptor of a pipe, the bytes of memory that it may take, how many rows may
stand above a header, the path, and the sheet if one is wanted. Into the pipe, where nothing else
that a Python runs would print, it writes pickles: first `PASSWORD`, `DAMAGED`, `NO_SHEET` with the
names that there are, or `SHEETS` with the name and the first rows of each sheet that may be meant.
Then it is told on its standard input which of these it is, by position, and writes all rows of that
one in blocks, then an empty block.
"""

import itertools
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

import python_calamine

PASSWORD = "password"
DAMAGED = "damaged"
NO_SHEET = "no sheet"
SHEETS = "sheets"

STUMBLED, OUT_OF_MEMORY = 1, 3
"""Exit status after an error that nobody foresaw, and where Python gets no more memory. Where the
library gets none, or time is up, the system ends the process."""

MOST_SECONDS = 300
"""Of work; a sheet as large as Excel allows takes twenty."""

BLOCK = 200
"""Rows in a pickle. One for each took a sixth longer to read a sheet of 20,000; all in one would be
held whole beside it."""

Row = tuple[int, list[Any]]
"""Number and cells of a row that holds anything; None in empty cells."""


def main(
    answers: BinaryIO, memory: int, searched: int, path: str, wanted: str | None = None
) -> None:
    """Read a workbook; see above."""
    _limit(memory)
    send = partial(pickle.dump, file=answers, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        book = python_calamine.load_workbook(path)
        if wanted is not None and wanted not in book.sheet_names:
            send((NO_SHEET, book.sheet_names))
            return
        sheets = _shown(book) if wanted is None else [book.get_sheet_by_name(wanted)]
    except python_calamine.PasswordError:
        send((PASSWORD, None))
        return
    except python_calamine.CalamineError:
        send((DAMAGED, None))
        return
    heads = [(sheet.name, list(itertools.islice(_filled(sheet), searched))) for sheet in sheets]
    send((SHEETS, heads))
    answers.flush()
    rows = _filled(sheets[int(sys.stdin.readline())])
    while block := list(itertools.islice(rows, BLOCK)):
        send(block)
    send([])


def _limit(memory: int) -> None:
    """Bound what this process takes, where the system can; it leaves no dump with posts in it."""
    with suppress(ImportError):
        import resource

        limits = (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, MOST_SECONDS),
            (resource.RLIMIT_CORE, 0),
        )
        for limit, most in limits:
            # One that is refused is lower already, or is one that macOS does not have.
            with suppress(ValueError, OSError):
                resource.setrlimit(limit, (most, most))


def _shown(book: python_calamine.CalamineWorkbook) -> list[python_calamine.CalamineSheet]:
    """The sheets that show and hold anything."""
    visible = python_calamine.SheetVisibleEnum.Visible
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]
    return [sheet for sheet in map(book.get_sheet_by_name, shown) if sheet.height]


def _filled(sheet: python_calamine.CalamineSheet) -> Iterator[Row]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [None if cell == "" else cell for cell in row]
        if any(cell is not None for cell in cells):
            yield number, cells


if __name__ == "__main__":
    try:
        with os.fdopen(int(sys.argv[1]), "wb") as pipe:
            main(pipe, int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
