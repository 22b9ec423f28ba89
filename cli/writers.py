"""Where scores go: one writer for each format, all of them streaming."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from cli import flat
from cli.options import Format

if TYPE_CHECKING:
    from models.score import Score


@dataclass(frozen=True, slots=True)
class Scored:
    """One post with its score.

    Attributes
    ----------
    row
        Where the file has it; None for a post that came from no file.
    """

    score: "Score"
    text: str
    row: int | None = None
    post_id: str | None = None


class Writer(Protocol):
    """Takes scores as they come."""

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""


class JsonLines:
    """One JSON object a line, in the shape of the API's answer."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        for one in scored:
            answer = flat.named(one.score, one.row, one.post_id)
            self._file.write(json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n")
        self._file.flush()


class Csv:
    """One row a post, comma separated, with a header."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.DictWriter(file, flat.csv_columns(), lineterminator="\n")
        self._writer.writeheader()

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        self._writer.writerows(flat.csv_row(one.score, one.row, one.post_id) for one in scored)


class Lines:
    """One line a post, for people."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._file.write(flat.HEADING + "\n")

    def write(self, scored: Sequence[Scored]) -> None:
        """Write some more."""
        self._file.writelines(flat.line(one.score, one.row, one.text) + "\n" for one in scored)


def writer_of(form: Format, file: TextIO) -> Writer:
    """Return the writer of a format."""
    if form is Format.CSV:
        return Csv(file)
    return Lines(file) if form is Format.TABLE else JsonLines(file)
