"""Bad rows: told to a person in a few lines, or set aside in a file with their reasons."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from features.errors import TableError
from features.tables.cells import as_texts
from features.tables.dialects import DELIMITERS
from features.tables.headers import Headers
from features.tables.reading import Fault, RawTable
from features.tables.spreadsheets import as_written, harmless

FAULTS_SHOWN = 20
_REASON = ("row", "column", "kind", "expected")


def complaint(
    name: str, faults: Sequence[Fault], bad: int, total: int, headers: Headers | None = None
) -> TableError:
    """One line on how many rows are bad, then one for each of the first `FAULTS_SHOWN` kinds."""
    alike: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.column, fault.kind, fault.expected), []).append(fault)
    told = list(alike.values())[:FAULTS_SHOWN]
    left = bad - sum(map(len, told))
    more = [f"  … and {left} more"] if left else []
    return TableError(
        "{name}: {bad} of {total} {rows} cannot be used; mend them or use --skip-bad-rows.{faults}",
        name=name,
        bad=bad,
        total=total,
        rows="row" if total == 1 else "rows",
        faults="\n".join(["", *(f"  {_together(group)}" for group in told), *more]),
        headers=headers,
    )


def _together(faults: Sequence[Fault]) -> str:
    return str(faults[0]) if len(faults) == 1 else f"{len(faults)} rows, first in {faults[0]}"


class BadRows:
    """The file that bad rows go to: reasons and cells as the source divides them, begun anew.

    Parameters
    ----------
    path
        Where to. Nothing is written before there is a bad row.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns: list[str] = []

    def add(self, raw: RawTable, faults: Mapping[int, Fault]) -> None:
        """Write the rows of `raw` at the positions of `faults`, and its broken ones.

        What is longer than readers of CSV take, 131,072 characters, is cut.

        Raises
        ------
        TableError
            If the file cannot be written.
        """
        first = not self._columns
        if first:
            self._columns = [*_REASON, "line", *map(str, raw.frame.columns)]
        try:
            with self.path.open(
                "w" if first else "a",
                encoding="utf-8-sig" if first else "utf-8",
                errors="backslashreplace",
                newline="",
            ) as file:
                writer = csv.DictWriter(
                    file, self._columns, extrasaction="ignore", delimiter=_delimiter(raw)
                )
                if first:
                    writer.writerow({name: _written(name) for name in self._columns})
                writer.writerows(
                    {name: _written(cell) for name, cell in row.items()}
                    for row in _told(raw, faults)
                )
        except OSError as err:
            reason = err.strerror or "no reason given"
            raise TableError(f"{self.path}: cannot write the bad rows ({reason}).") from err


def read_bad_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file that `BadRows` wrote: reasons and cells, by header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = file.readline().removeprefix(_REASON[0])[0]
        file.seek(0)
        rows = csv.DictReader(file, delimiter=delimiter)
        return [{as_written(name): as_written(cell) for name, cell in row.items()} for row in rows]


def _written(cell: Any) -> Any:
    """The cell or header as no spreadsheet runs it, or as much of its text as `csv` reads again."""
    safe = harmless(cell)
    return safe[: csv.field_size_limit()] if isinstance(safe, str) else safe


def _delimiter(raw: RawTable) -> str:
    """What divides the source: whoever mends the rows opens both in the same program."""
    found = raw.source.delimiter
    return found if found in DELIMITERS else DELIMITERS[0]


def _told(raw: RawTable, faults: Mapping[int, Fault]) -> list[dict[str, object]]:
    cells = raw.frame.iloc[list(faults)]
    columns = {f"{name}": as_texts(cells[name]) for name in cells.columns}
    told: list[dict[str, object]] = []
    for i, fault in enumerate(faults.values()):
        told.append({name: column[i] for name, column in columns.items()} | _reason(fault))
    told.extend({"line": row.content} | _reason(row.fault) for row in raw.broken)
    return told


def _reason(fault: Fault) -> dict[str, object]:
    return {name: getattr(fault, name) for name in _REASON}
