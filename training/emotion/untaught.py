"""An encoder that is not taught: exported if it has to be, with ridge heads on what it gives."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from features.schema import DIMENSIONS, EMOTIONS
from features.text.encoder import MANIFEST, Encoder
from models.views import LinearHeads
from training.emotion.auxiliary import Labelled
from training.emotion.data import (
    DIMENSION_TASK,
    EMOTION_TASK,
    EmotionData,
    TaskWeights,
    auxiliary_tasks,
)
from training.emotion.fit import ridge_heads
from training.emotion.keep import EARLIER
from training.emotion.options import EmotionOptions, Start, Workplace
from training.encoder.base_models import SentenceEncoder, load_base
from training.encoder.export import export_encoder
from training.encoder.vocabulary import choose_pieces, count_pieces


def vocabulary_for(
    encoder: SentenceEncoder, data: EmotionData, auxiliaries: Sequence[Labelled], most: int
) -> frozenset[int] | None:
    """Return the `most` pieces to keep for the training texts; None where there are no more."""
    if encoder.tokenizer.get_vocab_size() <= most:
        return None
    texts = {
        str(name): list(part["text"]) for name, part in data.frame[data.train].groupby("language")
    }
    for part in auxiliaries:
        texts.setdefault(part.language, []).extend(part.texts)
    counts = {name: count_pieces(encoder.tokenizer, part) for name, part in texts.items()}
    return choose_pieces(encoder.tokenizer, counts, most)


def as_it_is(
    source: str,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    options: EmotionOptions,
    place: Workplace,
) -> Path:
    """Return the folder of the encoder that `source` names, exported unless it is one."""
    if (Path(source) / MANIFEST).is_file():
        return Path(source)
    base, folder = load_base(source), place.out / "encoder"
    rated = [part for part in auxiliaries if part.rated]
    pieces = vocabulary_for(base, data, rated, options.vocabulary)
    export_encoder(base, folder, vocabulary=pieces)
    return folder


def heads_as_it_is(
    encoder: Encoder,
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    place: Workplace,
    start: Start | None,
) -> LinearHeads:
    """Ridge heads on the embeddings, beside the start's heads where they speak of the same.

    Of auxiliary sets only those that are rated get one: labels of 0 or 1 are for fine-tuning.
    """
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
