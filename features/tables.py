"""Tables as they lie on disk: cells, their row numbers, and nothing understood yet.

CSV, TSV and JSONL are read a bounded line at a time, Parquet a batch at a time, so that a file of
any size passes in constant memory. Excel sheets are read whole: they end at 1,048,576 rows.
"""

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine
from numpy.typing import NDArray

from features.dialects import NO_DELIMITER, SAMPLE_BYTES, Layout, detect_encoding, detect_layout
from features.errors import TableError
from features.formats import shown

MAX_LINE = 1 << 20
"""Longest line read, in characters: twenty posts of the longest kind any platform allows."""

MAX_WORKBOOK = 1 << 30
"""Largest Excel workbook read, in bytes once unpacked."""

SAMPLE_LINES = 50
STDIN_NAME = "standard input"
JSON_SUFFIXES = {".jsonl", ".ndjson", ".json"}
TAB_SUFFIXES = {".tsv", ".tab"}
CSV_SUFFIXES = {".csv"} | TAB_SUFFIXES
Kind = Literal["csv", "jsonl", "parquet", "excel"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell. Says what sort of value it was, never the value.

    `row` is what a person sees: the line of a text file (the first line of a row that spans
    several), the row of a sheet, the n-th record of a Parquet file.
    """

    row: int
    column: str
    kind: str
    expected: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.kind}; expected {self.expected}"


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be divided into cells, with its line as it was written."""

    fault: Fault
    content: str


@dataclass(frozen=True)
class Source:
    """What a table was read from, and how."""

    name: str
    kind: Kind
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class RawTable:
    """Cells as written, under the headers as written.

    `frame` holds strings (text files), Python values (JSONL, Excel) or typed columns (Parquet);
    `rows[i]` is the row number of `frame.iloc[i]`.
    """

    source: Source
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    broken: tuple[BrokenRow, ...] = ()


@dataclass(frozen=True)
class RawOptions:
    """How to read what detection cannot know; the defaults detect."""

    encoding: str | None = None
    sheet: str | None = None
    rows: int = 1 << 16


def read_raw(path: Path, options: RawOptions = RawOptions()) -> RawTable:
    """Read a whole table.

    Raises
    ------
    TableError
        If the file is missing, empty, header only, binary, damaged, or no table.
    """
    chunks = list(iter_raw(path, options))
    if len(chunks) == 1:
        return chunks[0]
    return replace(
        chunks[0],
        frame=pd.concat([chunk.frame for chunk in chunks], ignore_index=True),
        rows=np.concatenate([chunk.rows for chunk in chunks]),
        broken=tuple(row for chunk in chunks for row in chunk.broken),
    )


def iter_raw(source: Path | BinaryIO, options: RawOptions = RawOptions()) -> Iterator[RawTable]:
    """Read a table in chunks of at most `options.rows` rows.

    Parameters
    ----------
    source
        A file, or a binary stream such as standard input (CSV, TSV or JSONL).
    options
        What to read it with where detection should not decide.

    Raises
    ------
    TableError
        As `read_raw`, at the chunk where the trouble lies.
    """
    chunks = _open_path(source, options) if isinstance(source, Path) else _stream(source, options)
    first = next(chunks, None)
    if first is None:
        name = str(source) if isinstance(source, Path) else STDIN_NAME
        raise TableError(f"{name}: a header but no rows. Expected at least one row of data.")
    yield first
    yield from chunks


def _open_path(path: Path, options: RawOptions) -> Iterator[RawTable]:
    with _reading(path), path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
        file.seek(0)
        _refuse_empty(head, str(path))
        if head.startswith(b"PAR1"):
            yield from _parquet(path, options)
        elif head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            yield from _excel(path, options)
        else:
            encoding = options.encoding or detect_encoding(head, file, str(path))
            file.seek(0)
            yield from _text(file, str(path), encoding, path.suffix.lower(), options)


def _stream(stream: BinaryIO, options: RawOptions) -> Iterator[RawTable]:
    with _reading(STDIN_NAME):
        head = stream.read(SAMPLE_BYTES)
        _refuse_empty(head, STDIN_NAME)
        if head.startswith((b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise TableError(
                f"{STDIN_NAME}: takes CSV, TSV or JSONL. Give Parquet and Excel as a file."
            )
        encoding = options.encoding or detect_encoding(head, None, STDIN_NAME)
        whole = io.BufferedReader(_Rewound(head, stream))
        yield from _text(whole, STDIN_NAME, encoding, "", options)


@contextmanager
def _reading(place: Path | str) -> Iterator[None]:
    """Turn what the libraries raise on bad files into one line."""
    try:
        yield
    except FileNotFoundError as err:
        raise TableError(f"{place}: no such file.") from err
    except UnicodeError as err:
        reason = f"not {err.encoding}" if isinstance(err, UnicodeDecodeError) else "undecodable"
        raise TableError(f"{place}: text that is {reason} throughout. Give its encoding.") from err
    except LookupError as err:
        raise TableError(f"{place}: {err}. Give an encoding such as utf-8 or cp1250.") from err
    except pa.ArrowException as err:
        raise TableError(f"{place}: a truncated or damaged Parquet file.") from err
    except OSError as err:
        raise TableError(f"{place}: cannot be read ({err.strerror or 'damaged'}).") from err


def _refuse_empty(head: bytes, name: str) -> None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise TableError(f"{name}: an empty file. Expected a header and at least one row.")


class _Rewound(io.RawIOBase):
    """A stream that cannot seek, with the bytes already taken from it put back."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        super().__init__()
        self._head = io.BytesIO(head)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._head.read(len(buffer)) or self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


# Text: CSV, TSV and JSONL


def _text(
    file: BinaryIO, name: str, encoding: str, suffix: str, options: RawOptions
) -> Iterator[RawTable]:
    # Half-written surrogates pass here, so that validation can name their row.
    errors = "surrogatepass" if encoding.startswith("utf") else "strict"
    decoded = io.TextIOWrapper(file, encoding, errors=errors, newline="")
    try:
        yield from _divided(_lines(decoded, name), Source(name, "csv", encoding), suffix, options)
    finally:
        # The file belongs to whoever opened it.
        decoded.detach()


def _divided(
    lines: Iterator[str], source: Source, suffix: str, options: RawOptions
) -> Iterator[RawTable]:
    head = list(itertools.islice(lines, SAMPLE_LINES))
    everything = itertools.chain(head, lines)
    opening = next((line.lstrip()[0] for line in head if line.strip()), "")
    if suffix in JSON_SUFFIXES or (suffix not in CSV_SUFFIXES and opening == "{"):
        if opening == "[":
            raise TableError(f"{source.name}: a JSON array. Expected one object on each line.")
        yield from _chunked(replace(source, kind="jsonl"), _json_records(everything), options.rows)
    else:
        layout = Layout("\t") if suffix in TAB_SUFFIXES else detect_layout(head)
        yield from _csv(everything, source, layout, options)


def _lines(file: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Lines with their ends, never more than `MAX_LINE` of one in memory."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise TableError(f"{name}, line {number}: longer than {MAX_LINE:,} characters.")
        if "\x00" in line:
            raise TableError(f"{name}, line {number}: a NUL byte. Expected text.")
        yield line


Record = dict[str, Any] | BrokenRow


def _chunked(
    source: Source,
    records: Iterable[tuple[int, Record]],
    size: int,
    names: list[str] | None = None,
) -> Iterator[RawTable]:
    numbered = iter(records)
    while block := list(itertools.islice(numbered, size)):
        whole = [(row, record) for row, record in block if not isinstance(record, BrokenRow)]
        frame = pd.DataFrame([record for _, record in whole], columns=names, dtype=object)
        rows = np.array([row for row, _ in whole], dtype=np.int64)
        broken = tuple(record for _, record in block if isinstance(record, BrokenRow))
        yield RawTable(source, frame, rows, broken)


def _json_records(lines: Iterable[str]) -> Iterator[tuple[int, Record]]:
    for row, line in enumerate(lines, start=1):
        if line.strip():
            yield row, _json_record(row, line)


def _json_record(row: int, line: str) -> Record:
    expected = "one JSON object on each line"
    try:
        record = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return BrokenRow(Fault(row, "(whole line)", "broken JSON", expected), line)
    if not isinstance(record, dict):
        kind = f"JSON of type {type(record).__name__}"
        return BrokenRow(Fault(row, "(whole line)", kind, expected), line)
    return record


def _csv(
    lines: Iterator[str], source: Source, layout: Layout, options: RawOptions
) -> Iterator[RawTable]:
    body = itertools.islice(lines, layout.skip_lines, None)
    divided = _divide(body, source.name, layout)
    _, header = next(divided, (0, []))
    names = _names(header, source.name)
    delimiter = None if layout.delimiter == NO_DELIMITER else layout.delimiter
    records = _records(divided, names)
    filled = [cell for cell in names if cell]
    yield from _chunked(replace(source, delimiter=delimiter), records, options.rows, filled)


def _divide(
    lines: Iterator[str], name: str, layout: Layout
) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Rows of cells with the line each begins on; a row that cannot be divided, as its error."""
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    while True:
        row = reader.line_num + layout.skip_lines + 1
        try:
            yield row, next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            if "end of data" in str(err) or "field limit" in str(err):
                raise TableError(
                    f"{name}, row {row}: a quote that is opened and never closed, or a cell of "
                    f"more than {csv.field_size_limit():,} characters."
                ) from err
            yield row, err


def _names(header: list[str] | csv.Error, name: str) -> list[str]:
    if isinstance(header, csv.Error):
        raise TableError(f"{name}: a header with quotes in the wrong places.") from header
    names = [cell.strip() for cell in header]
    filled = [cell for cell in names if cell]
    twice = sorted({cell for cell in filled if filled.count(cell) > 1})
    if twice:
        raise TableError(f"{name}: two columns with the header {shown(twice[0])}. Rename one.")
    return names


def _records(
    divided: Iterable[tuple[int, list[str] | csv.Error]], names: list[str]
) -> Iterator[tuple[int, Record]]:
    expected = f"{len(names)} cells"
    for row, cells in divided:
        if isinstance(cells, csv.Error):
            kind = "text after a closing quote"
            yield row, BrokenRow(Fault(row, "(whole row)", kind, "quotes doubled inside"), "")
        elif not any(cells):
            continue
        elif len(cells) != len(names):
            fault = Fault(row, "(whole row)", f"{len(cells)} cells", expected)
            yield row, BrokenRow(fault, "\t".join(cells))
        else:
            yield row, dict(zip(names, cells, strict=True))


# Parquet and Excel


def _parquet(path: Path, options: RawOptions) -> Iterator[RawTable]:
    row = 1
    with pq.ParquetFile(path) as file:
        names = _names(list(file.schema_arrow.names), str(path))
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


def _excel(path: Path, options: RawOptions) -> Iterator[RawTable]:
    _refuse_bomb(path)
    try:
        book = python_calamine.load_workbook(path)
        sheet = _sheet(book, str(path), options.sheet)
    except python_calamine.PasswordError as err:
        raise TableError(f"{path}: protected by a password. Save it without one.") from err
    except python_calamine.CalamineError as err:
        raise TableError(f"{path}: not an Excel workbook, or a damaged one.") from err
    rows = (
        (number, [None if cell == "" else cell for cell in cells])
        for number, cells in enumerate(sheet.iter_rows(), start=1)
    )
    filled = ((number, cells) for number, cells in rows if any(c is not None for c in cells))
    _, header = next(filled, (0, []))
    names = _names(["" if cell is None else str(cell) for cell in header], str(path))
    records: Iterator[tuple[int, Record]] = (
        (number, dict(zip(names, cells, strict=True))) for number, cells in filled
    )
    source = Source(str(path), "excel", sheet=sheet.name)
    yield from _chunked(source, records, options.rows, [cell for cell in names if cell])


def _refuse_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_WORKBOOK:
        raise TableError(f"{path}: a workbook of more than {MAX_WORKBOOK >> 30} GB unpacked.")


def _sheet(book: Any, name: str, wanted: str | None) -> Any:
    """The sheet asked for, or the first that shows and holds anything."""
    if wanted is not None and wanted not in book.sheet_names:
        raise TableError(f"{name}: no sheet {wanted!r}; it has {', '.join(book.sheet_names)}.")
    if wanted is not None:
        return book.get_sheet_by_name(wanted)
    visible = python_calamine.SheetVisibleEnum.Visible
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]
    for sheet in map(book.get_sheet_by_name, shown):
        if sheet.height:
            return sheet
    raise TableError(f"{name}: an empty workbook. Expected a header and at least one row.")
