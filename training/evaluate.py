"""Measure a registered version on a table: the JSON of `prescore evaluate`.

Nothing is shared with training but the version: the history of each post comes from the evaluated
table, and each post is scored as if it were a draft at its `published_at`.
"""

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
from training.share.data import held_out_comparisons, in_vault
from training.share.forecasts import judge_comparisons, judge_posts
from training.share.histories import by_history
from training.share.odds import odds_report
from training.share.report import posts_report

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


def held_out(
    posts: pd.DataFrame | None, comparisons: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return what of some tables no training may see: an account in ten, a comparison group in ten.

    Raises
    ------
    InputError
        When nothing of a table is left.
    """
    kept = None if posts is None else posts[in_vault(posts)].reset_index(drop=True)
    pairs = None if comparisons is None else held_out_comparisons(comparisons)
    for name, table in (("account", kept), ("comparison group", pairs)):
        if table is not None and table.empty:
            raise InputError(
                f"No {name} of the given tables is in the tenth that no training sees. "
                "Give more of them, or leave out --held-out."
            )
    return kept, pairs


def evaluate_share(
    posts: pd.DataFrame | None,
    comparisons: pd.DataFrame | None,
    loaded: "Loaded",
    embed: Embedder = EMBED,
    options: Bootstrap = DEFAULT,
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

    Returns
    -------
    dict
        The JSON of the contract; what could not be measured is None.
    """
    model = cast("ShareModel", loaded.model)
    report: Report = {"model": loaded.version.uri}
    if posts is not None:
        table = latest(posts)
        judged = judge_posts(table, model, loaded.encoder, embed)
        found = posts_report(judged.rows, judged.baselines, options)
        report["posts"] = {
            **found,
            **odds_report(judged.rows.scored(), model.luck),
            "by_history": by_history(table, judged, model, options),
            "unsettled": judged.unsettled,
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
