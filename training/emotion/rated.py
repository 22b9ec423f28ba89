"""Emotion tables whose ratings teach and never judge, such as those that a machine gave.

Each becomes one task for all of its languages, named by its file; labels of the kind are called
silver. Nothing is measured by them, and no interval gets narrower by them.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import TrainingError
from features.schema import TARGETS
from training.emotion.auxiliary import Labelled
from training.emotion.data import DIMENSION_TASK, EMOTION_TASK
from training.emotion.keep import EARLIER
from training.emotion.languages import languages_of
from training.probes.mirrors import PEOPLE_TASK, SLIPS_TASK
from training.splits import text_key, vault

RESERVED = (EMOTION_TASK, DIMENSION_TASK, PEOPLE_TASK, SLIPS_TASK)
RESERVED_STARTS = (EARLIER, "share_", "translations-")
"""Names of other tasks and of their heads."""


def rated_sets(
    tables: Iterable[tuple[str, pd.DataFrame]], taken: Iterable[str] = ()
) -> list[Labelled]:
    """Return rated tables as sets of one language each; valence is brought to 0..1.

    Rows of a `test` split and blank texts are left out. Texts of one `text_id` say the same in
    different languages.

    Parameters
    ----------
    tables
        Names of tasks, and canonical emotion frames.
    taken
        Names of other sets.

    Raises
    ------
    TrainingError
        If a name is another task's, or nothing is left of a table.
    """
    sets, names = [], {*RESERVED, *taken}
    for name, frame in tables:
        if name in names or name.startswith(RESERVED_STARTS):
            raise TrainingError(f"--auxiliary {name}: another task has this name. Rename the file.")
        found = _by_language(name, frame)
        if not found:
            raise TrainingError(f"--auxiliary {name}: no text is left to learn from.")
        sets += found
        names.add(name)
    return sets


def kept_apart(sets: Iterable[Labelled]) -> list[Labelled]:
    """Return the one in ten of each rated set that no training learns from, by its texts' hash."""
    rated = [part for part in sets if part.rated]
    return [part.take(np.flatnonzero(vault(map(text_key, part.texts)))) for part in rated]


def unlearnt(sets: Iterable[Labelled], languages: frozenset[str]) -> list[Labelled]:
    """Return of rated sets in some languages the texts that no training learns from.

    They are kept apart themselves, or what they are in another language is.
    """
    rated = [part for part in sets if part.rated]
    aside = {(part.name, key) for part in kept_apart(rated) for key in part.keys if key}
    found = []
    for part in rated:
        if part.language in languages:
            keys = part.keys or len(part.texts) * ("",)
            hidden = [(part.name, key) in aside for key in keys] | vault(map(text_key, part.texts))
            found.append(part.take(np.flatnonzero(hidden)))
    return [part for part in found if part.texts]


def on_raters_scale(part: Labelled) -> NDArray[np.float64]:
    """Return the ratings as a table holds them, (n, 8), NaN where there is none."""
    truth = np.full((len(part.texts), len(TARGETS)), np.nan)
    for output, column in zip(part.outputs, part.labels.T, strict=True):
        truth[:, TARGETS.index(output)] = 2 * column - 1 if output == "valence" else column
    return truth


def _by_language(name: str, frame: pd.DataFrame) -> list[Labelled]:
    frame = frame[(frame["text"].str.strip() != "") & (frame["split"] != "test")]
    frame = frame.reset_index(drop=True).assign(valence=(frame["valence"] + 1) / 2)
    spoken = np.array(languages_of(frame), dtype=np.str_)
    outputs = tuple(target for target in TARGETS if frame[target].notna().any())
    sets = []
    for language in np.unique(spoken):
        part = frame[spoken == language]
        labels = part[list(outputs)].to_numpy(np.float64)
        keys = tuple(part["text_id"].fillna("")) if part["text_id"].notna().any() else ()
        sets.append(Labelled(name, str(language), tuple(part["text"]), labels, outputs, True, keys))
    return sets
