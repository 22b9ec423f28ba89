"""The gate: when a new version may become champion by itself."""

from dataclasses import dataclass

from training.judging.evidence import Evidence
from training.judging.gate_rules import RULES, Check, behind_baselines
from training.judging.gate_settings import GateSettings

OVERTAKEN = (
    "The champion changed during the training: this version was not judged against the one that "
    "reigns now."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided.

    Attributes
    ----------
    champion
        Whether the version becomes champion by itself.
    reasons
        Sentences: why it does, or, if not, only what stood against it; and what to be wary of.
    checks
        Every rule's finding.
    """

    champion: bool
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]


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
    wary = behind_baselines(evidence, settings.of(evidence.kind))
    return Verdict(passed, (*reasons, *wary), checks)


def overtaken(verdict: Verdict) -> Verdict:
    """Return what stands of a verdict once another champion reigns than it was judged against.

    Parameters
    ----------
    verdict
        That the version becomes champion.
    """
    return Verdict(False, (OVERTAKEN,), (*verdict.checks, Check("reigning", False, OVERTAKEN)))
