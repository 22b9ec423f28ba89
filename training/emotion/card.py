"""The card of an emotion version."""

import math
from collections.abc import Mapping

from training.judging.gate import Verdict
from training.judging.reports import Report, estimate_in
from training.record.card import Card, Measure, shown
from training.run import Attempt

HELD_OUT = (
    "Measured on texts that no training has seen: one in ten, chosen by a hash of the text, the "
    "same for every version. Intervals are 95%, by resampling texts."
)
LIMITS = (
    "It forecasts how strongly readers like those who labelled the tables would say a text moves "
    "them; others may be moved otherwise.",
    "Irony, quotation and private jokes are often read at face value.",
    "Languages that the tables do not hold are forecast by what their words mean elsewhere, and "
    "measured below where labelled texts were held out.",
    "An intensity is no judgement of a text: anger at an injustice and anger at a person score "
    "alike.",
)


def emotion_card(attempt: Attempt, report: Report, verdict: Verdict) -> Card:
    """Return the card of an emotion version.

    Parameters
    ----------
    attempt
        The trained model.
    report
        On the held-out texts; the champion so far is one of its baselines.
    verdict
        Of the gate.
    """
    return Card(
        title=f"{attempt.job.target('emotion')}: how strongly a text moves people",
        summary="Takes a text. Gives the intensity of anger, disgust, fear, joy, sadness, surprise "
        "(0 to 1), valence (-1 to 1), arousal (0 to 1) and one overall intensity (0 to 1), each "
        "with a 90% interval.",
        origin=attempt.origin,
        held_out=HELD_OUT,
        measures=tuple(_measures(report)),
        languages=tuple(
            (
                name,
                f"mean Pearson {shown(estimate_in(part, 'mean_pearson'))}, "
                f"{part['n']:,} texts{_held(part)}",
            )
            for name, part in report["by_language"].items()
        ),
        limits=LIMITS,
        verdict=verdict.reasons,
    )


def _measures(report: Report) -> list[Measure]:
    rivals: Mapping[str, Report] = report["baselines"]
    mean = Measure(
        f"Mean Pearson of {len(report['emotions'])} emotions, {report['n']:,} texts",
        estimate_in(report, "mean_pearson"),
        tuple((name, part["mean_pearson"]) for name, part in rivals.items()),
    )
    return [mean, *(_target(name, report, rivals) for name in report["metrics"])]


def _target(name: str, report: Report, rivals: Mapping[str, Report]) -> Measure:
    part = report["metrics"][name]
    return Measure(
        f"Pearson of {name}, {part['n']:,} labels{_held(part)}",
        estimate_in(part, "pearson"),
        tuple((rival, found["metrics"][name]["pearson"]) for rival, found in rivals.items()),
    )


def _held(part: Report) -> str:
    """Return what the intervals of a part hold, as the end of a sentence; empty if not known."""
    held = part["coverage_90"]
    return f"; 90% intervals hold {held:.0%}" if math.isfinite(held) else ""
