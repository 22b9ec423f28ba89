"""The gate: when a new version may become champion by itself.

Every rule is one function of the evidence and the settings that returns a `Check`, or None where it
has nothing to say; a new rule (bias, attempts to game the score) is one more entry in `RULES`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.errors import ConfigError
from training.judging.bootstrap import Bootstrap, Estimate

Kind = Literal["emotion", "share"]
Part = Annotated[float, Field(ge=0, le=1)]

METRICS: Mapping[Kind, tuple[str, ...]] = {
    "emotion": ("mean_pearson",),
    "share": ("within_account_spearman", "comparison_accuracy"),
}
"""What two versions can be compared by, on the same held-out rows."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KindGate(_Strict):
    """The gate of one kind of model.

    Attributes
    ----------
    metrics
        In order of importance. The first one that the held-out rows can measure decides.
    min_gain
        The gain in the deciding metric must exceed this, with its whole interval.
    max_loss
        What the other metrics may lose, again with the whole interval of the gain.
    coverage
        Bounds of the part of held-out outcomes inside their 90% interval.
    max_r2
        Above this squared correlation with the relative outcome an input must know the outcome;
        None where no such alarm applies.
    """

    metrics: tuple[str, ...] = Field(min_length=1)
    min_gain: float = 0.0
    max_loss: Annotated[float, Field(ge=0)] = 0.0
    coverage: tuple[Part, Part]
    max_r2: Part | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "KindGate":
        if self.coverage[0] >= self.coverage[1]:
            raise ValueError("coverage: expected the lower bound first")
        return self


class GateSettings(_Strict):
    """The `gate` section of `registry.yaml`.

    Attributes
    ----------
    level
        Two-sided level of the intervals of gains: at 0.9 the chance that a version that is no
        better passes is 5%.
    resamples, seed
        Of the paired bootstrap.
    min_clusters
        With fewer held-out accounts or texts the gate cannot tell.
    """

    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.9
    resamples: Annotated[int, Field(ge=100)] = 2000
    seed: int = 0
    min_clusters: Annotated[int, Field(ge=2)] = 5
    emotion: KindGate
    share: KindGate

    @model_validator(mode="after")
    def _known_metrics(self) -> "GateSettings":
        for kind, known in METRICS.items():
            unknown = set(self.of(kind).metrics) - set(known)
            if unknown:
                raise ValueError(f"{kind}.metrics: got {sorted(unknown)}, expected of {known}")
        return self

    def of(self, kind: Kind) -> KindGate:
        """Return the gate of one kind of model."""
        return self.emotion if kind == "emotion" else self.share

    @property
    def bootstrap(self) -> Bootstrap:
        """How the gains are resampled."""
        return Bootstrap(self.resamples, self.level, self.seed, self.min_clusters)


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the new version beats a rival on the same held-out rows.

    Attributes
    ----------
    metric
        One of `METRICS`.
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
    """

    kind: Kind
    has_champion: bool
    against_champion: tuple[Gain, ...]
    against_baselines: tuple[Gain, ...]
    coverage: float
    r2: float = math.nan


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's finding, with a sentence for people."""

    name: str
    passed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided.

    Attributes
    ----------
    champion
        Whether the version becomes champion by itself.
    reasons
        Sentences: why it does, or, if not, only what stood against it.
    checks
        Every rule's finding.
    """

    champion: bool
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]


Rule = Callable[[Evidence, KindGate], Check | None]


def read_gate(path: Path) -> GateSettings:
    """Read the `gate` section of `registry.yaml`.

    Raises
    ------
    ConfigError
        When the file is missing, is not YAML, or a key of the section is unknown or missing.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ConfigError(f"Cannot read the gate's settings {path}: {err.strerror}.") from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} is not YAML: restore the file of this release.") from err
    section = content.get("gate") if isinstance(content, dict) else None
    try:
        return GateSettings.model_validate(section)
    except ValidationError as err:
        first = err.errors()[0]
        place = ".".join(["gate", *(str(part) for part in first["loc"])])
        raise ConfigError(f"{path}: {place}: {first['msg']}.") from err


def gate_path() -> Path:
    """Return the settings file: of the checkout, or where an installed package carries it."""
    here = Path(__file__).resolve().parent
    checkout = here.parents[1] / "mlflow" / "registry.yaml"
    return checkout if checkout.exists() else here / "registry.yaml"


def decide(evidence: Evidence, settings: GateSettings) -> Verdict:
    """Decide whether a new version becomes champion.

    Parameters
    ----------
    evidence
        How the version did on held-out rows.
    settings
        Of the gate.
    """
    found = (rule(evidence, settings.of(evidence.kind)) for rule in RULES)
    checks = tuple(check for check in found if check is not None)
    passed = all(check.passed for check in checks)
    reasons = tuple(check.sentence for check in checks if check.passed == passed)
    return Verdict(passed, reasons, checks)


def beats_champion(evidence: Evidence, gate: KindGate) -> Check | None:
    """The deciding metric must be better than the champion's, beyond chance."""
    if not evidence.has_champion:
        return None
    gain = _deciding(evidence.against_champion, gate)
    if gain is None:
        return Check("champion", False, "No held-out rows to compare with the champion on.")
    return Check("champion", gain.gain.low > gate.min_gain, _sentence(gain, gate.min_gain))


def keeps_the_rest(evidence: Evidence, gate: KindGate) -> Check | None:
    """No other metric may be clearly worse than the champion's."""
    deciding = _deciding(evidence.against_champion, gate)
    others = [
        gain
        for gain in evidence.against_champion
        if deciding is not None and gain.metric != deciding.metric and gain.metric in gate.metrics
    ]
    lost = [gain for gain in others if not gain.gain.low > -gate.max_loss]
    if not others:
        return None
    told = " ".join(_sentence(gain, -gate.max_loss) for gain in lost or others)
    return Check("other metrics", not lost, told)


def beats_baselines(evidence: Evidence, gate: KindGate) -> Check | None:
    """Without a champion the version must beat every baseline in the deciding metric."""
    if evidence.has_champion:
        return None
    deciding = _deciding(evidence.against_baselines, gate)
    if deciding is None:
        return Check("baselines", False, "No held-out rows to compare with the baselines on.")
    rivals = [gain for gain in evidence.against_baselines if gain.metric == deciding.metric]
    lost = [gain for gain in rivals if not gain.gain.low > gate.min_gain]
    told = " ".join(_sentence(gain, gate.min_gain) for gain in lost or rivals)
    return Check("baselines", not lost, told)


def coverage_within_bounds(evidence: Evidence, gate: KindGate) -> Check:
    """90% intervals must hold about 90% of held-out outcomes."""
    low, high = gate.coverage
    if math.isnan(evidence.coverage):
        return Check("coverage", False, "The coverage of the intervals could not be measured.")
    inside = low <= evidence.coverage <= high
    return Check(
        "coverage",
        inside,
        f"The 90% intervals hold {evidence.coverage:.1%} of the held-out outcomes, "
        f"{'within' if inside else 'outside'} the bounds {low:.0%} to {high:.0%}.",
    )


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
    no_leak,
)


def _deciding(gains: tuple[Gain, ...], gate: KindGate) -> Gain | None:
    for metric in gate.metrics:
        for gain in gains:
            if gain.metric == metric and math.isfinite(gain.gain.value):
                return gain
    return None


def _sentence(gain: Gain, needed: float) -> str:
    name, found = gain.metric.replace("_", " "), gain.gain
    shown = f"{name} {gain.ours:.4f} against {gain.theirs:.4f} of {gain.rival}"
    behind = f"on {found.clusters} held-out {gain.unit}"
    if math.isnan(found.low):
        return f"Too few to tell: {shown}, {behind}."
    interval = f"gain {found.value:+.4f}, interval {found.low:+.4f} to {found.high:+.4f}"
    verdict = "Better" if needed >= 0 else "Not worse"
    if not found.low > needed:
        verdict = f"Not clearly above {needed:+.4f}" if needed else "Not clearly better"
    return f"{verdict}: {shown} ({interval}, {behind})."
