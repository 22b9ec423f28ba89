"""Folders and files for their owner alone: drafts and results are nobody else's on a machine.

What is there already keeps the rights that somebody gave it.
"""

from contextlib import suppress
from pathlib import Path


def make_private_folder(path: Path) -> None:
    """Make a folder with its parents, unless it is there.

    Raises
    ------
    OSError
        When it cannot be made.
    """
    path.mkdir(0o700, parents=True, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file for a SQLite database, unless it is there.

    The files that SQLite puts beside it get the same rights. One that cannot be made is for SQLite
    to explain, which tries next.
    """
    with suppress(OSError):
        path.touch(0o600, exist_ok=False)
