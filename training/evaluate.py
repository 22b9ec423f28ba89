"""Measure a registered version on a table: the JSON of `prescore evaluate`.

Nothing is shared with training but the version: the history of each post comes from the evaluated
table, and each post is scored as if it were a draft at its `published_at`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pandas as pd

from features.errors import InputError
from features.tables.validation import latest
from training.embedding import EMBED, Embedder
from training.emotion.forecasts import judge_emotion
from training.emotion.report import emotion_report
from training.judging.bootstrap import DEFAULT, Bootstrap
from training.judging.reports import Report, jsonable
from training.probes.bias import bias_gaps, bias_report
from training.probes.gaming import gaming, gaming_report
from training.probes.robustness import robustness, robustness_report
from training.share import histories, odds
from training.share.comparison_report import comparisons_report
from training.share.data import gather_posts, held_out_comparisons, in_vault
from training.share.forecasts import judge_comparisons, judge_posts
from training.share.histories import by_history
from training.share.holdout import latest_posts
from training.share.odds import odds_report
from training.share.report import posts_report
from training.splits import BoolArray

if TYPE_CHECKING:
    from models.emotion import EmotionModel
    from models.share import ShareModel
    from models.versions import Loaded


def evaluate_emotion(
    frame: pd.DataFrame,
    loaded: "Loaded",
    embed: Embedder = EMBED,
    options: Bootstrap = DEFAULT,
) -> Report:
    """Measure an emotion version on labelled texts.

    Parameters
    ----------
    frame
        A canonical emotion table.
    loaded
        A version of kind `emotion`.
    embed
        How texts become vectors.
    options
        Resamples, level and seed of the intervals.

    Returns
    -------
    dict
        The JSON of the contract; what could not be measured is None.
    """
    model = cast("EmotionModel", loaded.model)
    judged = judge_emotion(frame, model, loaded.encoder, embed)
    report = emotion_report(judged.rows, judged.baselines, options)
    return cast(Report, jsonable({"model": loaded.version.uri, **report}))


@dataclass(frozen=True, eq=False)
class Unseen:
    """What a version has not seen of some tables.

    Attributes
    ----------
    posts
        None where none were given; history included.
    judged
        Which of the posts are to be judged; None for all of them.
    comparisons
        None where none were given.
    """

    posts: pd.DataFrame | None
    judged: BoolArray | None
    comparisons: pd.DataFrame | None


def held_out(
    posts: pd.DataFrame | None, comparisons: pd.DataFrame | None, by_time: bool = False
) -> Unseen:
    """Return what of the tables that a version was trained on its training held out.

    Parameters
    ----------
    posts, comparisons
        Canonical tables, or None.
    by_time
        Whether the training held out the latest posts of each account; else an account in ten. Of
        comparisons it was a group in ten.

    Raises
    ------
    InputError
        When nothing of a table is left.
    """
    pairs = None if comparisons is None else held_out_comparisons(comparisons)
    kept, judged = posts, None
    if posts is not None and by_time:
        kept = gather_posts([posts])
        judged = latest_posts(kept)
    elif posts is not None:
        kept = posts[in_vault(posts)].reset_index(drop=True)
    for name, table in (("account", kept), ("comparison group", pairs)):
        if table is not None and table.empty:
            raise InputError(
                f"No {name} of the given tables is in the tenth that no training sees. "
                "Give more of them, or leave out --held-out."
            )
    return Unseen(kept, judged, pairs)


def evaluate_share(
    posts: pd.DataFrame | None,
    comparisons: pd.DataFrame | None,
    loaded: "Loaded",
    embed: Embedder = EMBED,
    options: Bootstrap = DEFAULT,
    judged: BoolArray | None = None,
    languages: Collection[str] | None = None,
) -> Report:
    """Measure a share version on posts with results, on comparisons, or on both.

    Parameters
    ----------
    posts, comparisons
        Canonical tables, or None.
    loaded
        A version of kind `share`.
    embed
        How texts become vectors.
    options
        Resamples, level and seed of the intervals.
    judged
        Which posts to judge, the others being history; None judges all. See `held_out`.
    languages
        As of `training.share.forecasts.judge_posts`.

    Returns
    -------
    dict
        The JSON of the contract; what could not be measured is None.
    """
    model = cast("ShareModel", loaded.model)
    report: Report = {"model": loaded.version.uri}
    if posts is not None:
        table = latest(posts)
        forecast = judge_posts(table, model, loaded.encoder, embed, judged, languages)
        found = posts_report(forecast.rows, forecast.baselines, options)
        report["posts"] = {
            **found,
            **odds_report(forecast.rows.scored(), model.luck),
            "by_history": by_history(table, forecast, model, options),
            "unsettled": forecast.unsettled,
            "definitions": {**found["definitions"], **odds.DEFINITIONS, **histories.DEFINITIONS},
        }
    if comparisons is not None:
        pairs = judge_comparisons(comparisons, model, loaded.encoder, embed)
        report["comparisons"] = comparisons_report(pairs.rows, pairs.baselines, options)
    return cast(Report, jsonable(report))


def evaluate_bias(loaded: "Loaded", embed: Embedder = EMBED) -> Report:
    """Measure how far an emotion version tells people apart; see `training.probes.bias`."""
    model = cast("EmotionModel", loaded.model)
    found = bias_report(bias_gaps(model, loaded.encoder, embed))
    return cast(Report, jsonable({"model": loaded.version.uri, **found}))


def evaluate_robustness(loaded: "Loaded", embed: Embedder = EMBED) -> Report:
    """Measure how steady an emotion version is; see `training.probes.robustness`."""
    model = cast("EmotionModel", loaded.model)
    found = robustness_report(robustness(model, loaded.encoder, embed))
    return cast(Report, jsonable({"model": loaded.version.uri, **found}))


def evaluate_gaming(loaded: "Loaded", embed: Embedder = EMBED) -> Report:
    """Measure how far a share version can be gamed; see `training.probes.gaming`."""
    model = cast("ShareModel", loaded.model)
    found = gaming_report(gaming(model, loaded.encoder, embed))
    return cast(Report, jsonable({"model": loaded.version.uri, **found}))
