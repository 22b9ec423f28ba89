"""Sets that are learnt from and never measured by, and readers of published ones.

Each folder is the set as its authors publish it, which names emotions without measuring them. They
become tasks with labels of 0 or 1; nobody takes those for intensities.

* GoEmotions (Demszky et al. 2020, CC BY 4.0): English Reddit comments, 28 labels.
* XED (Öhman et al. 2020, CC BY 4.0): English film subtitles, and Polish ones with projected labels.
* CLARIN-Emo (CC BY 4.0): Polish reviews, Plutchik's eight emotions and sentiment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.errors import TableError

PLUTCHIK = ("anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise", "trust")
"""In the order of XED's numbers 1 to 8."""

GOEMOTIONS, XED_ENGLISH, XED_POLISH, CLARIN_EMO = "goemotions", "xed-en", "xed-pl", "clarin-emo"
NAMING = frozenset({GOEMOTIONS, XED_ENGLISH, XED_POLISH, CLARIN_EMO})
"""The sets read here, by name: what they teach are the chances of a label, no intensities."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Texts of one language with labels in 0..1, shape (n, k), NaN where unknown.

    Attributes
    ----------
    rated
        Whether the labels measure how strong an emotion is, and are not just 0 or 1. Such sets are
        of one name in all of their languages: see `training.emotion.rated`.
    keys
        Of rated texts, what a translation has in common with its original; "" where unknown.
    """

    name: str
    language: str
    texts: tuple[str, ...]
    labels: NDArray[np.float64]
    outputs: tuple[str, ...]
    rated: bool = False
    keys: tuple[str, ...] = ()

    def take(self, rows: NDArray[np.intp]) -> "Labelled":
        """Return some of the texts."""
        keys = tuple(self.keys[row] for row in rows) if self.keys else ()
        texts = tuple(self.texts[row] for row in rows)
        return replace(self, texts=texts, labels=self.labels[rows], keys=keys)


def read_auxiliary(folder: Path) -> list[Labelled]:
    """Read a published set, known by its layout.

    Parameters
    ----------
    folder
        Of GoEmotions (``data/original/train.tsv``), XED (``AnnotatedData``, ``Projections``) or
        CLARIN-Emo (``train/in.tsv``). Of sets with official splits, the training part alone.

    Raises
    ------
    TableError
        If it is none of them, or a file in it cannot be read.
    """
    for marker, reader in READERS.items():
        if (folder / marker).is_file():
            try:
                return reader(folder)
            except (OSError, ValueError, IndexError) as error:
                raise TableError(f"{folder}: cannot be read as the set it looks like.") from error
    raise TableError(
        f"{folder}: not a folder of GoEmotions, XED or CLARIN-Emo; expected one of"
        f" {', '.join(READERS)} in it."
    )


def read_goemotions(folder: Path) -> list[Labelled]:
    """Read the training part of GoEmotions: text, label numbers, id."""
    original = folder / "data" / "original"
    outputs = tuple((original / "labels.txt").read_text(encoding="utf-8").split())
    rows = [row for row in _rows(original / "train.tsv") if len(row) >= 2]
    labels = _one_hot([_numbers(row[1]) for row in rows], len(outputs))
    return [Labelled(GOEMOTIONS, "en", tuple(row[0] for row in rows), labels, outputs)]


def read_xed(folder: Path) -> list[Labelled]:
    """Read XED's English annotations and, where they are there, its Polish projections."""
    sets = [_xed(folder / "AnnotatedData" / "en-annotated.tsv", XED_ENGLISH, "en")]
    polish = folder / "Projections" / "pl-projections.tsv"
    if polish.is_file():
        sets.append(_xed(polish, XED_POLISH, "pl"))
    return sets


def read_clarin_emo(folder: Path) -> list[Labelled]:
    """Read the training part of CLARIN-Emo: one text a line beside one row of True and False."""
    outputs = tuple((folder / "out-header.tsv").read_text(encoding="utf-8").lower().split())
    texts = [row[0] for row in _rows(folder / "train" / "in.tsv")]
    answers = _rows(folder / "train" / "expected.tsv")
    if answers and answers[0][0].lower() == outputs[0]:
        # Both files open with a header, which the set's own description forgets.
        texts, answers = texts[1:], answers[1:]
    if len(texts) != len(answers):
        raise ValueError(f"{len(texts)} texts, {len(answers)} answers")
    labels = np.array([[cell == "True" for cell in row] for row in answers], dtype=np.float64)
    return [Labelled(CLARIN_EMO, "pl", tuple(texts), labels.reshape(-1, len(outputs)), outputs)]


READERS: Mapping[str, Callable[[Path], list[Labelled]]] = {
    "data/original/train.tsv": read_goemotions,
    "AnnotatedData/en-annotated.tsv": read_xed,
    "train/in.tsv": read_clarin_emo,
}


def _xed(path: Path, name: str, language: str) -> Labelled:
    # A few lines of the published file are broken in two or carry the columns of a by-product.
    rows = [row for row in _rows(path) if len(row) == 2 and row[1].strip()]
    labels = _one_hot([[n - 1 for n in _numbers(row[1])] for row in rows], len(PLUTCHIK))
    return Labelled(name, language, tuple(row[0] for row in rows), labels, PLUTCHIK)


def _rows(path: Path) -> list[list[str]]:
    # The sets quote nothing: a quotation mark is part of the text, which a CSV reader would eat.
    with path.open(encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\r\n").split("\t") for line in file if line.strip()]


def _numbers(cell: str) -> list[int]:
    return [int(part) for part in cell.split(",")]


def _one_hot(chosen: list[list[int]], k: int) -> NDArray[np.float64]:
    labels = np.zeros((len(chosen), k))
    for row, columns in enumerate(chosen):
        labels[row, columns] = 1
    return labels
