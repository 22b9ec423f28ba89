"""Tables of text, CSV, TSV and JSONL, read a bounded line at a time."""

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from features.errors import TableError
from features.tables.dialects import DELIMITERS, NO_DELIMITER, Layout, detect_layout
from features.tables.headerrow import ROWS_SEARCHED, HeaderRule, header_of
from features.tables.raw import (
    BrokenRow,
    Fault,
    RawOptions,
    RawTable,
    Record,
    Source,
    chunked,
    header_names,
)

MAX_LINE = 1 << 20
"""Longest line read, in characters: twenty posts of the longest kind any platform allows."""

SAMPLE_LINES = 50
JSON_SUFFIXES = {".jsonl", ".ndjson", ".json"}
TAB_SUFFIXES = {".tsv", ".tab"}
MARKUP = ("<!doctype", "<html", "<head", "<body", "<table", "<?xml")
CSV_SUFFIXES = {".csv"} | TAB_SUFFIXES

_Row = tuple[int, list[str] | csv.Error, str]
"""The line a row begins on, its cells or why it has none, and the row as it was written."""


def read_text(
    file: BinaryIO, name: str, encoding: str, suffix: str, options: RawOptions
) -> Iterator[RawTable]:
    """Read CSV, TSV or JSONL from an open file, which is left open."""
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
    first = next((line.strip() for line in head if line.strip()), "")
    _refuse_markup(first, source.name)
    if suffix in JSON_SUFFIXES or _is_json(first, suffix):
        _refuse_no_lines(first, head, source.name)
        yield from chunked(replace(source, kind="jsonl"), _json_records(everything), options.rows)
    else:
        layout = Layout("\t") if suffix in TAB_SUFFIXES else detect_layout(head)
        layout = _below_notes(layout, head, options.header)
        yield from _csv(everything, source, layout, options)


def _refuse_markup(first: str, name: str) -> None:
    if first.lower().startswith(MARKUP):
        raise TableError(
            "{name}: a web page or XML, not a table. Download the export again, or open the file "
            "in a spreadsheet and save it as XLSX.",
            name=name,
        )


def _is_json(first: str, suffix: str) -> bool:
    if suffix in CSV_SUFFIXES:
        return first in {"{", "["} or first.startswith(('{"', '[{"'))
    return first.startswith("{")


def _refuse_no_lines(first: str, lines: Iterable[str], name: str) -> None:
    """JSON is a table only where its lines are objects of their own."""
    if first.startswith("["):
        raise TableError("{name}: a JSON array. Expected one object on each line.", name=name)
    if not any(isinstance(_json_record(0, line), dict) for line in lines):
        raise TableError(
            "{name}: JSON that is no table. Expected one object on each line.", name=name
        )


def _below_notes(layout: Layout, lines: list[str], rule: HeaderRule | None) -> Layout:
    """The layout with the header that is wanted, where notes stand above it."""
    starts = range(layout.skip_lines, min(len(lines), ROWS_SEARCHED))
    delimiters = (layout.delimiter, *(one for one in DELIMITERS if one != layout.delimiter))
    layouts = [Layout(delimiter, start) for start in starts for delimiter in delimiters]
    rows = (_first_row(lines[one.skip_lines :], one.delimiter) for one in layouts)
    return layouts[header_of(rows, rule)] if layouts else layout


def _first_row(lines: list[str], delimiter: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return []


def _lines(file: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Lines with their ends, never more than `MAX_LINE` of one in memory."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise TableError(
                "{name}, line {line}: longer than {most:,} characters.",
                name=name, line=number, most=MAX_LINE,
            )  # fmt: skip
        if "\x00" in line:
            raise TableError(
                "{name}, line {line}: a NUL byte. Expected text.", name=name, line=number
            )
        yield line


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
        return BrokenRow(Fault(row, "(whole line)", "JSON that is no object", expected), line)
    return record


def _csv(
    lines: Iterator[str], source: Source, layout: Layout, options: RawOptions
) -> Iterator[RawTable]:
    body = itertools.islice(lines, layout.skip_lines, None)
    divided = _divide(body, source.name, layout)
    _, header, _ = next(divided, (0, [], ""))
    names = _header(header, source.name)
    delimiter = None if layout.delimiter == NO_DELIMITER else layout.delimiter
    records = _records(divided, names)
    filled = [cell for cell in names if cell]
    yield from chunked(replace(source, delimiter=delimiter), records, options.rows, filled)


def _divide(lines: Iterator[str], name: str, layout: Layout) -> Iterator[_Row]:
    """Divide lines into rows of cells; a row that cannot be divided comes as its error."""
    written: list[str] = []
    reader = csv.reader(_noted(lines, written), delimiter=layout.delimiter, strict=True)
    while True:
        row = reader.line_num + layout.skip_lines + 1
        written.clear()
        try:
            cells: list[str] | csv.Error = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            if "end of data" in str(err) or "field limit" in str(err):
                raise TableError(
                    "{name}, row {row}: a quote that is opened and never closed, or a cell of "
                    "more than {most:,} characters.",
                    name=name,
                    row=row,
                    most=csv.field_size_limit(),
                ) from err
            cells = err
        yield row, cells, "".join(written).rstrip("\r\n")


def _noted(lines: Iterable[str], written: list[str]) -> Iterator[str]:
    """Pass lines on, each noted as written."""
    for line in lines:
        written.append(line)
        yield line


def _header(header: list[str] | csv.Error, name: str) -> list[str]:
    if isinstance(header, csv.Error):
        raise TableError("{name}: a header with quotes in the wrong places.", name=name) from header
    return header_names(header, name)


def _records(divided: Iterable[_Row], names: list[str]) -> Iterator[tuple[int, Record]]:
    expected = f"{len(names)} cells"
    for row, cells, written in divided:
        if isinstance(cells, csv.Error):
            kind = "text after a closing quote"
            yield row, BrokenRow(Fault(row, "(whole row)", kind, "quotes doubled inside"), written)
        elif not any(cells):
            continue
        elif len(cells) != len(names):
            fault = Fault(row, "(whole row)", f"{len(cells)} cells", expected)
            yield row, BrokenRow(fault, written)
        else:
            yield row, dict(zip(names, cells, strict=True))
