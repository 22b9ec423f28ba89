"""Tables that are no text: Parquet files and Excel workbooks."""

import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine

from features.errors import TableError
from features.tables.headerrow import ROWS_SEARCHED, HeaderRule, header_of
from features.tables.raw import RawOptions, RawTable, Record, Source, chunked, header_names

WORKBOOK_SUFFIXES = {".xlsx", ".xlsm"}
"""Of what can be nothing but a workbook; web tools write text and HTML as `.xls`."""

NO_WORKBOOK = "{name}: not an Excel workbook, or a damaged one."
MAX_WORKBOOK = 1_000_000_000
"""Largest Excel workbook read, in bytes once unpacked: a sheet is held whole."""


def read_parquet(path: Path, options: RawOptions) -> Iterator[RawTable]:
    """Read a Parquet file, a batch at a time."""
    row = 1
    with pq.ParquetFile(path) as file:
        about = file.metadata
        options.refuse_long(about.num_rows, str(path))
        groups = (about.row_group(index) for index in range(about.num_row_groups))
        unpacked = sum(group.total_byte_size for group in groups)
        _refuse_large(unpacked, options.most_unpacked, str(path))
        names = header_names(list(file.schema_arrow.names), str(path))
        for batch in file.iter_batches(options.rows):
            batch.validate(full=True)
            columns = {
                name: _cells(column) for name, column in zip(names, batch.columns, strict=True)
            }
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            row += batch.num_rows
            if batch.num_rows:
                yield RawTable(Source(str(path), "parquet"), pd.DataFrame(columns), rows)


def _cells(column: pa.Array) -> pd.Series:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    # A float column would round long ids beside a missing one.
    cells: pd.Series = column.to_pandas(integer_object_nulls=True)
    return cells


def read_excel(path: Path, options: RawOptions) -> Iterator[RawTable]:
    """Read one sheet of an Excel workbook."""
    _refuse_bomb(path, min(MAX_WORKBOOK, options.most_unpacked or MAX_WORKBOOK))
    try:
        book = python_calamine.load_workbook(path)
        sheet = _sheet(book, str(path), options)
    except python_calamine.PasswordError as err:
        raise TableError(
            "{name}: protected by a password. Save it without one.", name=str(path)
        ) from err
    except python_calamine.CalamineError as err:
        raise TableError(NO_WORKBOOK, name=str(path)) from err
    filled = _filled(sheet)
    head = list(itertools.islice(filled, ROWS_SEARCHED))
    place = header_of((_names(cells) for _, cells in head), options.header)
    names = header_names(_names(head[place][1]) if head else [], str(path))
    records: Iterator[tuple[int, Record]] = (
        (number, dict(zip(names, cells, strict=True)))
        for number, cells in itertools.chain(head[place + 1 :], filled)
    )
    source = Source(str(path), "excel", sheet=sheet.name)
    yield from chunked(source, records, options.rows, [cell for cell in names if cell])


def _filled(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold anything, with their numbers."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [None if cell == "" else cell for cell in row]
        if any(cell is not None for cell in cells):
            yield number, cells


def _names(cells: list[Any]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in cells]


def _refuse_bomb(path: Path, most: int) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as err:
        raise TableError(NO_WORKBOOK, name=str(path)) from err
    _refuse_large(unpacked, most, str(path))


def _refuse_large(unpacked: int, most: int | None, name: str) -> None:
    if most is not None and unpacked > most:
        raise TableError(
            "{name}: more than {most} MB unpacked. Divide it into smaller files.",
            name=name,
            most=most // 1_000_000,
        )


def _sheet(book: Any, name: str, options: RawOptions) -> Any:
    """The sheet asked for, or of those that show and hold anything the first with the header."""
    wanted = options.sheet
    if wanted is not None and wanted not in book.sheet_names:
        raise TableError(f"{name}: no sheet {wanted!r}; it has {', '.join(book.sheet_names)}.")
    if wanted is not None:
        return book.get_sheet_by_name(wanted)
    visible = python_calamine.SheetVisibleEnum.Visible
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]
    sheets = [sheet for sheet in map(book.get_sheet_by_name, shown) if sheet.height]
    if not sheets:
        raise TableError(
            "{name}: an empty workbook. Expected a header and at least one row.", name=name
        )
    return sheets[header_of((_header(sheet, options.header) for sheet in sheets), options.header)]


def _header(sheet: Any, rule: HeaderRule | None) -> list[str]:
    rows = [_names(cells) for _, cells in itertools.islice(_filled(sheet), ROWS_SEARCHED)]
    return rows[header_of(rows, rule)] if rows else []
