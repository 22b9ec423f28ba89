"""The encoder of an emotion model and the heads on it: taught, taught on, or taken as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.schema import DIMENSIONS, EMOTIONS, FloatArray
from features.text.encoder import MANIFEST, Encoder
from models.views import LinearHeads
from training.emotion.auxiliary import Labelled
from training.emotion.data import (
    DIMENSION_TASK,
    EMOTION_TASK,
    EmotionData,
    TaskWeights,
    auxiliary_tasks,
    emotion_tasks,
    mirror_tasks,
)
from training.emotion.fit import linear_heads, ridge_heads
from training.emotion.keep import EARLIER, brought_over
from training.emotion.options import (
    CONTINUED,
    FRESH,
    KEPT_BESIDE,
    EmotionOptions,
    Recipe,
    Start,
    Workplace,
)
from training.emotion.translations import translation_tasks
from training.encoder.base_models import E5_SMALL, SentenceEncoder, load_base
from training.encoder.export import export_encoder
from training.encoder.vocabulary import choose_pieces, count_pieces
from training.tuning.finetune import Finetuned, finetune
from training.tuning.heads import Head
from training.tuning.soup import mean_of, seeds

KEPT_TEXTS = 4000
"""Training texts on which earlier heads are brought over to a new encoder."""


def encoder_and_heads(
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
        folder = _as_it_is(source, data, auxiliaries, options, place)
        return folder, _heads_as_it_is(folder, data, auxiliaries, options, place, start), facts
    same = start is not None and options.encoder is None
    recipe = _recipe(options, continued=same, beside=bool(place.extra_tasks))
    known = heads_of(start.model.heads) if same and start is not None else {}
    tuned = _finetuned(source, data, auxiliaries, recipe, place, known, options.runs)
    folder = _export(tuned.encoder, data, auxiliaries, options, place)
    squashed = frozenset(tuned.heads) - {DIMENSION_TASK}
    others = {task.name for task in place.extra_tasks}
    ours = {name: head for name, head in tuned.heads.items() if name not in others}
    facts |= {"visits": tuned.visits, "finetuning_seconds": round(tuned.seconds)}
    facts |= {"weights": asdict(recipe[0]), "finetuning": asdict(recipe[1])}
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
        place.embed(Encoder.load(where, options.threads), texts, "keeping earlier heads")
        for where in (start.encoder, folder)
    )
    kept = brought_over(old, before, after)
    return kept, tuple(task for task in old.tasks if task not in kept.tasks)


def _recipe(options: EmotionOptions, continued: bool, beside: bool) -> Recipe:
    weights, tuning = CONTINUED if continued else FRESH
    tuning = replace(tuning, kept=KEPT_BESIDE if continued and beside else 0.0)
    tuning = replace(options.finetuning or tuning, seed=options.seed)
    return options.weights or weights, tuning


def _finetuned(
    source: str,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    recipe: Recipe,
    place: Workplace,
    known: Mapping[str, Head],
    runs: int,
) -> Finetuned:
    weights, tuning = recipe
    taught = emotion_tasks(data, auxiliaries, weights, known)
    alike = translation_tasks(auxiliaries, lambda texts: _untuned(texts, place))
    done = []
    for run, seed in enumerate(seeds(tuning.seed, runs)):
        mirrors = mirror_tasks(data, auxiliaries, taught, weights, seed)
        done.append(
            finetune(
                load_base(source),
                [*taught, *mirrors, *alike, *place.extra_tasks],
                replace(tuning, seed=seed),
                place.tell("fine-tuning the encoder" + (f", run {run + 1}" if runs > 1 else "")),
                place.checkpoint_of(run),
                known,
            )
        )
    return mean_of(done)


def _untuned(texts: Sequence[str], place: Workplace) -> FloatArray:
    """Embed texts of any language with the base encoder, which nothing has drawn to one task."""
    folder = place.out / "untuned"
    base = load_base(E5_SMALL)
    if not folder.is_dir():
        export_encoder(base, folder)
    return place.embed(Encoder.load(folder), texts, "looking for translations")


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


def _as_it_is(
    source: str,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
) -> Path:
    if (Path(source) / MANIFEST).is_file():
        return Path(source)
    rated = [part for part in auxiliaries if part.rated]
    return _export(load_base(source), data, rated, options, place)


def _heads_as_it_is(
    folder: Path,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
    start: Start | None,
) -> LinearHeads:
    """Ridge heads on the embeddings, beside the start's heads where they speak of the same.

    Of auxiliary sets only those that are rated get one: labels of 0 or 1 are for fine-tuning.
    """
    encoder = Encoder.load(folder, options.threads)
    training = data.frame[data.train]
    embeddings = place.embed(encoder, tuple(training["text"]), "encoding the training texts")
    fitted = ridge_heads(
        embeddings,
        {
            task: training[[name for name in names if name in data.targets]]
            for task, names in ((EMOTION_TASK, EMOTIONS), (DIMENSION_TASK, DIMENSIONS))
        },
    )
    for task in auxiliary_tasks([part for part in auxiliaries if part.rated], TaskWeights()):
        embeddings = place.embed(encoder, task.texts, f"encoding {task.name}")
        rated = pd.DataFrame(task.targets, columns=pd.Index(task.outputs))
        fitted = fitted.beside(ridge_heads(embeddings, {task.name: rated}), "")
    if start is None or start.model.encoder_digest != encoder.digest:
        return fitted
    return fitted.beside(start.model.heads, EARLIER)
