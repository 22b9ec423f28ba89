"""What a version has seen of the tables that it is measured on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.printing import say

if TYPE_CHECKING:
    from models.record import Lessons
    from models.versions import Loaded
    from training.splits import BoolArray


def warn_of_seen(loaded: "Loaded", files: Sequence[Path], instead: str = "") -> None:
    """Say which files the version learnt from: on rows that it has seen it looks too good.

    Parameters
    ----------
    loaded
        The version that is measured.
    files
        The tables that it is measured on.
    instead
        What a person can do about it.
    """
    from features.digests import sha256_of
    from models.record import HISTORY, lessons_of

    learnt = lessons_of(loaded.folder).tables
    seen = [str(path) for path in files if sha256_of(path) in learnt] if learnt else []
    # Which of these posts the store held then, nobody can tell now.
    seen += [HISTORY] if HISTORY in learnt.values() else []
    if seen:
        say(
            f"{_name(loaded)} learnt from {', '.join(seen)}: on rows that it has seen, figures "
            f"look better than they are. {instead}".rstrip()
        )


def tell_held_out(
    loaded: "Loaded", lessons: "Lessons", files: Sequence[Path], judged: "BoolArray | None"
) -> None:
    """Say what was held out where it was not whole accounts, and whether it can be told.

    Parameters
    ----------
    loaded, lessons
        The version that is measured, and what it learnt from.
    files
        The tables that it is measured on.
    judged
        Which posts were held out by their time; None where accounts were.
    """
    from features.digests import sha256_of

    if judged is None:
        return
    say(
        f"{_name(loaded)} held out the latest fifth of each account's posts "
        f"({int(judged.sum()):,} here): the figures tell about the next posts of these accounts."
    )
    given = {sha256_of(path) for path in files}
    # Comparisons have no part in the split, and of older versions nobody can tell which they are.
    beside = given | lessons.comparisons
    missing = sorted(name for digest, name in lessons.tables.items() if digest not in beside)
    if missing:
        say(
            "That split is the training's only where all of its tables of posts are given, as they "
            f"were. Not given: {', '.join(missing)}."
        )


def _name(loaded: "Loaded") -> str:
    return f"{loaded.version.name} version {loaded.version.number}"
