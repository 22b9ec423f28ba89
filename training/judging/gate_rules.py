"""The rules of the gate.

Each is one function of the evidence and the settings that returns a `Check`, or None where it has
nothing to say; a new rule is one more entry in `RULES`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from models.verdicts import LIMITS
from training.judging.evidence import Evidence, Gain
from training.judging.gate_settings import KindGate

CHANCE = 2.0
"""Standard errors by which a coverage may miss its bounds: few held-out rows are not held against a
version, many leave no excuse."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's finding, with a sentence for people."""

    name: str
    passed: bool
    sentence: str


Rule = Callable[[Evidence, KindGate], Check | None]


def beats_champion(evidence: Evidence, gate: KindGate) -> Check | None:
    """The deciding metric must be better than the champion's, beyond chance."""
    if not evidence.has_champion:
        return None
    gain = _deciding(evidence.against_champion, gate)
    if gain is None:
        return Check("champion", False, "No held-out rows to compare with the champion on.")
    return Check("champion", _is_better(gain, gate), _gained(gain, gate))


def keeps_the_rest(evidence: Evidence, gate: KindGate) -> Check | None:
    """No other metric may be clearly worse than the champion's, nor worse by more than `max_loss`.

    Where too few rows were held out to tell, it is said and not held against the version.
    """
    deciding = _deciding(evidence.against_champion, gate)
    others = [
        gain
        for gain in evidence.against_champion
        if deciding is not None and gain.metric != deciding.metric and gain.metric in gate.metrics
    ]
    lost = [gain for gain in others if _is_worse(gain, gate)]
    if not others:
        return None
    verdict = "Not as good" if lost else "Not clearly worse"
    told = " ".join(_sentence(gain, verdict) for gain in lost or others)
    return Check("other metrics", not lost, told)


def beats_baselines(evidence: Evidence, gate: KindGate) -> Check | None:
    """Without a champion the version must beat every baseline in the deciding metric."""
    if evidence.has_champion:
        return None
    deciding = _deciding(evidence.against_baselines, gate)
    if deciding is None:
        return Check("baselines", False, "No held-out rows to compare with the baselines on.")
    rivals = [gain for gain in evidence.against_baselines if gain.metric == deciding.metric]
    lost = [gain for gain in rivals if not _is_better(gain, gate)]
    told = " ".join(_gained(gain, gate) for gain in lost or rivals)
    return Check("baselines", not lost, told)


def behind_baselines(evidence: Evidence, gate: KindGate) -> tuple[str, ...]:
    """Return a sentence where a simple baseline does as well; beside a champion it is no rule."""
    deciding = _deciding(evidence.against_baselines, gate)
    if deciding is None or not evidence.has_champion:
        return ()
    same = [gain for gain in evidence.against_baselines if gain.metric == deciding.metric]
    ahead = [f"{gain.theirs:.4f} of {gain.rival}" for gain in same if gain.ours <= gain.theirs]
    if not ahead:
        return ()
    metric = deciding.metric.replace("_", " ")
    return (
        f"Mind that something simpler does as well or better: {metric} {deciding.ours:.4f} against "
        f"{', '.join(ahead)}.",
    )


def coverage_within_bounds(evidence: Evidence, gate: KindGate) -> Check:
    """90% intervals must hold about 90% of held-out outcomes, as far as these can tell."""
    low, high = gate.coverage
    if math.isnan(evidence.coverage):
        return Check("coverage", False, "The coverage of the intervals could not be measured.")
    held = f"90% intervals hold {evidence.coverage:.1%} of the held-out outcomes"
    if math.isnan(evidence.coverage_error):
        return Check("coverage", True, f"Too few to tell: the {held}.")
    slack = CHANCE * evidence.coverage_error
    inside = low - slack <= evidence.coverage <= high + slack
    chance = f", give or take {slack:.1%} of chance" if slack >= 0.0005 else ""
    return Check(
        "coverage",
        inside,
        f"The {held}, {'within' if inside else 'outside'} the bounds {low:.0%} to {high:.0%}"
        f"{chance}.",
    )


def parts_covered(evidence: Evidence, gate: KindGate) -> Check | None:
    """No language or platform with rows enough may be left out of what the intervals promise."""
    told = [part for part in evidence.parts if part.rows >= gate.part_rows]
    if gate.part_coverage is None or not told:
        return None
    short = [part for part in told if part.coverage < gate.part_coverage] or [
        min(told, key=lambda part: part.coverage)
    ]
    shown = "; ".join(f"{part.coverage:.1%} in {part.name} ({part.rows})" for part in short)
    fine = short[0].coverage >= gate.part_coverage
    return Check(
        "coverage by part",
        fine,
        f"Of the parts with {gate.part_rows} held-out outcomes or more, the 90% intervals hold "
        f"{'at least ' if fine else 'too little: '}{shown}; needed {gate.part_coverage:.0%}.",
    )


def within_limits(evidence: Evidence, gate: KindGate) -> Check | None:
    """What texts of our own show must stay within the limits."""
    known = {name: evidence.probes[name] for name in gate.limits if name in evidence.probes}
    if not known:
        return None
    over = {name: value for name, value in known.items() if not value <= gate.limits[name]}
    sentences = [
        f"{LIMITS[name]}: {value:.3f}, limit {gate.limits[name]:g}."
        for name, value in (over or known).items()
    ]
    return Check("own texts", not over, " ".join(sentences))


def no_leak(evidence: Evidence, gate: KindGate) -> Check | None:
    """A score that explains too much of the outcome must have seen it."""
    if gate.max_r2 is None or math.isnan(evidence.r2):
        return None
    fine = evidence.r2 <= gate.max_r2
    verdict = "no sign of a leak" if fine else "an input must know the outcome: look for a leak"
    return Check(
        "leak",
        fine,
        f"The score explains {evidence.r2:.1%} of the variance of the relative outcome "
        f"(alarm above {gate.max_r2:.0%}): {verdict}.",
    )


RULES: tuple[Rule, ...] = (
    beats_champion,
    keeps_the_rest,
    beats_baselines,
    coverage_within_bounds,
    parts_covered,
    no_leak,
    within_limits,
)


def _deciding(gains: tuple[Gain, ...], gate: KindGate) -> Gain | None:
    for metric in gate.metrics:
        for gain in gains:
            if gain.metric == metric and math.isfinite(gain.gain.value):
                return gain
    return None


def _is_better(gain: Gain, gate: KindGate) -> bool:
    return gain.gain.low > gate.min_gain


def _is_worse(gain: Gain, gate: KindGate) -> bool:
    found = gain.gain
    return math.isfinite(found.low) and (found.high < 0 or found.value < -gate.max_loss)


def _gained(gain: Gain, gate: KindGate) -> str:
    if _is_better(gain, gate):
        return _sentence(gain, "Better")
    needed = gate.min_gain
    return _sentence(gain, f"Not clearly above {needed:+.4f}" if needed else "Not clearly better")


def _sentence(gain: Gain, verdict: str) -> str:
    name, found = gain.metric.replace("_", " "), gain.gain
    shown = f"{name} {gain.ours:.4f} against {gain.theirs:.4f} of {gain.rival}"
    behind = f"on {found.clusters} held-out {gain.unit}"
    if math.isnan(found.low):
        return f"Too few to tell: {shown}, {behind}."
    interval = f"gain {found.value:+.4f}, interval {found.low:+.4f} to {found.high:+.4f}"
    return f"{verdict}: {shown} ({interval}, {behind})."
