"""Which row is the header: exports have a description above it, workbooks have other sheets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.tables.formats import TableFormat
from features.tables.headers import recognised

ROWS_SEARCHED = 20
FEWEST = 2
"""Columns that a header below the first row has at least: one word may be somebody's post."""


@dataclass(frozen=True)
class HeaderRule:
    """What makes a row the header of a format.

    Attributes
    ----------
    table
        The format.
    given
        Required columns that the header may lack.
    """

    table: TableFormat
    given: frozenset[str] = frozenset()

    def fit(self, cells: Sequence[str]) -> tuple[bool, int]:
        """Whether `cells` hold every required column, and how many columns they hold."""
        found = recognised(self.table, cells)
        required = {field.name for field in self.table.fields if field.required}
        return required - self.given <= found, len(found)


def header_of(rows: Iterable[Sequence[str]], rule: HeaderRule | None) -> int:
    """Position of the row that is a header: the first, unless it lacks what a later one has."""
    best, place = (True, 0), 0
    for position, cells in enumerate(rows):
        fit = rule.fit(cells) if rule else best
        if position == 0:
            best = fit
        elif fit > best and fit[1] >= FEWEST:
            best, place = fit, position
        if best[0]:
            break
    return place
