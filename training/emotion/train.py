"""Training an emotion model: fine-tune the encoder, export it, weigh, scale, calibrate, measure."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.schema import DIMENSIONS, EMOTIONS, TARGETS, FloatArray
from features.text.cache import EmbeddingCache
from features.text.encoder import MANIFEST, Encoder
from models.emotion import EmotionModel
from models.persistence import new_folder
from models.views import LinearHeads
from training.emotion.auxiliary import Labelled, read_auxiliary
from training.emotion.blend import HeldOut
from training.emotion.data import (
    DIMENSION_TASK,
    EMOTION_TASK,
    EmotionData,
    TaskWeights,
    emotion_tasks,
    mirror_tasks,
    prepare,
)
from training.emotion.even import Practice, even_enough, taught_sentences
from training.emotion.fit import (
    blank_model,
    character_view,
    cross_forecast,
    fit,
    linear_heads,
    ridge_heads,
)
from training.emotion.keep import brought_over
from training.emotion.measured import card_figures, held_out_table, measured
from training.encoder.base_models import E5_SMALL, SentenceEncoder, load_base
from training.encoder.export import export_encoder
from training.encoder.vocabulary import choose_pieces, count_pieces
from training.trained import Trained
from training.tuning.finetune import Finetuned, FinetuneOptions, finetune
from training.tuning.heads import Head
from training.tuning.tasks import Task

Progress = Callable[[str, int, int], None]
"""Told (what is going on, done, in all)."""

EARLIER = "start-"
"""Before the names of heads that a model took over from the one it started from."""

KEPT_TEXTS = 4000
"""Training texts on which earlier heads are brought over to a new encoder."""

ORDINARY_TEXTS = 4000
"""Training texts on which even heads should go on as they were: ten for each dimension."""

VOCABULARY = 40_000
"""Pieces kept of a larger vocabulary when an encoder is exported."""


@dataclass(frozen=True)
class Start:
    """An emotion model to start from, and the folder of its encoder."""

    model: EmotionModel
    encoder: Path


@dataclass(frozen=True)
class EmotionOptions:
    """How an emotion model is trained.

    Attributes
    ----------
    encoder
        A named base encoder or a folder; None for that of the start, else multilingual-e5-small.
    finetune
        Off fits heads on the encoder as it is: minutes instead of half an hour, and less exact.
    auxiliaries
        Folders of sets that name emotions: see `training.emotion.auxiliary`.
    even
        Make the heads say the same whoever a text is about, as far as needed: see
        `training.emotion.even`.
    threads
        For encoding with the exported encoder.
    """

    encoder: str | None = None
    finetune: bool = True
    auxiliaries: tuple[Path, ...] = ()
    weights: TaskWeights = field(default_factory=TaskWeights)
    finetuning: FinetuneOptions = field(default_factory=FinetuneOptions)
    vocabulary: int = VOCABULARY
    even: bool = True
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Workplace:
    """Where training works: `out` gets `model/` and `encoder/`; the rest may be absent."""

    out: Path
    now: datetime
    cache: EmbeddingCache | None = None
    checkpoint: Path | None = None
    progress: Progress | None = None
    extra_tasks: Sequence[Task] = ()

    def tell(self, what: str) -> Callable[[int, int, float], None]:
        """Return a listener for one stage."""

        def listen(done: int, total: int, loss: float) -> None:  # noqa: ARG001
            if self.progress is not None:
                self.progress(what, done, total)

        return listen


def train_emotion(
    frames: Sequence[pd.DataFrame],
    options: EmotionOptions,
    place: Workplace,
    start: Start | None = None,
) -> Trained:
    """Train an emotion model on labelled tables.

    Parameters
    ----------
    frames
        Canonical emotion frames: see `features.tables.validation.read_emotion`.
    options
        What to start from and how.
    place
        Where the model and the new encoder go, time, cache and progress.
    start
        The model to start from: its encoder unless `options.encoder` names another, and its heads.

    Returns
    -------
    Trained
        Its `held_out` frame has `text`, `language`, the labels, and `NAME_value`, `NAME_low`,
        `NAME_high` for each of `models.emotion.COLUMNS`, each row forecast by blends, scales and
        intervals that were fitted without it.

    Raises
    ------
    TrainingError
        If there are too few labels.
    """
    data = prepare(frames)
    auxiliaries = [part for folder in options.auxiliaries for part in read_auxiliary(folder)]
    encoder_folder, heads, facts = _encoder_and_heads(data, auxiliaries, options, place, start)
    encoder = Encoder.load(encoder_folder, options.threads)
    training = data.frame[data.train]
    characters = character_view(
        tuple(training["text"]), training[[name for name in TARGETS if name in data.targets]]
    )
    spoken = _spoken(heads, auxiliaries, start)
    languages = data.measured | frozenset(spoken.values())
    if start is not None and options.encoder is None:
        # The encoder still knows them, though no head may.
        languages |= start.model.languages
    blank = blank_model(
        encoder.digest, heads, characters, data.measured, languages, data.judged, spoken
    )
    blank, held_out, evened = _even(blank, data, encoder, options, place)
    facts |= {"evened": evened}
    forecast = cross_forecast(blank, held_out, data.targets)
    report = measured(data, held_out, forecast, blank)
    model = fit(
        blank, held_out, data.targets, {"trained_on": facts, "held_out": card_figures(report)}
    )
    folder = place.out / "model"
    with new_folder(folder) as made:
        model.save(made, place.now)
    return Trained(
        folder=folder,
        encoder_folder=encoder_folder,
        held_out=held_out_table(held_out, forecast),
        metrics=report,
        baselines=report["baselines"],
        params={**facts, **_params(options)},
    )


def _spoken(
    heads: LinearHeads, auxiliaries: Sequence[Labelled], start: Start | None
) -> dict[str, str]:
    """Return the languages of those heads that come from auxiliary sets, by task."""
    known = dict(start.model.auxiliaries) if start is not None else {}
    known |= {EARLIER + task: language for task, language in known.items()}
    known |= {part.name: part.language for part in auxiliaries}
    tasks = {name.split("/")[0] for name in heads.names}
    return {task: language for task, language in known.items() if task in tasks}


def _encoder_and_heads(
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
    start: Start | None,
) -> tuple[Path, LinearHeads, dict[str, Any]]:
    """Return the encoder's folder, the heads on its embeddings, and facts for the card."""
    source = options.encoder or (str(start.encoder) if start is not None else E5_SMALL)
    facts: dict[str, Any] = {
        "encoder_from": Path(source).name,
        "train_rows": int(data.train.sum()),
        "held_out_rows": int(data.held_out.sum()),
        "auxiliary_rows": sum(len(part.texts) for part in auxiliaries),
    }
    if not options.finetune:
        folder = _as_it_is(source, data, options, place)
        return folder, _heads_as_it_is(folder, data, options, place, start), facts
    same = start is not None and options.encoder is None
    tuned = _finetuned(source, data, auxiliaries, options, place, start if same else None)
    folder = _export(tuned.encoder, data, auxiliaries, options, place)
    squashed = frozenset(tuned.heads) - {DIMENSION_TASK}
    ours = {
        name: head
        for name, head in tuned.heads.items()
        if name not in {task.name for task in place.extra_tasks}
    }
    facts |= {"visits": tuned.visits, "finetuning_seconds": round(tuned.seconds)}
    joined = linear_heads(ours, squashed)
    if same and start is not None:
        kept, lost = _kept_heads(start, joined, folder, data, options, place)
        joined = joined.beside(kept, "")
        facts |= {"heads_kept": list(kept.tasks), "heads_lost": list(lost)}
    return folder, joined, facts


def _kept_heads(
    start: Start,
    taught: LinearHeads,
    folder: Path,
    data: EmotionData,
    options: EmotionOptions,
    place: Workplace,
) -> tuple[LinearHeads, tuple[str, ...]]:
    """Bring the start's auxiliary heads that were not taught again over to the new encoder."""
    missing = frozenset(start.model.auxiliaries) - frozenset(taught.tasks)
    old = start.model.heads.of_tasks(missing)
    if not old.names:
        return old, ()
    texts = tuple(data.frame["text"][data.train])
    chosen = np.random.default_rng(options.seed).permutation(len(texts))[:KEPT_TEXTS]
    texts = tuple(texts[row] for row in chosen)
    before, after = (
        _embed(Encoder.load(where, options.threads), texts, place, "keeping earlier heads")
        for where in (start.encoder, folder)
    )
    kept = brought_over(old, before, after)
    return kept, tuple(task for task in old.tasks if task not in kept.tasks)


def _finetuned(
    source: str,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
    start: Start | None,
) -> Finetuned:
    taught = emotion_tasks(data, auxiliaries, options.weights)
    mirrors = mirror_tasks(data, auxiliaries, taught, options.weights, options.seed)
    return finetune(
        load_base(source),
        [*taught, *mirrors, *place.extra_tasks],
        options.finetuning,
        place.tell("fine-tuning the encoder"),
        place.checkpoint,
        heads_of(start.model.heads) if start is not None else None,
    )


def heads_of(heads: LinearHeads) -> dict[str, Head]:
    """Take a model's heads apart again, by task."""
    found: dict[str, Head] = {}
    tasks = [name.split("/")[0] for name in heads.names]
    for task in dict.fromkeys(tasks):
        at = [i for i, name in enumerate(tasks) if name == task]
        outputs = tuple(heads.names[i].split("/")[1] for i in at)
        found[task] = Head(outputs, heads.weights[:, at], heads.bias[at])
    return found


def _export(
    encoder: SentenceEncoder,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
) -> Path:
    folder = place.out / "encoder"
    export_encoder(encoder, folder, vocabulary=_vocabulary(encoder, data, auxiliaries, options))
    return folder


def _vocabulary(
    encoder: SentenceEncoder,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
) -> frozenset[int] | None:
    """Pieces to keep; None for a vocabulary that is small already."""
    if encoder.tokenizer.get_vocab_size() <= options.vocabulary:
        return None
    texts = {
        str(name): list(part["text"]) for name, part in data.frame[data.train].groupby("language")
    }
    for part in auxiliaries:
        texts.setdefault(part.language, []).extend(part.texts)
    counts = {name: count_pieces(encoder.tokenizer, part) for name, part in texts.items()}
    return choose_pieces(encoder.tokenizer, counts, options.vocabulary)


def _as_it_is(source: str, data: EmotionData, options: EmotionOptions, place: Workplace) -> Path:
    if (Path(source) / MANIFEST).is_file():
        return Path(source)
    return _export(load_base(source), data, (), options, place)


def _heads_as_it_is(
    folder: Path,
    data: EmotionData,
    options: EmotionOptions,
    place: Workplace,
    start: Start | None,
) -> LinearHeads:
    """Ridge heads on the embeddings, beside the start's heads where they speak of the same."""
    encoder = Encoder.load(folder, options.threads)
    training = data.frame[data.train]
    embeddings = _embed(encoder, tuple(training["text"]), place, "encoding the training texts")
    fitted = ridge_heads(
        embeddings,
        {
            task: training[[name for name in names if name in data.targets]]
            for task, names in ((EMOTION_TASK, EMOTIONS), (DIMENSION_TASK, DIMENSIONS))
        },
    )
    if start is None or start.model.encoder_digest != encoder.digest:
        return fitted
    return fitted.beside(start.model.heads, EARLIER)


def _embed(encoder: Encoder, texts: Sequence[str], place: Workplace, what: str) -> FloatArray:
    done = 0
    listen = place.tell(what)

    def count(more: int) -> None:
        nonlocal done
        done += more
        listen(done, len(texts), 0.0)

    if place.cache is None:
        return encoder.encode(texts, count)
    return place.cache.encode(encoder, texts, count)


def _even(
    blank: EmotionModel,
    data: EmotionData,
    encoder: Encoder,
    options: EmotionOptions,
    place: Workplace,
) -> tuple[EmotionModel, HeldOut, float]:
    """Return the model with even heads, the held-out texts with its opinions, and the strength."""
    opinions = _opinions(data, blank, encoder, place)
    said = taught_sentences(blank.languages) if options.even else []
    if not said:
        return blank, opinions(blank), 0.0
    training = data.frame["text"][data.train]
    ordinary = training.sample(min(ORDINARY_TEXTS, len(training)), random_state=options.seed)
    practice = Practice(
        _embed(encoder, tuple(ordinary), place, "evening out: ordinary texts"),
        said,
        _embed(encoder, tuple(one.text for one in said), place, "evening out: sentences"),
    )
    model, strength = even_enough(blank, opinions, data.targets, practice, options.seed)
    return model, opinions(model), strength


def _opinions(
    data: EmotionData, blank: EmotionModel, encoder: Encoder, place: Workplace
) -> Callable[[EmotionModel], HeldOut]:
    """Return what tells the held-out texts with the opinions of a model of the same characters."""
    rows = data.frame[data.held_out]
    texts = tuple(rows["text"])
    embeddings = _embed(encoder, texts, place, "encoding the held-out texts")
    characters = blank.characters(texts)
    truth = rows[list(TARGETS)].to_numpy(np.float64)

    def tell(model: EmotionModel) -> HeldOut:
        raw = np.hstack([model.heads(embeddings), characters])
        return HeldOut(texts, tuple(rows["language"]), truth, raw)

    return tell


def _params(options: EmotionOptions) -> dict[str, Any]:
    flat = asdict(options)
    flat["auxiliaries"] = [folder.name for folder in options.auxiliaries]
    flat["encoder"] = Path(options.encoder).name if options.encoder else None
    return flat
