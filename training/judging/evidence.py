"""What the gate looks at: gains over rivals on the same held-out rows, coverage, probes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from training.emotion.report import EmotionRows, mean_pearson, mean_pearson_sums
from training.judging.bootstrap import Bootstrap, Codes, Estimate, Floats, Statistic, difference
from training.judging.gate_settings import Kind
from training.judging.metrics import ratio
from training.judging.reports import groups, mean_estimate
from training.share.comparison_report import ComparisonRows, accuracy_sums
from training.share.report import ShareRows, account_sums


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the new version beats a rival on the same held-out rows.

    Attributes
    ----------
    metric
        One of `gate_settings.METRICS`.
    rival
        What a person reads: "the champion, version 3", "tfidf_ridge".
    ours, theirs
        The metric of either.
    gain
        ours - theirs, from a paired bootstrap.
    unit
        What was resampled: "accounts", "texts", "groups".
    """

    metric: str
    rival: str
    ours: float
    theirs: float
    gain: Estimate
    unit: str


@dataclass(frozen=True, slots=True)
class Part:
    """Held-out rows of one language, or of one platform and language.

    Attributes
    ----------
    name
        What a person reads: "pl", "x, en".
    rows
        How many outcomes were held out.
    coverage
        Part of them inside their 90% interval, 0..1.
    """

    name: str
    rows: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the gate looks at.

    Attributes
    ----------
    has_champion
        Whether there is a reigning version to beat.
    against_champion, against_baselines
        Gains on the same held-out rows.
    coverage
        Part of held-out outcomes inside their 90% interval, 0..1; NaN where not measured.
    r2
        Squared correlation of score and relative outcome; NaN where not measured.
    coverage_error
        Standard error of `coverage`; NaN where too few rows were held out to tell.
    parts
        Coverage in each language, or in each platform and language.
    probes
        What was measured on texts of our own, by names of `models.verdicts.LIMITS`; a probe that
        does not apply, to a model without Polish or English say, is not in it.
    """

    kind: Kind
    has_champion: bool
    against_champion: tuple[Gain, ...]
    against_baselines: tuple[Gain, ...]
    coverage: float
    r2: float = math.nan
    coverage_error: float = 0.0
    parts: tuple[Part, ...] = ()
    probes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rival:
    """Another forecast of the same rows.

    Attributes
    ----------
    name
        What a person reads, such as "tfidf_ridge" or "the champion, version 3".
    scores
        Of the held-out posts, (n,); None where it has none.
    chances
        Of side a winning each held-out comparison, (m,); None where it has none.
    """

    name: str
    scores: Floats | None = None
    chances: Floats | None = None


def emotion_gain(rows: EmotionRows, rival: str, value: Floats, options: Bootstrap) -> Gain:
    """Return the gain in mean Pearson over a rival's forecast of the same rows, (n, k)."""
    ours, theirs = mean_pearson_sums(rows, rows.value), mean_pearson_sums(rows, value)
    return _gain("mean_pearson", rival, mean_pearson, (ours, theirs), "texts", options)


def share_gains(
    posts: ShareRows | None,
    comparisons: ComparisonRows | None,
    rival: Rival,
    options: Bootstrap,
) -> tuple[Gain, ...]:
    """Return the gains over a rival in each metric that the held-out rows can measure.

    All posts count, also those that a version would abstain from: which ones it refuses must not
    decide which rows it is compared on.

    Parameters
    ----------
    posts, comparisons
        Held-out rows with the new version's forecast.
    rival
        Whom to compare with.
    options
        Of the paired bootstrap.
    """
    found = []
    if posts is not None and rival.scores is not None:
        sums = account_sums(posts, posts.score), account_sums(posts, rival.scores)
        found.append(_gain("within_account_spearman", rival.name, ratio, sums, posts.unit, options))
    if comparisons is not None and rival.chances is not None:
        pair = (
            accuracy_sums(comparisons, comparisons.probability),
            accuracy_sums(comparisons, rival.chances),
        )
        found.append(_gain("comparison_accuracy", rival.name, ratio, pair, "groups", options))
    return tuple(found)


def coverage_error(inside: Floats, codes: Codes, options: Bootstrap) -> float:
    """Return the standard error of a coverage, from a bootstrap of whole clusters.

    NaN where there are too few clusters to tell.

    Parameters
    ----------
    inside
        1 where an outcome lies in its interval, 0 where not; NaN counts for nothing. Shape (n,).
    codes
        Cluster of each: account or text.
    options
        Of the bootstrap.
    """
    found = mean_estimate(inside, codes, options)
    return (found.high - found.low) / 2 / NormalDist().inv_cdf(0.5 + options.level / 2)


def covered_parts(inside: Floats, names: Sequence[str]) -> tuple[Part, ...]:
    """Return the coverage of each part of the rows; `inside` as of `coverage_error`."""
    found = []
    for name, rows in groups(names):
        known = inside[rows][np.isfinite(inside[rows])]
        if len(known):
            found.append(Part(name, len(known), float(known.mean())))
    return tuple(found)


def _gain(
    metric: str,
    rival: str,
    statistic: Statistic,
    sums: tuple[Floats, Floats],
    unit: str,
    options: Bootstrap,
) -> Gain:
    ours, theirs = (float(statistic(part.sum(axis=0, keepdims=True))[0]) for part in sums)
    gain = difference(statistic, *sums, options)
    return Gain(metric, rival, ours, theirs, gain, unit)


def orders_nothing(rows: ShareRows) -> Floats:
    """Return the score of the account's usual post for every post: the same one."""
    return np.zeros(len(rows.shares))
