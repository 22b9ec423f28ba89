"""The card of a share version."""

from collections.abc import Mapping

from training.judging.bootstrap import Estimate
from training.judging.gate import Verdict
from training.judging.reports import Report, estimate_in
from training.record.card import Card, Measure, counted, figure, shown
from training.run import Attempt

HELD_OUT = (
    "Measured on accounts and comparison groups that no training has seen: one in ten, chosen by a "
    "hash of its name, the same for every version. Each post was scored as a draft at the time it "
    "was published, with only its account's earlier, settled posts known. What a lead between two "
    "wordings is worth, one number for each platform, was fitted on the held-out comparisons "
    "themselves: it changes no order, but flatters their log loss and calibration. Intervals are "
    "95%, by resampling whole accounts or groups."
)
HELD_OUT_LATEST = (
    "Measured on the latest fifth of each account's posts, all later than what was trained on: "
    "there were too few accounts to hold out whole ones. The figures tell about the next posts of "
    "these accounts, not about other accounts. Each post was scored as a draft at the time it was "
    "published, with only its account's earlier, settled posts known. Intervals are 95%, by "
    "resampling blocks of ten to nineteen consecutive posts, within which order is measured; an "
    "account with fewer is one block."
)
LEFT_OUT = (
    "On the posts that it was fitted on, each scored by trees that were grown without it, Spearman "
    "within accounts is {order}. Trees that learnt from outcomes shuffled inside each account "
    "reach {control}: far from 0, a column would know the outcome."
)
LIMITS = (
    "The score compares a post with its own account's usual one. Across accounts it says nothing: "
    "who posts explains far more than what is posted.",
    "Within one account, most of what happens to a post is chance or cannot be read off the post; "
    "the width of the interval says how much.",
    "Accounts without known posts get a place among posts of other accounts, which says less.",
    "Platforms, languages and kinds of account that the tables hold little of are forecast by "
    "what holds elsewhere; see the figures by platform and language before relying on them.",
    "Images and videos are not looked at; only that there is one.",
)


def share_card(attempt: Attempt, report: Report, verdict: Verdict) -> Card:
    """Return the card of a share version.

    Parameters
    ----------
    attempt
        The trained model.
    report
        The parts `posts` and `comparisons` on the held-out rows, the champion so far being one of
        the baselines; and `left_out`, see `training.trained.Trained`.
    verdict
        Of the gate.
    """
    return Card(
        title=f"{attempt.job.target('share')}: "
        "how far a post should travel beyond its account's usual one",
        summary="Takes a draft and what its account posted before. Gives a score in units of the "
        "account's own spread of log shares (0 is its usual post), a percentile of a named "
        "population, the expected shares, and the odds of beating the account's median, each with "
        "a 90% interval.",
        origin=attempt.origin,
        held_out=f"{_held_out(report)} {_left_out(report['left_out'])}",
        measures=(*_posts(report), *_comparisons(report)),
        languages=_languages(report),
        limits=LIMITS,
        verdict=verdict.reasons,
    )


def _held_out(report: Report) -> str:
    return HELD_OUT_LATEST if "blocks" in report.get("posts", {}) else HELD_OUT


def _left_out(part: Mapping[str, float]) -> str:
    """Return what trees found on the posts fitted on, and what is found where nothing can be."""
    return LEFT_OUT.format(
        order=figure(part["within_account_spearman"]), control=figure(part["shuffled_control"])
    )


def _posts(report: Report) -> list[Measure]:
    part = report.get("posts")
    if not part:
        return []
    titles = {
        "within_account_spearman": "Spearman within accounts",
        "pair_accuracy_2x": "Pairs 2x apart in the right order (chance 0.5)",
        "coverage_90": "Coverage of 90% intervals",
        "interval_width": "Interval width, log(1 + shares)",
    }
    return [
        Measure(
            f"{title}, {_counted(part)}",
            estimate_in(part, metric),
            _beside(part["baselines"], metric),
        )
        for metric, title in titles.items()
    ]


def _counted(part: Report) -> str:
    if "blocks" in part:
        blocks = counted(part["blocks"], "block")
        return f"{counted(part['n'], 'post')} in {blocks} of consecutive posts"
    return f"{counted(part['n'], 'post')} of {counted(part['accounts'], 'account')}"


def _comparisons(report: Report) -> list[Measure]:
    part = report.get("comparisons")
    if not part:
        return []
    found = [
        Measure(
            f"{title}, {part['n']:,} comparisons",
            estimate_in(part, metric),
            _beside(part["baselines"], metric),
        )
        for metric, title in {"accuracy": "Accuracy", "log_loss": "Log loss"}.items()
    ]
    if part["significant"]:
        beside = _beside(part["baselines"], "accuracy_significant")
        sure = estimate_in(part["significant"], "accuracy")
        found.append(Measure(f"Accuracy, {part['significant']['n']:,} with p < .05", sure, beside))
    return found


def _beside(baselines: Mapping[str, Report], metric: str) -> tuple[tuple[str, float], ...]:
    return tuple((name, part[metric]) for name, part in baselines.items() if metric in part)


def _languages(report: Report) -> tuple[tuple[str, str], ...]:
    groups: Mapping[str, Report] = (report.get("posts") or {}).get("by_language", {})
    return tuple(
        (name, f"Spearman {_told(part)}, {part['n']:,} posts") for name, part in groups.items()
    )


def _told(part: Report) -> str:
    found: Estimate = estimate_in(part, "within_account_spearman")
    return shown(found)
