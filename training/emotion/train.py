"""Training an emotion model: fine-tune the encoder, export it, weigh, scale, calibrate, measure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.schema import DIMENSIONS, INTENSITIES, TARGETS, FloatArray
from features.text.encoder import Encoder
from models.emotion import ANYWHERE, RANGES, SEVERAL, EmotionForecast, EmotionModel
from models.persistence import new_folder
from models.views import LinearHeads
from training.emotion.auxiliary import Labelled, read_auxiliary
from training.emotion.blend import HeldOut
from training.emotion.data import MEASURED_ROWS, EmotionData, prepare, without_held_out
from training.emotion.even import Practice, even_enough, taught_sentences
from training.emotion.fit import blank_model, cross_forecast, fit
from training.emotion.held_out import held_out_table, labelled_table
from training.emotion.keep import original
from training.emotion.options import EmotionOptions, Start, Workplace
from training.emotion.rated import (
    kept_apart,
    on_raters_scale,
    rated_sets,
    unlearnt,
)
from training.emotion.spelling import character_view, spelling_views
from training.emotion.tune import Taught, encoder_and_heads
from training.emotion.unknown import LEFT_OUT_ROWS, is_borrowed
from training.trained import Trained

ORDINARY_TEXTS = 4000
"""Training texts on which even heads should go on as they were: ten for each dimension."""

FEW_TEXTS = 60
"""Held-out texts below which an interval is worth a word: three of them lie in each 5% tail."""


def train_emotion(
    frames: Sequence[pd.DataFrame],
    options: EmotionOptions,
    place: Workplace,
    start: Start | None = None,
    rated: Sequence[tuple[str, pd.DataFrame]] = (),
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
    rated
        Names, and emotion frames that teach and never judge: see `training.emotion.rated`.

    Returns
    -------
    Trained
        Its `held_out` frame has `text`, `language`, the labels, and `NAME_value`, `NAME_low`,
        `NAME_high` for each of `features.schema.INTENSITIES`, each row forecast by blends, scales
        and intervals that were fitted without it. Its `beside` are the rated texts that blends
        answer for, too.

    Raises
    ------
    TrainingError
        If there are too few labels, or `rated` cannot be learnt from.
    """
    data = prepare(frames)
    sets = _sets(options, rated)
    auxiliaries = without_held_out(data, sets)
    taught = encoder_and_heads(data, auxiliaries, options, place, start)
    encoder, facts, aside = taught.encoder, taught.facts, kept_apart(sets)
    blank = _blank(data, auxiliaries, aside, taught, options, start)
    beside = unlearnt(sets, data.measured)
    blank, held_out, evened = _even(blank, data, beside, encoder, options, place)
    facts |= {"evened": evened}
    forecast = cross_forecast(blank, held_out, data.targets)
    hear = _rated_texts(aside, blank, encoder, place, "encoding rated texts kept apart")
    apart = hear and hear(blank)
    model = fit(blank, held_out, data.targets, {"trained_on": facts}, apart)
    return Trained(
        folder=_saved(model, place),
        encoder_folder=taught.folder,
        held_out=held_out_table(held_out, forecast),
        beside=None if held_out.rated is None else labelled_table(held_out.rated),
        params={**facts, **_params(options)},
        note=" ".join(filter(None, (few_texts_note(model, forecast), unrated_note(model, apart)))),
    )


def _sets(options: EmotionOptions, rated: Sequence[tuple[str, pd.DataFrame]]) -> list[Labelled]:
    named = [part for folder in options.auxiliaries for part in read_auxiliary(folder)]
    return [*named, *rated_sets(rated, (part.name for part in named))]


def few_texts_note(model: EmotionModel, forecast: EmotionForecast) -> str:
    """Say of the target with the fewest held-out texts what its intervals rest on, if it is little.

    Parameters
    ----------
    model
        With its calibrations.
    forecast
        Of the held-out texts.
    """
    counts = {name: len(part.errors[ANYWHERE]) for name, part in model.calibrations.items()}
    name = min(counts, key=lambda name: counts[name])
    if counts[name] >= FEW_TEXTS:
        return ""
    column, (low, high) = INTENSITIES.index(name), RANGES[name]
    width = pd.Series(forecast.high[:, column] - forecast.low[:, column]).mean()
    return (
        f"The 90% intervals of {name} rest on {counts[name]} held-out texts only and are "
        f"{width:.2f} wide on average, of a scale {high - low:g} wide. More rated texts narrow "
        "them."
    )


def unrated_note(model: EmotionModel, apart: HeldOut | None) -> str:
    """Say in which languages rated texts that an earlier training had are missed, if in any.

    Parameters
    ----------
    model
        With the spellings that it learnt or kept.
    apart
        Rated texts that nothing learnt from.
    """
    counts = Counter(apart.languages if apart is not None else ())
    missed = sorted(code for code in model.spellings if counts[code] < LEFT_OUT_ROWS)
    borrowed = [name for name in DIMENSIONS if name in model.calibrations]
    if not missed or not any(is_borrowed(model, name) for name in borrowed):
        return ""
    return (
        f"In {', '.join(missed)} the level of {' and '.join(borrowed)} is told by people's labels "
        "in other languages, and 90% intervals are too narrow: the rated texts that an earlier "
        "training had would tell better. Give that file again with --auxiliary (the starter's is "
        "training/data/written.csv)."
    )


def _blank(
    data: EmotionData,
    auxiliaries: Sequence[Labelled],
    aside: Sequence[Labelled],
    taught: Taught,
    options: EmotionOptions,
    start: Start | None,
) -> EmotionModel:
    """Return the model before anything is fitted on held-out texts.

    Parameters
    ----------
    data, auxiliaries, aside
        What characters and spellings are learnt from, and rated texts that nothing learns from.
    taught
        The encoder and the heads.
    options, start
        What the training began with.
    """
    training = data.frame[data.train]
    labels = training[[name for name in TARGETS if name in data.targets]]
    characters = character_view(tuple(training["text"]), labels)
    spoken = _spoken(taught.heads, auxiliaries, start)
    known = _known_before(options, start) | _rated(auxiliaries)
    before = start.model.spellings if start is not None and options.encoder is None else {}
    return blank_model(
        taught.encoder.digest,
        taught.heads,
        characters,
        data.measured,
        data.measured | (frozenset(spoken.values()) - {SEVERAL}) | known,
        data.judged,
        spoken,
        spelling_views(auxiliaries, aside, data.measured, before),
    )


def _known_before(options: EmotionOptions, start: Start | None) -> frozenset[str]:
    """Return the languages that the encoder to start from knows, though no head may."""
    if start is None or options.encoder is not None:
        return frozenset()
    return start.model.languages


def _rated(auxiliaries: Sequence[Labelled]) -> frozenset[str]:
    """Return the languages in which rated sets teach as much as a measured language needs."""
    counts: Counter[str] = Counter()
    for part in auxiliaries:
        if part.rated:
            counts[part.language] += len(part.texts)
    return frozenset(code for code, count in counts.items() if code and count >= MEASURED_ROWS)


def _spoken(
    heads: LinearHeads, auxiliaries: Sequence[Labelled], start: Start | None
) -> dict[str, str]:
    """Return the languages of those heads that come from auxiliary sets, by task."""
    known = dict(start.model.auxiliaries) if start is not None else {}
    for part in auxiliaries:
        languages = {one.language for one in auxiliaries if one.name == part.name}
        known[part.name] = part.language if len(languages) == 1 else SEVERAL
    origins = {task: task if task in known else original(task) for task in heads.tasks}
    return {task: known[origin] for task, origin in origins.items() if origin in known}


def _even(
    blank: EmotionModel,
    data: EmotionData,
    beside: Sequence[Labelled],
    encoder: Encoder,
    options: EmotionOptions,
    place: Workplace,
) -> tuple[EmotionModel, HeldOut, float]:
    """Return the model with even heads, the held-out texts with its opinions, and the strength."""
    opinions = _opinions(data, beside, blank, encoder, place)
    said = taught_sentences(blank.languages) if options.even else []
    if not said:
        return blank, opinions(blank), 0.0
    training = data.frame["text"][data.train]
    ordinary = training.sample(min(ORDINARY_TEXTS, len(training)), random_state=options.seed)
    practice = Practice(
        place.embed(encoder, tuple(ordinary), "evening out: ordinary texts"),
        said,
        place.embed(encoder, tuple(one.text for one in said), "evening out: sentences"),
    )
    model, strength = even_enough(blank, opinions, data.targets, practice, options.seed)
    return model, opinions(model), strength


def _opinions(
    data: EmotionData,
    beside: Sequence[Labelled],
    blank: EmotionModel,
    encoder: Encoder,
    place: Workplace,
) -> Callable[[EmotionModel], HeldOut]:
    """Return what tells the held-out texts with the opinions of a model of the same spelling."""
    rows = data.frame[data.held_out]
    texts, languages = tuple(rows["text"]), tuple(rows["language"])
    truth = rows[list(TARGETS)].to_numpy(np.float64)
    held = _hearing(texts, blank, encoder, place, "encoding the held-out texts")
    rated = _rated_texts(beside, blank, encoder, place, "encoding rated texts of their languages")

    def tell(model: EmotionModel) -> HeldOut:
        return HeldOut(texts, languages, truth, held(model.heads), rated and rated(model))

    return tell


def _hearing(
    texts: Sequence[str], blank: EmotionModel, encoder: Encoder, place: Workplace, what: str
) -> Callable[[LinearHeads], FloatArray]:
    """Return what gives the opinions of all views of texts, whatever the heads: read once."""
    embeddings, spelt = place.embed(encoder, texts, what), blank.spelt(texts)
    return lambda heads: np.hstack([heads(embeddings), spelt])


def _rated_texts(
    sets: Sequence[Labelled], blank: EmotionModel, encoder: Encoder, place: Workplace, what: str
) -> Callable[[EmotionModel], HeldOut] | None:
    """Return what tells rated texts with a model's opinions; None without any."""
    texts = tuple(text for part in sets for text in part.texts)
    if not texts:
        return None
    languages = tuple(part.language for part in sets for _ in part.texts)
    truth = np.concatenate([on_raters_scale(part) for part in sets])
    hear = _hearing(texts, blank, encoder, place, what)
    return lambda model: HeldOut(texts, languages, truth, hear(model.heads))


def _saved(model: EmotionModel, place: Workplace) -> Path:
    folder = place.out / "model"
    with new_folder(folder) as made:
        model.save(made, place.now)
    return folder


def _params(options: EmotionOptions) -> dict[str, Any]:
    flat = asdict(options)
    # What was settled on is among the facts.
    del flat["weights"], flat["finetuning"]
    flat["auxiliaries"] = [folder.name for folder in options.auxiliaries]
    flat["encoder"] = Path(options.encoder).name if options.encoder else None
    return flat
