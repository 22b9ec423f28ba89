"""Excel workbooks, one sheet of each."""

import itertools
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from features.errors import TableError
from features.tables import sheetreader
from features.tables.headerrow import ROWS_SEARCHED, HeaderRule, header_of
from features.tables.otherfiles import no_workbook
from features.tables.raw import (
    RawOptions,
    RawTable,
    Record,
    Source,
    chunked,
    header_names,
    refuse_large,
)

WORKBOOK_SUFFIXES = {".xlsx", ".xlsm"}
"""Of what can be nothing but a workbook; web tools write text and HTML as `.xls`."""

TOO_SPREAD = (
    "{name}: too many cells, or cells too far apart. Delete what lies far below or beside the "
    "table and save it again, or save the table as CSV."
)
MAX_WORKBOOK = 1_000_000_000
"""Largest Excel workbook read, in bytes once unpacked: a sheet is held whole."""

SPARE_MEMORY, MEMORY_A_BYTE = 256_000_000, 3
"""Bytes of memory that reading a workbook may take at the least, and for each byte that it may
unpack to. Full sheets take two for each; the spare ones hold seven million empty cells between."""


def read_excel(path: Path, options: RawOptions) -> Iterator[RawTable]:
    """Read one sheet of an Excel workbook, in another process."""
    most = min(MAX_WORKBOOK, options.most_unpacked or MAX_WORKBOOK)
    _refuse_bomb(path, most)
    with _reader(path, options.sheet, SPARE_MEMORY + MEMORY_A_BYTE * most) as reader:
        sheets = _sheets(reader, options.sheet)
        chosen = header_of((_header(rows, options.header) for _, rows in sheets), options.header)
        sheet, head = sheets[chosen]
        place = header_of((_names(cells) for _, cells in head), options.header)
        names = header_names(_names(head[place][1]) if head else [], str(path))
        records: Iterator[tuple[int, Record]] = (
            (number, dict(zip(names, cells, strict=True)))
            for number, cells in itertools.islice(_rows(reader, chosen), place + 1, None)
        )
        source = Source(str(path), "excel", sheet=sheet)
        yield from chunked(source, records, options.rows, [cell for cell in names if cell])


@dataclass(frozen=True)
class _Reader:
    """A process that runs `sheetreader` for the workbook called `name`."""

    process: subprocess.Popen[bytes]
    asked: IO[bytes]
    answers: IO[bytes]
    name: str

    def receive(self) -> Any:
        try:
            return pickle.load(self.answers)
        except (EOFError, pickle.UnpicklingError) as err:
            damaged = self.process.wait() == sheetreader.STUMBLED
            if damaged:
                raise no_workbook(Path(self.name)) from err
            raise TableError(TOO_SPREAD, name=self.name) from err


@contextmanager
def _reader(path: Path, sheet: str | None, memory: int) -> Iterator[_Reader]:
    incoming, outgoing = os.pipe()
    with os.fdopen(incoming, "rb") as answers, os.fdopen(outgoing, "wb") as handed:
        # Without -P modules beside the script would stand in for those of Python.
        command = [sys.executable, "-P", sheetreader.__file__, str(outgoing), str(memory)]
        wanted = [] if sheet is None else [sheet]
        with subprocess.Popen(
            [*command, str(ROWS_SEARCHED), str(path), *wanted],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[outgoing],
        ) as process:
            # The answers end with the process that writes them.
            handed.close()
            try:
                yield _Reader(process, cast(IO[bytes], process.stdin), answers, str(path))
            finally:
                process.kill()


def _sheets(reader: _Reader, wanted: str | None) -> list[tuple[str, list[sheetreader.Row]]]:
    """The sheets that may be meant, by name and first rows."""
    answer, told = reader.receive()
    match answer:
        case sheetreader.PASSWORD:
            raise TableError(
                "{name}: protected by a password. Save it without one.", name=reader.name
            )
        case sheetreader.DAMAGED:
            raise no_workbook(Path(reader.name))
        case sheetreader.NO_SHEET:
            raise TableError(f"{reader.name}: no sheet {wanted!r}; it has {', '.join(told)}.")
    if not told:
        raise TableError(
            "{name}: an empty workbook. Expected a header and at least one row.", name=reader.name
        )
    sheets: list[tuple[str, list[sheetreader.Row]]] = told
    return sheets


def _rows(reader: _Reader, chosen: int) -> Iterator[sheetreader.Row]:
    """The rows that hold anything, of the sheet at a position among those told."""
    reader.asked.write(b"%d\n" % chosen)
    reader.asked.flush()
    while block := reader.receive():
        yield from block


def _header(rows: list[sheetreader.Row], rule: HeaderRule | None) -> list[str]:
    heads = [_names(cells) for _, cells in rows]
    return heads[header_of(heads, rule)] if heads else []


def _names(cells: list[Any]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in cells]


def _refuse_bomb(path: Path, most: int) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as err:
        raise no_workbook(path) from err
    refuse_large(unpacked, most, str(path))
