"""`prescore train emotion`: tables in, a judged and registered version out."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.schema import INTENSITIES, TARGETS
from features.text.encoder import Encoder
from models.emotion import EmotionForecast, EmotionModel
from models.versions import CHAMPION, EMOTION_NAME, Loaded
from models.views import character_counts
from training.embedding import Embedder
from training.emotion.blend import HeldOut
from training.emotion.card import emotion_card
from training.emotion.data import prepare
from training.emotion.fit import cross_forecast
from training.emotion.forecasts import emotion_rows, simple_intensities
from training.emotion.options import EmotionOptions, Start, Workplace
from training.emotion.report import (
    EmotionRows,
    emotion_report,
    label_coverage,
    mean_pearson,
    mean_pearson_sums,
)
from training.emotion.spelling import character_view
from training.emotion.train import train_emotion
from training.judging.bootstrap import Bootstrap, Floats
from training.judging.evidence import (
    Evidence,
    Gain,
    coverage_error,
    covered_parts,
    emotion_gain,
)
from training.judging.gate import decide
from training.judging.learning import curve, nested_parts
from training.judging.metrics import mean
from training.judging.reports import UNKNOWN
from training.probes.findings import emotion_probes
from training.record.pictures import emotion_figures
from training.record.plots import Line
from training.run import (
    Attempt,
    Findings,
    Job,
    Summary,
    TrainingTable,
    champion,
    data_sets,
    finish,
    rival_name,
    together,
)
from training.share.tasks import share_tasks
from training.splits import text_key
from training.tracking import Tracker
from training.trained import Trained
from training.tuning.checkpoints import Checkpoints
from training.tuning.tasks import Task


@dataclass(frozen=True, slots=True)
class ShareTables:
    """Posts with results and comparisons; either may be empty."""

    posts: Sequence[TrainingTable] = ()
    comparisons: Sequence[TrainingTable] = ()

    def tasks(self) -> list[Task]:
        """Return what an encoder learns from them: see `training.share.tasks`."""
        return share_tasks(
            [table.frame for table in self.posts],
            [table.frame for table in self.comparisons],
        )


def run_train_emotion(
    tables: Sequence[TrainingTable],
    job: Job,
    options: EmotionOptions,
    beside: ShareTables = ShareTables(),
    rated: Sequence[TrainingTable] = (),
) -> Summary:
    """Train, judge and register an emotion version.

    Parameters
    ----------
    tables
        Canonical emotion tables.
    job
        Registry, gate, seed and the rest.
    options
        How to train; the seed is the job's.
    beside
        What the encoder learns from beside emotions, so that the share model can use it too.
    rated
        Emotion tables that teach and never judge; each file's name is that of a head.

    Raises
    ------
    TrainingError
        When the tables hold too few labels, or one of `rated` cannot be learnt from.
    InputError
        When the name is for models of another kind.
    RegistryError, ModelError
        When the registry cannot be used.
    """
    data = data_sets([*tables, *rated, *beside.posts, *beside.comparisons], job)
    reigning = champion(job, "emotion")
    tracker = Tracker(job.registry)
    checkpoints = Checkpoints(job.registry.home.root / "checkpoints", job.tell)
    checkpoints.drop_old(job.now)
    with (
        checkpoints.until_used(),
        tempfile.TemporaryDirectory(prefix="prescore-") as work,
        tracker.run("emotion", together(data), seed=job.seed, params={}, data=data) as run,
    ):
        place = Workplace(Path(work), job.now, job.cache, checkpoints, job.progress, beside.tasks())
        frames = [table.frame for table in tables]
        options = replace(options, seed=job.seed)
        silver = [(Path(table.name).stem, table.frame) for table in rated]
        trained = train_emotion(frames, options, place, _start(job, reigning), silver)
        run.log_params(trained.params)
        model = EmotionModel.load(trained.folder)
        encoder = _encoder(trained, model, job)
        attempt = Attempt(job, run, data, reigning, trained, model, encoder, Path(work))
        return finish(attempt, findings(attempt, frames))


def _start(job: Job, reigning: Loaded | None) -> Start | None:
    """Return what to start from: the champion of the name, else of the kind; None for neither."""
    registry = job.registry
    if reigning is None and (default := registry.champion(EMOTION_NAME)) is not None:
        reigning = registry.load(default.uri)
    if reigning is None:
        return None
    model = cast("EmotionModel", reigning.model)
    return Start(model, registry.encoders.find(model.encoder_digest))


def _encoder(trained: Trained, model: EmotionModel, job: Job) -> Encoder:
    if trained.encoder_folder is not None:
        return Encoder.load(trained.encoder_folder).of(model.encoder_digest)
    return job.registry.encoder(model.encoder_digest)


def findings(attempt: Attempt, frames: Sequence[pd.DataFrame]) -> Findings:
    """Judge a trained model against the champion and simpler forecasts, on held-out texts.

    Parameters
    ----------
    attempt
        The trained model.
    frames
        What it was trained on, for the learning curve.
    """
    table, reigning = attempt.trained.held_out, attempt.reigning
    texts = table["text"].tolist()
    rows = held_out_rows(table)
    baselines = simple_intensities(rows, texts, cast("EmotionModel", attempt.model))
    before = None if reigning is None else _champion_rows(attempt.trained, reigning, attempt.job)
    rivals = baselines if before is None else {**baselines, CHAMPION: before.value}
    report = emotion_report(rows, rivals)
    proof = evidence(rows, baselines, before, reigning, attempt.job.gate.bootstrap)
    model = cast("EmotionModel", attempt.model)
    asked = attempt.job.embed("reading texts of our own", 0)
    proof = replace(proof, probes=emotion_probes(model, attempt.encoder, asked))
    report["probes"] = dict(proof.probes)
    verdict = decide(proof, attempt.job.gate)
    whole = report["mean_pearson"]
    return Findings(
        report=report,
        verdict=verdict,
        card=emotion_card(attempt, report, verdict),
        figures=emotion_figures(rows, report, _learning(frames, rows, texts, whole, attempt.job)),
        headline={"mean_pearson": whole, "coverage_90": report["coverage_90"]},
    )


def held_out_rows(table: pd.DataFrame) -> EmotionRows:
    """Return held-out texts with the forecasts that training made of them, each left out once.

    Parameters
    ----------
    table
        As `training.emotion.train.train_emotion` describes it.
    """
    parts = (table[[f"{name}_{part}" for name in INTENSITIES]] for part in ("value", "low", "high"))
    forecast = EmotionForecast(*(part.to_numpy(np.float32) for part in parts))
    return emotion_rows(table, [code or UNKNOWN for code in table["language"]], forecast)


def _champion_rows(trained: Trained, reigning: Loaded, job: Job) -> EmotionRows:
    """Return the champion's forecasts, each by blends and scales fitted without the text.

    The champion as it stands may have been fitted on these very texts; what it is measured by is
    fitted anew, just as the new version's is and on the same texts, or a retraining could never
    win.
    """
    table, model = trained.held_out, cast("EmotionModel", reigning.model)
    held_out = _heard(
        table, reigning, job.embed("the champion reads the held-out texts", len(table))
    )
    if (beside := trained.beside) is not None:
        embed = job.embed("the champion reads the rated texts beside them", len(beside))
        held_out = replace(held_out, rated=_heard(beside, reigning, embed))
    taught = [name for name in TARGETS if _taught(model, name) and table[name].notna().any()]
    languages = list(held_out.languages)
    return emotion_rows(table, languages, cross_forecast(model, held_out, taught))


def _heard(table: pd.DataFrame, reigning: Loaded, embed: Embedder) -> HeldOut:
    """Return texts and labels with the champion's opinions."""
    model, texts = cast("EmotionModel", reigning.model), table["text"].tolist()
    languages = tuple(code or UNKNOWN for code in table["language"])
    raw = np.hstack([model.heads(embed(reigning.encoder, texts)), model.spelt(texts)])
    return HeldOut(tuple(texts), languages, table[list(TARGETS)].to_numpy(np.float64), raw)


def _taught(model: EmotionModel, target: str) -> bool:
    return model.own.scales[TARGETS.index(target)] is not None


def evidence(
    rows: EmotionRows,
    baselines: Mapping[str, Floats],
    before: EmotionRows | None,
    reigning: Loaded | None,
    options: Bootstrap,
) -> Evidence:
    """Return what the gate looks at.

    Parameters
    ----------
    rows
        Held-out texts with the new version's forecast.
    baselines
        Simpler forecasts of the same texts.
    before, reigning
        The champion and its forecast of the same texts, or None.
    options
        Of the paired bootstrap.
    """
    against: tuple[Gain, ...] = ()
    if before is not None and reigning is not None:
        against = (emotion_gain(rows, rival_name(reigning), before.value, options),)
    simpler = (emotion_gain(rows, name, value, options) for name, value in baselines.items())
    inside = label_coverage(rows)
    each_label = np.repeat(rows.codes, inside.shape[1])
    return Evidence(
        kind="emotion",
        has_champion=reigning is not None,
        against_champion=against,
        against_baselines=tuple(simpler),
        coverage=mean(inside.ravel()),
        coverage_error=coverage_error(inside.ravel(), each_label, options),
        parts=covered_parts(inside.ravel(), np.repeat(rows.languages, inside.shape[1]).tolist()),
    )


def _learning(
    frames: Sequence[pd.DataFrame], rows: EmotionRows, texts: Sequence[str], whole: float, job: Job
) -> tuple[Line, ...]:
    data = prepare(frames)
    training = data.frame[data.train]
    parts = nested_parts([text_key(text) for text in training["text"]], job.seed)
    counted = character_counts(texts)

    def measure(part: NDArray[np.intp]) -> float:
        if job.progress is not None:
            job.progress("drawing the learning curve", len(part), len(training))
        taken = training.iloc[part]
        known = [name for name in data.targets if taken[name].notna().any()]
        view = character_view(tuple(taken["text"]), taken[known])
        value = np.zeros(rows.truth.shape)
        value[:, [rows.names.index(name) for name in known]] = view(counted)
        return float(mean_pearson(mean_pearson_sums(rows, value).sum(axis=0, keepdims=True))[0])

    return curve(
        parts,
        [len(part) for part in parts],
        measure,
        whole,
        ("ridge on characters", "this version"),
    )
