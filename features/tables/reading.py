"""Tables as they lie on disk: cells, their row numbers, and nothing understood yet.

CSV, TSV and JSONL are read a bounded line at a time, Parquet a batch at a time, so that a file of
any size passes in constant memory. Excel sheets are read whole: they end at 1,048,576 rows.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import TableError
from features.tables.dialects import SAMPLE_BYTES, detect_encoding
from features.tables.otherfiles import OLD_OFFICE_BEGINS, ZIP_BEGINS, no_workbook, refuse_pdf
from features.tables.parquetfiles import read_parquet
from features.tables.raw import BrokenRow, Fault, RawOptions, RawTable, Source
from features.tables.textfiles import read_text
from features.tables.workbooks import WORKBOOK_SUFFIXES, read_excel

__all__ = ["BrokenRow", "Fault", "RawOptions", "RawTable", "Source", "iter_raw", "read_raw"]

STDIN_NAME = "standard input"


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
    name = str(source) if isinstance(source, Path) else STDIN_NAME
    rows = 0
    for chunk in chunks:
        rows += len(chunk.frame) + len(chunk.broken)
        options.refuse_long(rows, name)
        yield chunk
    if not rows:
        raise TableError(
            "{name}: a header but no rows. Expected at least one row of data.", name=name
        )


def _open_path(path: Path, options: RawOptions) -> Iterator[RawTable]:
    with _reading(path), path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
        file.seek(0)
        _refuse_empty(head, str(path))
        refuse_pdf(head, str(path))
        if head.startswith(b"PAR1"):
            yield from read_parquet(path, options)
        elif head.startswith((ZIP_BEGINS, OLD_OFFICE_BEGINS)):
            yield from read_excel(path, options)
        elif path.suffix.lower() in WORKBOOK_SUFFIXES:
            raise no_workbook(path)
        else:
            encoding = options.encoding or detect_encoding(head, file, str(path))
            file.seek(0)
            yield from read_text(file, str(path), encoding, path.suffix.lower(), options)


def _stream(stream: BinaryIO, options: RawOptions) -> Iterator[RawTable]:
    with _reading(STDIN_NAME):
        head = stream.read(SAMPLE_BYTES)
        _refuse_empty(head, STDIN_NAME)
        refuse_pdf(head, STDIN_NAME)
        if head.startswith((b"PAR1", ZIP_BEGINS, OLD_OFFICE_BEGINS)):
            raise TableError(
                f"{STDIN_NAME}: takes CSV, TSV or JSONL. Give Parquet and Excel as a file."
            )
        encoding = options.encoding or detect_encoding(head, None, STDIN_NAME)
        whole = io.BufferedReader(_Rewound(head, stream))
        yield from read_text(whole, STDIN_NAME, encoding, "", options)


@contextmanager
def _reading(place: Path | str) -> Iterator[None]:
    """Turn what the libraries raise on bad files into one line."""
    try:
        yield
    except FileNotFoundError as err:
        raise TableError(f"{place}: no such file.") from err
    except UnicodeError as err:
        reason = f"not {err.encoding}" if isinstance(err, UnicodeDecodeError) else "undecodable"
        raise TableError(
            "{name}: text that is {reason} throughout. Say its --encoding.",
            name=str(place),
            reason=reason,
        ) from err
    except LookupError as err:
        raise TableError(f"{place}: {err}. Expected --encoding such as utf-8 or cp1250.") from err
    except pa.ArrowException as err:
        raise TableError("{name}: a truncated or damaged Parquet file.", name=str(place)) from err
    except OSError as err:
        raise TableError(
            "{name}: cannot be read ({reason}).", name=str(place), reason=err.strerror or "damaged"
        ) from err


def _refuse_empty(head: bytes, name: str) -> None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise TableError(
            "{name}: an empty file. Expected a header and at least one row.", name=name
        )


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
