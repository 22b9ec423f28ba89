"""Labelled texts made ready: who is trained on, who calibrates, who is only measured; and tasks."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

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

MOST_PASSES, MOST_AUXILIARY_PASSES = 3.0, 2.0

MIRROR_SHARE = 8
"""Labelled rows for each pair of `mirror_tasks`, at least."""

MEASURED_ROWS = 200
"""Labelled training texts from which a language counts as measured."""


@dataclass(frozen=True)
class TaskWeights:
    """How much each kind of task counts, and how often its rows are seen.

    Label-only sets weigh less: their labels are coarse, and some were projected by machine; those
    that are rated, in between: `rated_visits` the first time, `auxiliary_visits` when they are
    known. Rows of intensities are seen once at least and three times at most, whatever their
    visits, those of a rated set the first time at most `rated_passes` times, of others twice.
    `people` and `slips` are of `training.probes.mirrors`; 0 leaves them out.
    """

    emotion: float = 1.0
    emotion_visits: int = 50_000
    dimensions: float = 0.15
    dimensions_visits: int = 12_000
    auxiliary: float = 0.4
    auxiliary_visits: int = 18_000
    rated: float = 0.8
    rated_visits: int = 14_000
    rated_passes: float = 2.0
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


def without_held_out(data: EmotionData, sets: Sequence[Labelled]) -> list[Labelled]:
    """Return auxiliary sets without what must not be taught.

    That is texts that are held out or tested, one in ten of their own, and the translations of all
    these; and of rated sets the targets with too few labels.
    """
    shut = {_read(text) for text in data.frame["text"][~data.train]}
    free = [
        ~vault(map(text_key, part.texts))
        & np.array([_read(text) not in shut for text in part.texts], dtype=bool)
        for part in sets
    ]
    keys = [[(part.name, key) for key in part.keys or len(part.texts) * ("",)] for part in sets]
    dropped = {
        key
        for named, kept in zip(keys, free, strict=True)
        for key, inside in zip(named, kept, strict=True)
        if key[1] and not inside
    }
    left = [
        part.take(np.flatnonzero(kept & [key not in dropped for key in named]))
        for part, named, kept in zip(sets, keys, free, strict=True)
    ]
    return [part for part in map(_often_labelled(left), left) if part.outputs]


def _often_labelled(sets: Sequence[Labelled]) -> Callable[[Labelled], Labelled]:
    """Return what leaves a rated set with the targets that have labels enough in its languages."""
    counts: Counter[tuple[str, str]] = Counter()
    for part in sets:
        for output, column in zip(part.outputs, part.labels.T, strict=True):
            counts[part.name, output] += int((~np.isnan(column)).sum())

    def narrowed(part: Labelled) -> Labelled:
        often = [counts[part.name, output] >= LEAST_LABELS for output in part.outputs]
        if not part.rated or all(often):
            return part
        outputs = tuple(name for name, enough in zip(part.outputs, often, strict=True) if enough)
        return replace(part, labels=part.labels[:, np.array(often)], outputs=outputs)

    return narrowed


def emotion_tasks(
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    weights: TaskWeights,
    known: Collection[str] = (),
) -> list[Task]:
    """Return what an encoder is fine-tuned on.

    Parameters
    ----------
    data
        The labelled texts.
    auxiliaries
        As `without_held_out` returns them.
    weights
        Of each kind of task.
    known
        Tasks that the encoder was taught before: of those it need only be reminded.
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
    return tasks + auxiliary_tasks(auxiliaries, weights, known)


def auxiliary_tasks(
    auxiliaries: Sequence[Labelled], weights: TaskWeights, known: Collection[str] = ()
) -> list[Task]:
    """Return those of the tasks of `emotion_tasks` that are of auxiliary sets."""
    parts: dict[str, list[Labelled]] = {}
    for labelled in auxiliaries:
        parts.setdefault(labelled.name, []).append(labelled)
    return [_auxiliary(of_one_name, weights, known) for of_one_name in parts.values()]


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
        What it returned.
    seed
        Draws sentences, texts and slips.
    """
    texts = {
        str(code): list(part["text"]) for code, part in data.frame[data.train].groupby("language")
    }
    for labelled in auxiliaries:
        texts.setdefault(labelled.language, []).extend(labelled.texts)
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


def _auxiliary(parts: Sequence[Labelled], weights: TaskWeights, known: Collection[str]) -> Task:
    """Return the task of sets of one name, which differ in their language."""
    first = parts[0]
    new = first.rated and first.name not in known
    texts = tuple(text for part in parts for text in part.texts)
    visits = weights.rated_visits if new else weights.auxiliary_visits
    most = weights.rated_passes if new else MOST_AUXILIARY_PASSES
    return Task(
        first.name,
        texts,
        np.concatenate([part.labels for part in parts]),
        "intensity",
        first.outputs,
        weights.rated if first.rated else weights.auxiliary,
        min(most, visits / max(1, len(texts))),
    )
