"""Which comes first, day or month, in the dates of a file that is read in chunks.

A chunk alone need not show it, and what the first posts are read by must hold for the last.
"""

from functools import reduce
from operator import or_
from pathlib import Path

from features.tables.clocks import match_columns
from features.tables.dates import Order, order, refuse_unclear
from features.tables.formats import SCORING
from features.tables.raw import RawOptions, RawTable
from features.tables.reading import iter_raw

COLUMN = "published_at"


def day_first_in_file(path: Path, options: RawOptions) -> bool | None:
    """Return whether the day comes first; None if no date needs to be told.

    The file is read to its end, and nothing of it is kept.

    Raises
    ------
    TableError
        If there are dates such as 03/04/2026 and none of them tells, or they tell both orders, and
        as `iter_raw`.
    """
    shown = reduce(or_, map(order_in, iter_raw(path, options)))
    refuse_unclear(shown, str(path), COLUMN)
    return shown.day_first


def order_in(raw: RawTable) -> Order:
    """Return what a chunk of posts to score shows of the order."""
    header = match_columns(raw, SCORING).found.get(COLUMN)
    return Order.UNASKED if header is None else order(raw.frame[header].tolist())
