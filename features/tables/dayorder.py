"""Which comes first, day or month, in the dates of a file that is read in chunks.

A chunk alone need not show it, and what the first posts are read by must hold for the last.
"""

from pathlib import Path

from features.tables.dates import Order, cannot_tell, order
from features.tables.formats import SCORING
from features.tables.headers import match_headers
from features.tables.raw import RawOptions, RawTable
from features.tables.reading import iter_raw

COLUMN = "published_at"


def day_first_in_file(path: Path, options: RawOptions) -> bool | None:
    """Return whether the day comes first, by the first chunk that tells; None if none needs to.

    The file is read up to there, or to its end, and nothing of it is kept.

    Raises
    ------
    TableError
        If there are dates such as 03/04/2026 and none of them tells, and as `iter_raw`.
    """
    asked = False
    for raw in iter_raw(path, options):
        shown = order_in(raw)
        if shown.day_first is not None:
            return shown.day_first
        asked |= shown is Order.UNTOLD
    if asked:
        raise cannot_tell(str(path), COLUMN)
    return None


def order_in(raw: RawTable) -> Order:
    """Return what a chunk of posts to score shows of the order."""
    names = [str(name) for name in raw.frame.columns]
    header = match_headers(SCORING, names, raw.source.name).found.get(COLUMN)
    return Order.UNASKED if header is None else order(raw.frame[header].tolist())
