"""Labelled texts made ready: who is trained on, who calibrates, who is only measured; and tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import TrainingError
from features.schema import DIMENSIONS, EMOTIONS, OVERALL, TARGETS
from features.text.cleaning import clean
from training.emotion.auxiliary import Labelled
from training.emotion.languages import languages_of
from training.probes.mirrors import (
    PEOPLE_PAIRS,
    PEOPLE_TASK,
    SLIP_TEXTS,
    SLIPS_TASK,
    mirror_task,
    people_twins,
    slip_twins,
)
from training.splits import BoolArray, text_key, vault
from training.tuning.tasks import Task

TEST_SPLITS = frozenset({"test"})

EMOTION_TASK, DIMENSION_TASK = "emotion", "dimensions"

LEAST_LABELS = 30
"""Labels that a target needs, both to train on and to calibrate on; with fewer it is not taught."""

MOST_PASSES = 3.0

MIRROR_SHARE = 8
"""Labelled rows for each pair of `mirror_tasks`, at least."""

MEASURED_ROWS = 200
"""Labelled training texts from which a language counts as measured."""


@dataclass(frozen=True)
class TaskWeights:
    """How much each kind of task counts, and how often its rows are seen.

    Label-only sets weigh less: their labels are coarse, and some were projected by machine; those
    that are rated, in between. Rows of intensities are seen once at least and three times at most,
    whatever their visits.
    `people` and `slips` are of `training.probes.mirrors`; 0 leaves them out.
    """

    emotion: float = 1.0
    emotion_visits: int = 50_000
    dimensions: float = 0.15
    dimensions_visits: int = 12_000
    auxiliary: float = 0.4
    auxiliary_visits: int = 18_000
    rated: float = 0.8
    rated_visits: int = 6_000
    people: float = 0.5
    slips: float = 0.3


@dataclass(frozen=True, eq=False)
class EmotionData:
    """Labelled texts, each in one role.

    Attributes
    ----------
    frame
        `text`, `language` (detected where it was not given) and the eight targets; index 0..n-1.
    train, held_out
        Shape (n,). Held out is the vault: nothing but blends, scales and intervals is fitted on it,
        and those cross-fitted where they are measured. Rows of a `dev` split are like any other,
        since nothing is tuned on them; rows of a `test` split are in neither.
    """

    frame: pd.DataFrame
    train: BoolArray
    held_out: BoolArray

    @property
    def targets(self) -> tuple[str, ...]:
        """What is labelled often enough to be taught."""
        parts = (self.frame[self.train], self.frame[self.held_out])
        return tuple(
            name for name in TARGETS if all(len(p[name].dropna()) >= LEAST_LABELS for p in parts)
        )

    @property
    def measured(self) -> frozenset[str]:
        """Languages with labelled emotions enough to be trusted with a blend of their own."""
        labelled = self.frame[list(EMOTIONS)].notna().any(axis=1).to_numpy()
        # A table of valence and arousal alone measures what it measures.
        if not (labelled & self.train).any():
            labelled = np.ones(len(self.frame), dtype=bool)
        counts = self.frame["language"][labelled & self.train].value_counts()
        return frozenset(str(name) for name in counts.index[counts >= MEASURED_ROWS])

    @property
    def judged(self) -> dict[str, frozenset[str]]:
        """For each target and `overall`, the measured languages with held-out labels of it."""
        rows = self.frame[self.held_out]
        found: dict[str, frozenset[str]] = {}
        for name in TARGETS:
            counts = rows["language"][rows[name].notna()].value_counts()
            enough = {str(code) for code in counts.index[counts >= LEAST_LABELS]}
            found[name] = self.measured & enough
        # Overall is mostly the strongest emotion: judged where any emotion is.
        return {**found, OVERALL: frozenset().union(*(found[name] for name in EMOTIONS))}


def prepare(frames: Sequence[pd.DataFrame]) -> EmotionData:
    """Join labelled tables and give each row its role.

    Parameters
    ----------
    frames
        Canonical emotion frames.

    Raises
    ------
    TrainingError
        If no target has labels enough.
    """
    frame = pd.concat(frames, ignore_index=True)
    frame = frame[frame["text"].notna()].reset_index(drop=True)
    frame["language"] = languages_of(frame)
    split = frame["split"].astype("str").str.casefold() if "split" in frame else None
    keys = [text_key(text) for text in frame["text"]]
    tested = _named(split, TEST_SPLITS, len(frame))
    held_out = vault(keys) & ~tested
    # A text that recurs follows its strictest copy, whomever it mentions and whatever it links to.
    read = [_read(text) for text in frame["text"]]
    untouched = _same_text(read, tested)
    train = ~_same_text(read, held_out) & ~untouched
    data = EmotionData(frame[["text", "language", *TARGETS]], train, held_out & ~untouched)
    if not data.targets:
        raise TrainingError(
            f"Too few labels: a target needs {LEAST_LABELS} held-out texts, about one in ten of"
            " the table, to be calibrated on. Add labelled rows."
        )
    return data


def _named(split: pd.Series | None, names: Iterable[str], size: int) -> BoolArray:
    if split is None:
        return np.zeros(size, dtype=bool)
    return np.asarray(split.isin(list(names)), dtype=bool)


def _read(text: str) -> str:
    """Return what the encoder tells two texts apart by."""
    return text_key(clean(text))


def _same_text(keys: Sequence[str], chosen: BoolArray) -> BoolArray:
    found = {key for key, inside in zip(keys, chosen, strict=True) if inside}
    return np.array([key in found for key in keys], dtype=bool)


def emotion_tasks(
    data: EmotionData, auxiliaries: Sequence[Labelled], weights: TaskWeights
) -> list[Task]:
    """Return what an encoder is fine-tuned on.

    Rows of auxiliary sets whose text is held out or tested stay out of training too.
    """
    frame = data.frame[data.train]
    tasks = [
        task
        for task in (
            _task(EMOTION_TASK, frame, EMOTIONS, weights.emotion, weights.emotion_visits, 1.0),
            _task(DIMENSION_TASK, frame, DIMENSIONS, weights.dimensions, weights.dimensions_visits),
        )
        if task is not None
    ]
    return tasks + auxiliary_tasks(data, auxiliaries, weights)


def auxiliary_tasks(
    data: EmotionData, auxiliaries: Sequence[Labelled], weights: TaskWeights
) -> list[Task]:
    """Return those of the tasks of `emotion_tasks` that are of auxiliary sets."""
    shut = {_read(text) for text in data.frame["text"][~data.train]}
    parts: dict[str, list[Labelled]] = {}
    for labelled in auxiliaries:
        parts.setdefault(labelled.name, []).append(labelled)
    return [_auxiliary(of_one_name, shut, weights) for of_one_name in parts.values()]


def mirror_tasks(
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    tasks: Sequence[Task],
    weights: TaskWeights,
    seed: int,
) -> list[Task]:
    """Return the tasks of what should make no difference: who a text is about, and slips.

    Parameters
    ----------
    data, auxiliaries, weights
        As of `emotion_tasks`.
    tasks
        What it returned: slips are made in their texts, so that what is held out stays so.
    seed
        Draws sentences, texts and slips.
    """
    texts = {
        str(code): list(part["text"]) for code, part in data.frame[data.train].groupby("language")
    }
    taught = {text for task in tasks for text in task.texts}
    for labelled in auxiliaries:
        kept = [text for text in labelled.texts if text in taught]
        texts.setdefault(labelled.language, []).extend(kept)
    # Beside a small table they must not become the main thing.
    most = sum(map(len, tasks)) // MIRROR_SHARE
    people = people_twins(min(PEOPLE_PAIRS, most), seed)
    slips = slip_twins(texts, min(SLIP_TEXTS, most), seed)
    found = ((PEOPLE_TASK, people, weights.people), (SLIPS_TASK, slips, weights.slips))
    return [mirror_task(*told) for told in found if told[2] and told[1][0]]


def _task(
    name: str,
    frame: pd.DataFrame,
    outputs: Sequence[str],
    weight: float,
    visits: int,
    least_passes: float = 0.0,
) -> Task | None:
    chosen = tuple(output for output in outputs if frame[output].notna().sum() >= LEAST_LABELS)
    rows = frame[frame[list(chosen)].notna().any(axis=1)]
    if not chosen:
        return None
    loss = "intensity" if name == EMOTION_TASK else "value"
    passes = min(MOST_PASSES, max(least_passes, visits / len(rows)))
    targets: NDArray[np.float64] = rows[list(chosen)].to_numpy(np.float64)
    return Task(name, tuple(rows["text"]), targets, loss, chosen, weight, passes)  # type: ignore[arg-type]


def _auxiliary(parts: Sequence[Labelled], shut: set[str], weights: TaskWeights) -> Task:
    """Return the task of sets of one name, which differ in their language alone."""
    labelled = parts[0]
    said = [text for part in parts for text in part.texts]
    labels = np.concatenate([part.labels for part in parts])
    keys = [text_key(text) for text in said]
    kept = ~vault(keys) & np.array([_read(text) not in shut for text in said], dtype=bool)
    texts = tuple(text for text, keep in zip(said, kept, strict=True) if keep)
    weight, visits = weights.auxiliary, weights.auxiliary_visits
    if labelled.rated:
        weight, visits = weights.rated, weights.rated_visits
    passes = min(2.0, visits / max(1, len(texts)))
    return Task(
        labelled.name,
        texts,
        labels[kept],
        "intensity",
        labelled.outputs,
        weight,
        passes,
    )
