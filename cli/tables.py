"""Files of one format, read one after the other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.drafts import Reading, read_options, tell_counts, tell_headers, tell_unread
from cli.printing import counted, say, working

if TYPE_CHECKING:
    import pandas as pd

    from features.tables.validation import Read, ReadOptions


def read_each(
    reader: "Callable[[Path, ReadOptions], Read]",
    files: Sequence[Path],
    reading: Reading,
    beside: Path | None,
) -> "list[pd.DataFrame]":
    """Read files of one format, telling what a person should know of each.

    Parameters
    ----------
    reader
        One of `features.tables.validation`.
    files
        In any of the kinds of file that can be read.
    reading
        As the command's options say.
    beside
        The output; bad rows that are skipped go beside it.

    Raises
    ------
    TableError
        When a file is no such table.
    """
    frames = []
    for path in files:
        with working(f"Reading {path}"):
            read = reader(path, read_options(str(path), reading, beside=beside))
        tell_headers(read)
        report = read.report
        counts = (
            report.naive_times,
            report.duplicates,
            report.told_apart,
            report.blank_texts,
            report.without_shares,
            report.midnights,
            report.renamed,
        )
        tell_counts(str(path), reading.naive_zone, *counts)
        tell_unread(str(path), report.unread)
        if read.report.refused:
            bad = counted(read.report.refused, "bad row", "bad rows")
            say(f"{path}: {bad} set aside in {read.report.refused_to}.")
        frames.append(read.frame)
    return frames


def joined(frames: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    """Return tables under one another."""
    import pandas as pd

    return pd.concat(list(frames), ignore_index=True)
