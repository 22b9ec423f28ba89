"""Parquet files, a batch at a time."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.tables.raw import RawOptions, RawTable, Source, header_names, refuse_large

CELL_BYTES = 8
"""What each cell takes in memory at the least, and a text beside its letters."""

PREFIXES = "DELTA_BYTE_ARRAY"
DIFFERENCES = {PREFIXES, "DELTA_LENGTH_BYTE_ARRAY"}
"""Encodings that tell texts, or only their lengths, by how they differ from those before. A library
cannot read these once each, and with `PREFIXES` a long text that comes again takes no room."""

FEW_ROWS = 32
"""Rows read at a time where each may unpack to as much as the whole file may."""


def read_parquet(path: Path, options: RawOptions) -> Iterator[RawTable]:
    """Read a Parquet file, a batch at a time.

    Raises
    ------
    TableError
        If it has more rows than `options` allow, or unpacks to more than they do: before it has
        taken the memory, unless the file states sizes that are not so.

    Notes
    -----
    Where a limit holds, lists, structs and maps are not read, and their cells are empty: no column
    of a table is one, and a text within one would be written out as often as it comes.
    """
    name, row = str(path), 1
    about = pq.read_metadata(path)
    options.refuse_long(about.num_rows, name)
    limited = options.most_unpacked is not None
    once, size = _sparing(about, options.rows) if limited else ([], options.rows)
    with pq.ParquetFile(path, read_dictionary=once, metadata=about) as file:
        written = list(file.schema_arrow.names)
        names = dict(zip(written, header_names(written, name), strict=True))
        batches = file.iter_batches(size, columns=_flat(about) if limited else None)
        for batch in _refusing_large(batches, about, options.most_unpacked, name):
            batch.validate(full=True)
            cells = {
                names[column]: _cells(values)
                for column, values in zip(batch.schema.names, batch.columns, strict=True)
            }
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            row += batch.num_rows
            if batch.num_rows:
                heads = list(dict.fromkeys(names.values()))
                frame = pd.DataFrame(cells, index=range(batch.num_rows), columns=heads)
                yield RawTable(Source(name, "parquet"), frame, rows)


def _flat(about: pq.FileMetaData) -> list[str]:
    """Columns without lists, structs and maps, and without those that would be read along."""
    columns = [about.schema.column(index) for index in range(about.num_columns)]
    # The library takes a.b for the column of that name and for what is called b in the struct a.
    along = {
        part
        for column in columns
        if column.path != column.name or column.max_repetition_level
        for part in itertools.accumulate(column.path.split("."), "{}.{}".format)
    }
    return [column.path for column in columns if column.path not in along]


def _sparing(about: pq.FileMetaData, rows: int) -> tuple[list[str], int]:
    """Columns whose texts are read once however often they come, and rows to read at a time.

    It is for files of a bounded size: of a long one all texts read so far would be kept.
    """
    used: dict[str, set[str]] = {}
    for chunk in _chunks(about):
        if chunk.physical_type == "BYTE_ARRAY":
            used.setdefault(chunk.path_in_schema, set()).update(chunk.encodings)
    once = [column for column, encodings in used.items() if not encodings & DIFFERENCES]
    prefixed = any(PREFIXES in encodings for encodings in used.values())
    return once, min(rows, FEW_ROWS) if prefixed else rows


def _refusing_large(
    batches: Iterable[pa.RecordBatch], about: pq.FileMetaData, most: int | None, name: str
) -> Iterator[pa.RecordBatch]:
    """The batches, up to the one with which every cell's own text would be too much."""
    refuse_large(sum(chunk.total_uncompressed_size for chunk in _chunks(about)), most, name)
    unpacked = CELL_BYTES * sum(chunk.num_values for chunk in _chunks(about))
    refuse_large(unpacked, most, name)
    for batch in batches:
        unpacked += sum(map(_text_bytes, batch.columns))
        refuse_large(unpacked, most, name)
        yield batch


def _chunks(about: pq.FileMetaData) -> Iterator[pq.ColumnChunkMetaData]:
    for index in range(about.num_row_groups):
        group = about.row_group(index)
        yield from map(group.column, range(group.num_columns))


def _text_bytes(column: pa.Array) -> int:
    """Bytes that the cells of a column take, those of texts beside `CELL_BYTES` of each."""
    if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
        lengths = pc.binary_length(column.dictionary).take(column.indices)
        return pc.sum(lengths).as_py() or 0
    return int(column.nbytes)


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return any(of(kind) for of in (types.is_string, types.is_large_string, types.is_binary))


def _cells(column: pa.Array) -> pd.Series:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    # A float column would round long ids beside a missing one.
    cells: pd.Series = column.to_pandas(integer_object_nulls=True)
    return cells
