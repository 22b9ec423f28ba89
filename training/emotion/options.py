"""How an emotion model is trained, what from, and where the work is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from features.schema import FloatArray
from features.text.cache import EmbeddingCache
from features.text.encoder import Encoder
from models.emotion import EmotionModel
from training.emotion.data import TaskWeights
from training.tuning.checkpoints import Checkpoints
from training.tuning.finetune import FinetuneOptions
from training.tuning.tasks import Task

Progress = Callable[[str, int, int], None]
"""Told (what is going on, done, in all)."""

VOCABULARY = 40_000
"""Pieces kept of a larger vocabulary when an encoder is exported."""


@dataclass(frozen=True)
class Start:
    """An emotion model to start from, and the folder of its encoder."""

    model: EmotionModel
    encoder: Path


Recipe = tuple[TaskWeights, FinetuneOptions]

FRESH: Recipe = (TaskWeights(), FinetuneOptions())
"""How a base encoder is taught: the whole of it, all sets several times."""

CONTINUED: Recipe = (
    TaskWeights(emotion_visits=20_000, dimensions_visits=3_000, auxiliary_visits=2_500),
    FinetuneOptions(rate=1e-4, frozen_layers=4, max_tokens=64),
)
"""How a champion's encoder is taught on: what it knows it need only be reminded of."""

BRANCHED: Recipe = (
    TaskWeights(
        emotion_visits=40_000,
        dimensions_visits=3_000,
        auxiliary_visits=2_500,
        rated_visits=65_000,
        rated_passes=4.0,
    ),
    FinetuneOptions(rate=2e-4, max_tokens=64),
)
"""How own layers are taught, in a copy of an encoder's topmost: those are few enough to see what is
rated over and over."""

KEPT_BESIDE = 0.3
"""Of the weights that it began with, where it is taught other things beside emotions. Alone on new
labels it had better forget: on tweets of one study .810 so, .793 with as much kept."""


@dataclass(frozen=True)
class EmotionOptions:
    """How an emotion model is trained.

    Attributes
    ----------
    encoder
        A named base encoder or a folder; None for that of the start, else multilingual-e5-small.
    finetune
        Off fits heads on the encoder as it is: minutes instead of half an hour, and less exact.
    weights, finetuning
        None takes those of `FRESH`, or of `CONTINUED` where a champion's encoder is taught on.
    auxiliaries
        Folders of published sets that name emotions: see `training.emotion.auxiliary`.
    even
        Make the heads say the same whoever a text is about, as far as needed: see
        `training.emotion.even`.
    own_layers
        Teach so many of the topmost layers only, in a copy that is for emotions alone: the rest of
        the encoder gives what it gave, so that a share version stays on it. 0 teaches the whole.
    runs
        Fine-tunings that differ in their seed alone; their mean is taken: see
        `training.tuning.soup`.
    threads
        For encoding with the exported encoder.
    """

    encoder: str | None = None
    finetune: bool = True
    auxiliaries: tuple[Path, ...] = ()
    weights: TaskWeights | None = None
    finetuning: FinetuneOptions | None = None
    vocabulary: int = VOCABULARY
    even: bool = True
    own_layers: int = 0
    runs: int = 1
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Workplace:
    """Where training works: `out` gets `model/` and `encoder/`; the rest may be absent."""

    out: Path
    now: datetime
    cache: EmbeddingCache | None = None
    checkpoints: Checkpoints | None = None
    progress: Progress | None = None
    extra_tasks: Sequence[Task] = ()

    def tell(self, what: str) -> Callable[[int, int, float], None]:
        """Return a listener for one stage."""

        def listen(done: int, total: int, loss: float) -> None:  # noqa: ARG001
            if self.progress is not None:
                self.progress(what, done, total)

        return listen

    def embed(self, encoder: Encoder, texts: Sequence[str], what: str) -> FloatArray:
        """Embed texts, through the cache where there is one."""
        done = 0
        listen = self.tell(what)

        def count(more: int) -> None:
            nonlocal done
            done += more
            listen(done, len(texts), 0.0)

        if self.cache is None:
            return encoder.encode(texts, count)
        return self.cache.encode(encoder, texts, count)
