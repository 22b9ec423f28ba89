"""The encoder of an emotion model and the heads on it: taught, taught on, or taken as it is."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from features.errors import TrainingError
from features.schema import FloatArray
from features.text.encoder import MANIFEST, Encoder, read_manifest, trunk_digest
from models.views import LinearHeads
from training.emotion.auxiliary import Labelled
from training.emotion.data import (
    DIMENSION_TASK,
    EmotionData,
    emotion_tasks,
    mirror_tasks,
)
from training.emotion.fit import linear_heads
from training.emotion.keep import EARLIER, brought_over, original
from training.emotion.options import (
    BRANCHED,
    CONTINUED,
    FRESH,
    KEPT_BESIDE,
    EmotionOptions,
    Recipe,
    Start,
    Workplace,
)
from training.emotion.translations import translation_tasks
from training.emotion.untaught import as_it_is, heads_as_it_is, vocabulary_for
from training.encoder.base_models import E5_SMALL, SentenceEncoder, load_base
from training.encoder.below import Below, OnTop
from training.encoder.export import export_branch, export_encoder
from training.encoder.onnx_graph import BERT
from training.tuning.finetune import Finetuned, finetune
from training.tuning.heads import Head
from training.tuning.soup import mean_of, seeds

KEPT_TEXTS = 4000
"""Training texts on which earlier heads are brought over to a new encoder."""


@dataclass(frozen=True)
class Taught:
    """An encoder and the folder that holds it, the heads on it, and facts for the card."""

    folder: Path
    encoder: Encoder
    heads: LinearHeads
    facts: dict[str, Any]


def encoder_and_heads(
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
    start: Start | None,
) -> Taught:
    """Teach an encoder and its heads, those of the start on, or heads alone, as is asked for."""
    source = options.encoder or (str(start.encoder) if start is not None else E5_SMALL)
    same = start if options.encoder is None else None
    facts: dict[str, Any] = {
        "encoder_from": Path(source).name,
        "train_rows": int(data.train.sum()),
        "held_out_rows": int(data.held_out.sum()),
        "auxiliary_rows": sum(len(part.texts) for part in auxiliaries),
    }
    if not options.finetune:
        folder = as_it_is(source, data, auxiliaries, options, place)
        encoder = Encoder.load(folder, options.threads)
        if same is not None:
            encoder = encoder.of(same.model.encoder_digest)
        heads = heads_as_it_is(encoder, data, auxiliaries, place, start)
        return Taught(folder, encoder, heads, facts)
    digest = None if same is None else same.model.encoder_digest
    recipe = _recipe(options, source, digest, beside=bool(place.extra_tasks))
    base = load_base(source, digest)
    if options.own_layers:
        below = Below(Path(source), options.own_layers, torch.get_num_threads())
        base = OnTop(base, below, options.own_layers)
    known = {} if same is None else _known(same.model.heads, base.dimension)
    tuned = _finetuned(base, data, auxiliaries, recipe, place, known, options)
    facts |= {"visits": tuned.visits, "finetuning_seconds": round(tuned.seconds)}
    facts |= {"weights": asdict(recipe[0]), "finetuning": asdict(recipe[1])}
    folder = place.out / "encoder"
    if options.own_layers:
        export_branch(tuned.encoder, Path(source), options.own_layers, folder)
    else:
        pieces = vocabulary_for(tuned.encoder, data, auxiliaries, options.vocabulary)
        export_encoder(tuned.encoder, folder, vocabulary=pieces)
    encoder = Encoder.load(folder, options.threads)
    heads = _ours(tuned, place).within(encoder.dimension, encoder.dimension - base.dimension)
    if same is not None:
        ours = heads.tasks
        heads, lost = _with_kept(heads, same, encoder, data, options, place)
        facts |= {"heads_kept": [*heads.tasks[len(ours) :]], "heads_lost": list(lost)}
    return Taught(folder, encoder, heads, facts)


def _ours(tuned: Finetuned, place: Workplace) -> LinearHeads:
    """Return the heads that speak of emotions."""
    others = {task.name for task in place.extra_tasks}
    ours = {name: head for name, head in tuned.heads.items() if name not in others}
    return linear_heads(ours, frozenset(tuned.heads) - {DIMENSION_TASK})


def _known(heads: LinearHeads, dimension: int) -> dict[str, Head]:
    """Return the newest head of each task, by its first name, of those that fine-tuning goes on.

    That is of those that read the last columns alone: of a branch, where there is one.
    """
    known: dict[str, Head] = {}
    for task, head in heads_of(heads.reading(slice(len(heads.weights) - dimension, None))).items():
        known.setdefault(original(task), head)
    return known


def _with_kept(
    taught: LinearHeads,
    start: Start,
    encoder: Encoder,
    data: EmotionData,
    options: EmotionOptions,
    place: Workplace,
) -> tuple[LinearHeads, tuple[str, ...]]:
    """Add the start's heads on a trunk that stayed, and auxiliary heads that were not taught again.

    The latter are brought over to the new encoder; returned are also the tasks that were lost so.
    """
    stayed = _on_trunk(start, encoder)
    joined = taught.beside(stayed.of_tasks(frozenset(stayed.tasks) - {*taught.tasks}), "")
    known = {*joined.tasks, *map(original, joined.tasks)}
    old = start.model.heads.of_tasks(frozenset(start.model.auxiliaries) - known)
    if not old.names:
        return joined, ()
    texts = tuple(data.frame["text"][data.train])
    chosen = np.random.default_rng(options.seed).permutation(len(texts))[:KEPT_TEXTS]
    texts = tuple(texts[row] for row in chosen)
    earlier = Encoder.load(start.encoder, options.threads).of(start.model.encoder_digest)
    before, after = (
        place.embed(which, texts, "keeping earlier heads") for which in (earlier, encoder)
    )
    kept = brought_over(old, before, after)
    return joined.beside(kept, ""), tuple(task for task in old.tasks if task not in kept.tasks)


def _on_trunk(start: Start, encoder: Encoder) -> LinearHeads:
    """Return the start's heads that read nothing but the trunk of an encoder."""
    heads, trunk = start.model.heads, encoder.trunk
    if trunk is None:
        return heads.of_tasks(frozenset())
    found = heads.reading(slice(0, trunk.dimension)).within(encoder.dimension, 0)
    return found.named(EARLIER) if start.model.encoder_digest == trunk.digest else found


def _recipe(options: EmotionOptions, source: str, digest: str | None, beside: bool) -> Recipe:
    """Return how to teach, where `digest` is of the encoder to go on from, in folder `source`."""
    weights, tuning = FRESH if digest is None else CONTINUED
    tuning = replace(tuning, kept=KEPT_BESIDE if digest is not None and beside else 0.0)
    if options.own_layers:
        weights, tuning = BRANCHED
        tuning = replace(tuning, frozen_layers=_below(options.own_layers, Path(source), digest))
    tuning = replace(options.finetuning or tuning, seed=options.seed)
    return options.weights or weights, tuning


def _below(layers: int, source: Path, digest: str | None) -> int:
    """Return how many layers lie below the topmost `layers` of an encoder.

    Raises
    ------
    TrainingError
        If it cannot have so many or so few of its own.
    """
    told = f"--own-layers {layers}"
    if not (source / MANIFEST).is_file():
        raise TrainingError(
            f"{told}: {source.name} is no encoder that prescore trained. Train the whole first, "
            "then layers of its own."
        )
    manifest = read_manifest(source, verify=False)
    if manifest["network"]["kind"] != BERT:
        raise TrainingError(f"{told}: only an encoder that is built like BERT can have such.")
    whole = int(manifest["network"]["shape"]["layers"])
    # The trunk of an encoder with a branch has none of its own yet.
    branch = manifest.get("branch") if digest != trunk_digest(manifest) else None
    own = int(branch["layers"]) if branch else 0
    if layers >= whole:
        raise TrainingError(f"{told}: the encoder has {whole}; give fewer.")
    if layers < own:
        # Fewer would go on from the trunk, and leave out what the others of its own have learnt.
        raise TrainingError(f"{told}: the encoder has {own} already; give as many.")
    return whole - layers


def _finetuned(
    base: SentenceEncoder,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    recipe: Recipe,
    place: Workplace,
    known: Mapping[str, Head],
    options: EmotionOptions,
) -> Finetuned:
    weights, tuning = recipe
    # A start may know rated sets by heads alone: layers of their own learn them as if new.
    taught = emotion_tasks(data, auxiliaries, weights, () if options.own_layers else known)
    alike = translation_tasks(auxiliaries, lambda texts: _untuned(texts, place))
    done = []
    for run, seed in enumerate(seeds(tuning.seed, options.runs)):
        mirrors = mirror_tasks(data, auxiliaries, taught, weights, seed)
        done.append(
            finetune(
                copy.deepcopy(base),
                [*taught, *mirrors, *alike, *place.extra_tasks],
                replace(tuning, seed=seed),
                place.tell(
                    "fine-tuning the encoder" + (f", run {run + 1}" if options.runs > 1 else "")
                ),
                place.checkpoints,
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
