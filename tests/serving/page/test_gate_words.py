from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.verdicts import objections
from serving.page.gate_words import gate_said
from training.judging.bootstrap import Estimate
from training.judging.evidence import Evidence, Gain, Part
from training.judging.gate import OVERTAKEN
from training.judging.gate_rules import RULES, behind_baselines
from training.judging.gate_settings import KindGate, gate_path, read_gate
from training.share.run import SINCE

NAN = float("nan")
GATE = read_gate(gate_path())
SINCE_THEN = tuple(SINCE.format(unit=unit) for unit in ("accounts", "blocks"))
UNITS = ("accounts", "blocks", "texts", "groups", *SINCE_THEN)
ENGLISH = ("against", "held-out", "Not ", "Better", "the ", " of ", " in ", "pearson", "spearman")


def gains(low: float) -> Iterator[Gain]:
    """Of every metric, over every rival, in every unit; or too few to tell."""
    told = Estimate(low + 0.02, low, low + 0.04, 24)
    for metric in ("mean_pearson", "within_account_spearman", "comparison_accuracy"):
        for rival in ("the champion, version 3", "tfidf_ridge", "length", "longer_wins"):
            for unit in UNITS:
                yield Gain(metric, rival, 0.4 + low, 0.4, told, unit)
    yield Gain("mean_pearson", "constant", 0.4, 0.4, Estimate(0.1, NAN, NAN, 3), "texts")


def evidence() -> Iterator[Evidence]:
    for low in (0.1, -0.1):
        for gain in gains(low):
            yield Evidence("emotion", True, (gain,), (gain, gain), coverage=NAN)
            yield Evidence("emotion", False, (), (gain,), coverage=0.91, coverage_error=low)
    yield Evidence("share", False, (), (), coverage=0.95, coverage_error=NAN)
    deciding = replace(next(gains(0.1)), metric="within_account_spearman")
    other = replace(deciding, metric="comparison_accuracy", gain=Estimate(-0.1, -0.2, -0.1, 9))
    yield Evidence("share", True, (deciding, other), (), coverage=0.5)
    for coverage, r2, probe in ((0.9, 0.1, 0.01), (0.7, 0.9, 0.9)):
        yield Evidence(
            "share",
            True,
            (),
            (),
            coverage=coverage,
            coverage_error=0.01,
            r2=r2,
            parts=(Part("x, en", 900, coverage), Part("facebook, pl", 800, coverage)),
            probes=dict.fromkeys((*GATE.emotion.limits, *GATE.share.limits), probe),
        )


def everything_said() -> set[str]:
    said = {OVERTAKEN}
    for found in evidence():
        for gate in (GATE.emotion, GATE.share, with_least_gain(GATE.share)):
            checks = (rule(found, gate) for rule in RULES)
            said |= {check.sentence for check in checks if check is not None}
            said |= set(behind_baselines(found, gate))
    return said


def with_least_gain(gate: KindGate) -> KindGate:
    return gate.model_copy(update={"min_gain": 0.05})


@pytest.mark.parametrize("sentence", sorted(everything_said()))
def test_whatever_the_gate_says_is_said_in_polish(sentence: str) -> None:
    for said in (sentence, objections(sentence)):
        polish = gate_said(said, "pl")
        assert [word for word in ENGLISH if word in polish] == []


@pytest.mark.parametrize("sentence", sorted(everything_said()))
def test_in_english_it_is_what_was_said_but_for_the_names_of_simpler_models(sentence: str) -> None:
    told = gate_said(sentence, "en")
    for name, word in (
        ("TF-IDF", "tfidf_ridge"),
        ("text length", "length"),
        ("longer wins", "longer_wins"),
    ):
        told = told.replace(name, word)
    assert told == sentence


def test_numbers_are_written_as_the_language_writes_them() -> None:
    said = "The 90% intervals hold 91.5% of the held-out outcomes, within the bounds 88% to 92%."
    assert "91,5% odłożonych" in gate_said(said, "pl")


def test_what_is_not_known_stays_as_it_is() -> None:
    assert gate_said("A rule of tomorrow: 3 of 4.", "pl") == "A rule of tomorrow: 3 of 4."
    assert gate_said("", "pl") == ""
