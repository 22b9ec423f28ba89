"""Share forecasts against posts with results: the `posts` part of `prescore evaluate share`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account.history import account_keys
from models.population import usual_count
from training.judging.bootstrap import (
    DEFAULT,
    Bootstrap,
    Codes,
    Estimate,
    Floats,
    cluster_codes,
)
from training.judging.calibration import log_losses, reliability
from training.judging.metrics import (
    account_correlations,
    covered,
    mean,
    mean_columns,
    pearson,
)
from training.judging.reports import Report, account_mean, flat, groups, mean_estimate
from training.share.pairs import CHANCE, FACTOR, MAX_ACCOUNT_POSTS, count_pairs

ACCOUNTS, BLOCKS = "accounts", "blocks"

WHISKER = 1.6448536
"""Standard deviations of a normal distribution that 90% lie within."""

DEFINITIONS = {
    "n": "posts scored; abstained posts are not among them",
    "abstained": "posts refused: too few words, unlike any post, or in a language that the emotion "
    "champion has not learnt; the report of a training refuses none for its language",
    "unsettled": "posts left out: their shares were counted too soon after publishing to tell",
    "within_account_spearman": "Spearman of score and shares inside an account, mean over accounts "
    "with at least 10 scored posts whose shares vary",
    "pair_accuracy_2x": f"pairs of one account whose (1 + shares) are {FACTOR:g}x apart or more, "
    "part that the score orders right (ties half), mean over accounts with such a pair; all pairs "
    f"of up to {MAX_ACCOUNT_POSTS} posts of an account",
    "coverage_90": "part of the posts with an expected number of shares whose shares lie within "
    "its 90% interval",
    "interval_width": "mean width of that interval on the scale of log(1 + shares), natural log",
    "relative": "the same against the outcome relative to the account's own recent baseline: "
    "(log(1 + shares) - median of the account's settled posts) / their spread; r2 is the squared "
    "correlation of score and that outcome",
    "momentum": "how well shares are ordered inside an account by its recent median alone, and by "
    "the expected shares, which add the score to that median; the score alone leaves it out",
    "with_abstained": "the same metrics as if the model had not been allowed to abstain",
    "account_median": "the account's usual: one value for all its posts, so it orders nothing; its "
    "interval is the recent median plus and minus 1.64 spreads",
    "length": "the number of characters as the score",
    "tfidf_ridge": "the ridge on the words of the post (TF-IDF) that is a part of this version, "
    "asked alone: what meaning, history, time and trees add to it",
    "ci": "95% percentile bootstrap over accounts",
}


@dataclass(frozen=True, slots=True)
class ShareRows:
    """Posts with results and what was forecast for them before publishing.

    Attributes
    ----------
    shares
        Shape (n,).
    score
        Shape (n,): only its order within an account is judged here.
    expected, low, high
        Shape (n,), shares; NaN where the account had no baseline.
    beats_median
        Shape (n,), probability; NaN where not given.
    level, spread
        Shape (n,): median and spread of the account's settled log shares just before the post.
    codes
        Shape (n,), the account of each post.
    platforms, languages
        n names each.
    refusals
        n codes of the reason to abstain, empty where the post was scored.
    unit
        What `codes` number: accounts, or blocks of consecutive posts of an account.
    """

    shares: Floats
    score: Floats
    expected: Floats
    low: Floats
    high: Floats
    beats_median: Floats
    level: Floats
    spread: Floats
    codes: Codes
    platforms: Sequence[str]
    languages: Sequence[str]
    refusals: Sequence[str]
    unit: str = ACCOUNTS

    def take(self, rows: NDArray[np.intp]) -> "ShareRows":
        """Return some of the rows."""
        arrays = {
            name: getattr(self, name)[rows]
            for name in (
                "shares",
                "score",
                "expected",
                "low",
                "high",
                "beats_median",
                "level",
                "spread",
            )
        }
        names: dict[str, Any] = {
            name: [getattr(self, name)[row] for row in rows]
            for name in ("platforms", "languages", "refusals")
        }
        codes = cluster_codes(self.codes[rows])
        return ShareRows(codes=codes, unit=self.unit, **arrays, **names)

    def scored(self) -> "ShareRows":
        """Return the rows that the model did not abstain from."""
        return self.take(np.flatnonzero([not code for code in self.refusals]))

    def log_shares(self) -> Floats:
        """Return log(1 + shares)."""
        return np.log1p(self.shares)

    def beat_their_median(self) -> Floats:
        """Return 1 where a post beat its account's recent median, 0 where not, NaN unknown."""
        usual = usual_count(np.expm1(self.level))
        return np.where(np.isfinite(self.level), self.shares > usual, np.nan)

    def relative(self) -> Floats:
        """Return the outcome in spreads of the account, relative to its recent median."""
        return (self.log_shares() - self.level) / self.spread


def account_codes(frame: pd.DataFrame) -> Codes:
    """Number the accounts; a post without an account is an account of its own."""
    known = frame["account_id"].notna().to_numpy()
    platforms = frame["platform"].astype(object).where(frame["platform"].notna(), None)
    keys = account_keys(platforms.tolist(), frame["account_id"].astype(object).tolist())
    return cluster_codes(
        key if has else f"\0{row}" for row, (key, has) in enumerate(zip(keys, known, strict=True))
    )


def within_account(rows: ShareRows, score: Floats, truth: Floats | None = None) -> Floats:
    """Return Spearman's rho of each account, (accounts,), NaN where it is not defined."""
    return account_correlations(rows.shares if truth is None else truth, score, rows.codes)


def order_metrics(rows: ShareRows, score: Floats, options: Bootstrap) -> dict[str, Estimate]:
    """Return how well a score orders the posts of an account."""
    pairs = count_pairs(rows.shares, score, rows.codes)
    return {
        "within_account_spearman": account_mean(within_account(rows, score), options),
        "pair_accuracy_2x": account_mean(pairs.accuracy(), options),
    }


def interval_metrics(rows: ShareRows, options: Bootstrap) -> dict[str, Estimate]:
    """Return whether the intervals hold what they promise, on the log-share scale."""
    low, high = np.log1p(rows.low), np.log1p(rows.high)
    return {
        "coverage_90": mean_estimate(covered(rows.log_shares(), low, high), rows.codes, options),
        "interval_width": mean_estimate(high - low, rows.codes, options),
    }


def main_metrics(rows: ShareRows, options: Bootstrap) -> Report:
    """Return the metrics that stand for the whole, with their intervals."""
    found = order_metrics(rows, rows.score, options) | interval_metrics(rows, options)
    return {"n": len(rows.shares), rows.unit: len(np.unique(rows.codes)), **flat(found)}


def pair_set(rows: ShareRows) -> Report:
    """Return which pairs stand behind `pair_accuracy_2x`."""
    counted = count_pairs(rows.shares, rows.score, rows.codes)
    total = float(counted.pairs.sum())
    return {
        "pairs": int(total),
        "accounts": int((counted.pairs > 0).sum()),
        "chance": CHANCE,
        "pooled": counted.right.sum() / total if total else float("nan"),
        "ties": _ties(rows),
    }


def _ties(rows: ShareRows) -> float:
    """Part of the posts that share their score with another post of the account."""
    frame = pd.DataFrame({"account": rows.codes, "score": rows.score})
    return float(frame.duplicated(keep=False).mean()) if len(frame) else float("nan")


def relative_metrics(rows: ShareRows, options: Bootstrap) -> Report:
    """Return how well the score tells the outcome relative to the account's recent baseline."""
    truth = rows.relative()
    return {
        "n": int(np.isfinite(truth).sum()),
        **flat(
            {
                "within_account_spearman": account_mean(
                    within_account(rows, rows.score, truth), options
                )
            }
        ),
        "r2": leak_r2(rows),
    }


def leak_r2(rows: ShareRows) -> float:
    """Return the squared correlation of the score and the relative outcome.

    No text tells half of what happens to a post: above 0.5, an input knows the outcome.
    """
    return pearson(rows.relative(), rows.score) ** 2


def momentum_metrics(rows: ShareRows, options: Bootstrap) -> Report:
    """Return what the account's recent level alone tells of the order of its posts."""
    known = rows.take(np.flatnonzero(np.isfinite(rows.expected) & np.isfinite(rows.level)))
    return {
        "n": len(known.shares),
        "recent_median": flat(order_metrics(known, known.level, options)),
        "expected_shares": flat(order_metrics(known, known.expected, options)),
    }


def odds_metrics(rows: ShareRows) -> Report:
    """Return whether "beats the account's median" comes true as often as forecast."""
    happened = rows.beat_their_median()
    losses = log_losses(rows.beats_median, happened)
    return {
        "n": int(np.isfinite(losses).sum()),
        "log_loss": mean(losses),
        "base_rate": mean(np.where(np.isfinite(losses), happened, np.nan)),
        "calibration_error": reliability(rows.beats_median, happened).error(),
        "reliability": reliability(rows.beats_median, happened).to_json(),
    }


def usual_post(rows: ShareRows) -> ShareRows:
    """Return the rows with the account's usual post as the forecast for each."""
    margin = WHISKER * rows.spread
    known = np.where(np.isfinite(rows.expected), rows.level, np.nan)
    return replace(
        rows,
        score=np.zeros_like(rows.shares),
        expected=np.expm1(known),
        low=np.maximum(np.expm1(known - margin), 0.0),
        high=np.expm1(known + margin),
    )


def baseline_report(rows: ShareRows, scores: Mapping[str, Floats], options: Bootstrap) -> Report:
    """Return the order metrics of simpler scores, on the same posts."""
    usual = usual_post(rows)
    found = order_metrics(usual, usual.score, options) | interval_metrics(usual, options)
    report: Report = {"account_median": flat(found)}
    for name, score in scores.items():
        report[name] = flat(order_metrics(rows, score, options))
    return report


def posts_report(
    rows: ShareRows, scores: Mapping[str, Floats], options: Bootstrap = DEFAULT
) -> Report:
    """Return the `posts` part of the contract.

    Parameters
    ----------
    rows
        Posts with results, forecast as drafts.
    scores
        Scores of simpler models for the same rows, (n,) each.
    options
        Resamples, level and seed of the intervals.
    """
    kept = np.flatnonzero([not code for code in rows.refusals])
    scored = rows.take(kept)
    reasons = pd.Series([code for code in rows.refusals if code], dtype=object).value_counts()
    return {
        **main_metrics(scored, options),
        "n_with_interval": int(np.isfinite(scored.expected).sum()),
        "pairs_2x": pair_set(scored),
        "abstained": len(rows.shares) - len(kept),
        "abstained_by": {str(code): int(count) for code, count in reasons.items()},
        "relative": relative_metrics(scored, options),
        "momentum": momentum_metrics(scored, options),
        "beats_median": odds_metrics(scored),
        "baselines": baseline_report(scored, {k: v[kept] for k, v in scores.items()}, options),
        "by_platform": _by(scored, scored.platforms, options),
        "by_language": _by(scored, scored.languages, options),
        "with_abstained": main_metrics(rows, options) if len(kept) < len(rows.shares) else None,
        "definitions": DEFINITIONS,
    }


def _by(rows: ShareRows, labels: Sequence[str], options: Bootstrap) -> Report:
    return {label: main_metrics(rows.take(part), options) for label, part in groups(labels)}


def account_sums(rows: ShareRows, score: Floats) -> Floats:
    """Return per account what `within_account_spearman` is made of, (accounts, 2).

    Which accounts count depends on the rows only, never on the score: two models pair up.
    """
    each = within_account(rows, score)
    return mean_columns(each[np.isfinite(within_account(rows, rows.shares))])
