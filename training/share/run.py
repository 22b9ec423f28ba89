"""`prescore train share`: tables in, a judged and registered version out."""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from features.cores import available_cores
from features.errors import TrainingError
from features.text.encoder import Encoder
from models.novelty import Novelty
from models.persistence import read_manifest
from models.record import Lessons, lessons_of
from models.share import ShareModel
from models.versions import CHAMPION, EMOTION_NAME, SHARE_NAME, STARTER_TAG, Loaded
from training.embedding import Embedder
from training.judging.bootstrap import DEFAULT, Bootstrap
from training.judging.evidence import (
    Evidence,
    Gain,
    Rival,
    coverage_error,
    covered_parts,
    orders_nothing,
    share_gains,
)
from training.judging.gate import decide
from training.judging.metrics import covered, mean
from training.judging.reports import Report
from training.probes.findings import share_probes
from training.record.pictures import share_figures
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
from training.share.card import share_card
from training.share.comparison_report import choice_metrics, comparisons_report
from training.share.data import held_out_comparisons
from training.share.forecasts import (
    JudgedComparisons,
    JudgedPosts,
    family_sizes,
    judge_comparisons,
    judge_posts,
)
from training.share.learning import learning_curve
from training.share.options import ShareOptions, Workplace
from training.share.report import BLOCKS, ShareRows, leak_r2, main_metrics, posts_report
from training.share.train import train_share
from training.tracking import Tracker
from training.trained import Trained

SINCE = "{unit}, in posts since the champion was made"
"""What is resampled where the champion may have seen earlier ones of the held-out posts."""


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out rows with one model's forecast; None where none were held out."""

    posts: JudgedPosts | None
    comparisons: JudgedComparisons | None


def run_train_share(
    posts: Sequence[TrainingTable],
    comparisons: Sequence[TrainingTable],
    job: Job,
    options: ShareOptions,
) -> Summary:
    """Train, judge and register a share version.

    Parameters
    ----------
    posts, comparisons
        Canonical tables.
    job
        Registry, gate, seed and the rest.
    options
        How to train; the seed is the job's.

    Raises
    ------
    TrainingError
        When the tables hold too few posts, or there is no encoder to read them with.
    InputError
        When the name is for models of another kind.
    RegistryError, ModelError
        When the registry cannot be used.
    """
    data = data_sets([*posts, *comparisons], job)
    reigning = champion(job, "share")
    encoder = _encoder(job, reigning)
    tracker = Tracker(job.registry)
    with (
        tempfile.TemporaryDirectory(prefix="prescore-") as work,
        tracker.run("share", together(data), seed=job.seed, params={}, data=data) as run,
    ):
        place = Workplace(Path(work), encoder, job.now, Embedder(job.cache), job.progress)
        tables = [table.frame for table in posts]
        pairs = [table.frame for table in comparisons]
        options = replace(options, seed=job.seed)
        trained = train_share(tables, pairs, options, place, _novelty(job, reigning))
        run.log_params(trained.params)
        model = ShareModel.load(trained.folder)
        attempt = Attempt(job, run, data, reigning, trained, model, encoder, Path(work))
        return finish(attempt, findings(attempt, tables, pairs))


def _encoder(job: Job, reigning: Loaded | None) -> Encoder:
    """Return the encoder of the emotion champion, so that one encoding serves both models.

    Layers that are for emotions alone are left out. A named version, trained beside the champions,
    stays with the encoder that it has.
    """
    registry = job.registry
    named = reigning.version if reigning is not None and job.name is not None else None
    for found in (named, registry.champion(EMOTION_NAME), registry.champion(SHARE_NAME)):
        if found is not None:
            encoder = registry.encoder(found.encoder_digest, available_cores())
            return encoder.trunk or encoder
    raise TrainingError(
        "There is no encoder to read the posts with: train an emotion model first, with "
        "`prescore train emotion`."
    )


def _novelty(job: Job, reigning: Loaded | None) -> Novelty | None:
    """Return what the champion of the name refuses by, else that of the kind; None for neither."""
    default = job.registry.champion(SHARE_NAME)
    if reigning is None and default is not None:
        reigning = job.registry.load(default.uri)
    return None if reigning is None else cast("ShareModel", reigning.model).novelty


def _held_out_pairs(frames: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    kept = [held_out_comparisons(frame) for frame in frames]
    kept = [frame for frame in kept if len(frame)]
    return pd.concat(kept, ignore_index=True) if kept else None


def findings(
    attempt: Attempt, posts: Sequence[pd.DataFrame], comparisons: Sequence[pd.DataFrame]
) -> Findings:
    """Judge a trained model against the champion and simpler scores, on held-out rows.

    Parameters
    ----------
    attempt
        The trained model.
    posts, comparisons
        What it was trained on.
    """
    job, pairs = attempt.job, _held_out_pairs(comparisons)
    model = cast("ShareModel", attempt.model)
    ours = _judge(attempt.trained, pairs, model, attempt.encoder, job)
    theirs, told, seen = None, None, False
    if (reigning := attempt.reigning) is not None:
        champion = cast("ShareModel", reigning.model)
        theirs = told = _judge(attempt.trained, pairs, champion, reigning.encoder, job)
        shipped = STARTER_TAG in reigning.version.tags
        seen = may_have_seen(lessons_of(reigning.folder), _lessons(attempt, ours), shipped)
        if seen:
            told = replace(theirs, posts=None)
    report = held_out_report(ours, told)
    report["left_out"] = dict(attempt.trained.left_out)
    asked = job.embed("reading texts of our own", 0)
    probes = share_probes(model, attempt.encoder, asked)
    report["probes"] = dict(probes)
    proof = evidence(ours, theirs, reigning, job.gate.bootstrap, seen)
    verdict = decide(replace(proof, probes=probes), job.gate)
    families = {} if ours.posts is None else family_sizes(model, ours.posts.inputs, job.seed)
    return Findings(
        report=report,
        verdict=verdict,
        card=share_card(attempt, report, verdict),
        figures=share_figures(
            None if ours.posts is None else ours.posts.rows,
            families,
            None if ours.comparisons is None else ours.comparisons.rows,
            report,
            () if ours.posts is None else learning_curve(posts, ours.posts, job),
        ),
        headline=_headline(report),
    )


def _judge(
    trained: Trained,
    comparisons: pd.DataFrame | None,
    model: ShareModel,
    encoder: Encoder,
    job: Job,
) -> Held:
    rows = trained.held_out, trained.judged
    count = len(trained.held_out) if trained.judged is None else int(trained.judged.sum())
    post_embed = job.embed("reading the held-out posts", count)
    judged = judge_posts(rows[0], model, encoder, post_embed, rows[1]) if count else None
    if comparisons is None:
        return Held(judged, None)
    pair_embed = job.embed("reading the held-out comparisons", 2 * len(comparisons))
    return Held(judged, judge_comparisons(comparisons, model, encoder, pair_embed))


def held_out_report(ours: Held, theirs: Held | None) -> Report:
    """Return the JSON of `prescore evaluate share`, with the champion among the baselines.

    Parameters
    ----------
    ours, theirs
        The forecasts of the new version and of the champion, of the same rows.
    """
    report: Report = {}
    if ours.posts is not None:
        report["posts"] = posts_report(ours.posts.rows, ours.posts.baselines)
        if theirs is not None and theirs.posts is not None:
            champion = main_metrics(theirs.posts.rows.scored(), DEFAULT)
            report["posts"]["baselines"][CHAMPION] = champion
    if ours.comparisons is not None:
        part = ours.comparisons
        report["comparisons"] = comparisons_report(part.rows, part.baselines)
        if theirs is not None and theirs.comparisons is not None:
            before = theirs.comparisons.rows
            champion = choice_metrics(before, before.probability, DEFAULT)
            report["comparisons"]["baselines"][CHAMPION] = champion
    return report


def evidence(
    ours: Held, theirs: Held | None, reigning: Loaded | None, options: Bootstrap, seen: bool
) -> Evidence:
    """Return what the gate looks at.

    Parameters
    ----------
    ours, theirs
        The forecasts of the new version and of the champion, of the same rows.
    reigning
        The champion, or None.
    options
        Of the paired bootstrap.
    seen
        Whether the champion may have learnt from some of the posts.
    """
    posts = None if ours.posts is None else ours.posts.rows
    against: tuple[Gain, ...] = ()
    if theirs is not None and reigning is not None:
        against = _gains_over_champion(ours, theirs, reigning, options, seen)
    return Evidence(
        kind="share",
        has_champion=reigning is not None,
        against_champion=against,
        against_baselines=tuple(
            gain for rival in _simpler(ours) for gain in _gains(ours, rival, options)
        ),
        **({"coverage": math.nan} if posts is None else _coverage(posts.scored(), options)),
        r2=math.nan if posts is None else leak_r2(posts.scored()),
    )


def may_have_seen(before: Lessons, now: Lessons, shipped: bool) -> bool:
    """Return whether a champion may have learnt from posts that are held out now.

    Accounts that are held out whole are so by every training. Which posts are the latest of an
    account depends on all of its posts: the same ones are held out of the same tables alone.

    Parameters
    ----------
    before, now
        What the champion learnt from, and what the new version did.
    shipped
        Whether prescore ships the champion: the only accounts that it met are in its own tables.
    """
    if not before.by_time and not now.by_time:
        return False
    if shipped:
        return not before.tables.keys().isdisjoint(now.tables)
    return before.by_time != now.by_time or before.tables.keys() != now.tables.keys()


def _lessons(attempt: Attempt, ours: Held) -> Lessons:
    tables = {table.digest: table.name for table in attempt.data}
    return Lessons(tables, ours.posts is not None and ours.posts.rows.unit == BLOCKS)


def _gains_over_champion(
    ours: Held, theirs: Held, reigning: Loaded, options: Bootstrap, seen: bool
) -> tuple[Gain, ...]:
    """Return the gains on rows that neither version can have learnt from."""
    rival = _rival(rival_name(reigning), theirs)
    if ours.posts is None or rival.scores is None or not seen:
        return _gains(ours, rival, options)
    made = read_manifest(reigning.folder).created
    times = [post.published_at for post in ours.posts.inputs.posts]
    later = np.flatnonzero([at is not None and at > made for at in times])
    rows = ours.posts.rows.take(later)
    rows = replace(rows, unit=SINCE.format(unit=rows.unit))
    pairs = None if ours.comparisons is None else ours.comparisons.rows
    return share_gains(rows, pairs, replace(rival, scores=rival.scores[later]), options)


def _gains(ours: Held, rival: Rival, options: Bootstrap) -> tuple[Gain, ...]:
    posts = None if ours.posts is None else ours.posts.rows
    comparisons = None if ours.comparisons is None else ours.comparisons.rows
    return share_gains(posts, comparisons, rival, options)


def _rival(name: str, held: Held) -> Rival:
    return Rival(
        name,
        None if held.posts is None else held.posts.rows.score,
        None if held.comparisons is None else held.comparisons.rows.probability,
    )


def _simpler(ours: Held) -> list[Rival]:
    rivals = []
    if ours.posts is not None:
        rivals.append(Rival("account_median", orders_nothing(ours.posts.rows)))
        rivals += [Rival(name, scores=score) for name, score in ours.posts.baselines.items()]
    if ours.comparisons is not None:
        rivals += [Rival(name, chances=p) for name, p in ours.comparisons.baselines.items()]
    return rivals


def _coverage(rows: ShareRows, options: Bootstrap) -> dict[str, Any]:
    """Return what an `Evidence` says of coverage."""
    inside = covered(rows.shares, rows.low, rows.high)
    named = zip(rows.platforms, rows.languages, strict=True)
    return {
        "coverage": mean(inside),
        "coverage_error": coverage_error(inside, rows.codes, options),
        "parts": covered_parts(inside, [f"{platform}, {code}" for platform, code in named]),
    }


def _headline(report: Report) -> dict[str, float]:
    found: dict[str, float] = {}
    if "posts" in report:
        names = ("within_account_spearman", "pair_accuracy_2x", "coverage_90")
        found |= {name: report["posts"][name] for name in names}
    if "comparisons" in report:
        found["comparison_accuracy"] = report["comparisons"]["accuracy"]
    return found
