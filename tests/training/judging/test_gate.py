import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from features.errors import ConfigError
from training.judging.bootstrap import Estimate
from training.judging.evidence import Evidence, Gain, Part, coverage_error
from training.judging.gate import decide
from training.judging.gate_settings import GateSettings, gate_path, read_gate

SETTINGS = read_gate(gate_path())
NAN = math.nan


def gain(
    low: float, metric: str = "within_account_spearman", rival: str = "the champion, version 3"
) -> Gain:
    estimate = Estimate(low + 0.02, low, low + 0.04, 24)
    return Gain(metric, rival, 0.42 + low, 0.40, estimate, "accounts")


def share(low: float) -> Evidence:
    return Evidence("share", True, (gain(low),), (), coverage=0.9, r2=0.12)


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "registry.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_clear_gain_makes_a_champion_and_says_why() -> None:
    verdict = decide(share(0.001), SETTINGS)
    assert verdict.champion
    assert verdict.reasons[0] == (
        "Better: within account spearman 0.4210 against 0.4000 of the champion, version 3 "
        "(gain +0.0210, interval +0.0010 to +0.0410, on 24 held-out accounts)."
    )


@pytest.mark.parametrize("low", [0.0, -0.001])
def test_a_gain_that_may_be_chance_stays_challenger(low: float) -> None:
    verdict = decide(share(low), SETTINGS)
    assert not verdict.champion
    assert len(verdict.reasons) == 1
    assert verdict.reasons[0].startswith("Not clearly better: within account spearman")


def test_too_few_accounts_cannot_tell() -> None:
    few = replace(gain(0.1), gain=Estimate(0.1, NAN, NAN, 3))
    verdict = decide(replace(share(0.1), against_champion=(few,)), SETTINGS)
    assert not verdict.champion
    assert "Too few to tell" in verdict.reasons[0]
    assert "on 3 held-out accounts" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("coverage", "champion"), [(0.87, False), (0.88, True), (0.92, True), (0.93, False)]
)
def test_coverage_must_lie_within_bounds(coverage: float, champion: bool) -> None:
    verdict = decide(replace(share(0.01), coverage=coverage), SETTINGS)
    assert verdict.champion is champion
    if not champion:
        assert "outside the bounds 88% to 92%" in verdict.reasons[0]


def test_few_held_out_rows_are_not_held_against_a_version() -> None:
    few = replace(share(0.01), coverage=0.87, coverage_error=0.01)
    verdict = decide(few, SETTINGS)
    assert verdict.champion
    assert "within the bounds 88% to 92%, give or take 2.0% of chance" in verdict.reasons[1]
    assert not decide(replace(few, coverage_error=0.004), SETTINGS).champion


def test_too_few_held_out_rows_to_tell_are_not_held_against_a_version() -> None:
    inside = np.repeat([1.0, 0.0], [38, 2])
    error = coverage_error(inside, np.repeat(np.arange(4), 10), SETTINGS.bootstrap)
    verdict = decide(replace(share(0.01), coverage=0.95, coverage_error=error), SETTINGS)
    assert verdict.champion
    assert verdict.reasons[1] == (
        "Too few to tell: the 90% intervals hold 95.0% of the held-out outcomes."
    )


def test_no_language_or_platform_may_be_left_out_of_the_intervals() -> None:
    fine = (Part("x, en", 4000, 0.9), Part("x, pl", 499, 0.7), Part("facebook, pl", 500, 0.85))
    verdict = decide(replace(share(0.01), parts=fine), SETTINGS)
    assert verdict.champion
    assert "at least 85.0% in facebook, pl (500)" in " ".join(verdict.reasons)
    verdict = decide(replace(share(0.01), parts=(*fine, Part("x, fr", 900, 0.84))), SETTINGS)
    assert not verdict.champion
    assert verdict.reasons == (
        "Of the parts with 500 held-out outcomes or more, the 90% intervals hold too little: "
        "84.0% in x, fr (900); needed 85%.",
    )


def test_a_score_that_can_be_gamed_is_no_champion() -> None:
    probes = {"gain_one_trick": 0.26, "gain_all_tricks": 0.1}
    verdict = decide(replace(share(0.01), probes=probes), SETTINGS)
    assert not verdict.champion
    assert verdict.reasons == (
        "Stuffing in one way raises the share score by, in spreads of the account: 0.260, "
        "limit 0.25.",
    )
    fine = decide(replace(share(0.01), probes=probes | {"gain_one_trick": 0.05}), SETTINGS)
    assert fine.champion
    assert "0.050, limit 0.25" in fine.reasons[-1]


def test_an_unfair_model_is_no_champion_and_an_unmeasured_limit_says_nothing() -> None:
    first = Evidence(
        "emotion", False, (), (gain(0.1, "mean_pearson", "length"),), 0.9, probes={"bias": 0.021}
    )
    assert not decide(first, SETTINGS).champion
    assert not decide(replace(first, probes={"bias": NAN}), SETTINGS).champion
    assert decide(replace(first, probes={"bias": 0.019}), SETTINGS).champion
    assert decide(replace(first, probes={}), SETTINGS).champion


def test_coverage_that_was_not_measured_is_no_champion() -> None:
    assert not decide(replace(share(0.01), coverage=NAN), SETTINGS).champion


def test_an_r2_above_one_half_raises_the_alarm() -> None:
    verdict = decide(replace(share(0.3), r2=0.51), SETTINGS)
    assert not verdict.champion
    assert "look for a leak" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("found", "champion", "said"),
    [
        (Estimate(0.01, -0.03, 0.05, 30), True, "Not clearly worse: comparison accuracy"),
        (Estimate(-0.019, -0.05, 0.01, 30), True, "Not clearly worse: comparison accuracy"),
        (Estimate(-0.021, -0.05, 0.01, 30), False, "Not as good: comparison accuracy"),
        (Estimate(-0.003, -0.005, -0.001, 30), False, "Not as good: comparison accuracy"),
        (Estimate(-0.1, NAN, NAN, 3), True, "Too few to tell: comparison accuracy"),
    ],
)
def test_another_metric_may_lose_a_little_by_chance_but_not_more(
    found: Estimate, champion: bool, said: str
) -> None:
    other = replace(gain(0, "comparison_accuracy"), gain=found)
    verdict = decide(replace(share(0), against_champion=(gain(0.01), other)), SETTINGS)
    assert verdict.champion is champion
    assert any(reason.startswith(said) for reason in verdict.reasons)


def test_without_held_out_posts_the_comparisons_decide() -> None:
    evidence = replace(share(0), against_champion=(gain(0.01, "comparison_accuracy"),))
    assert decide(evidence, SETTINGS).champion


def test_without_any_gain_nothing_is_promoted() -> None:
    evidence = replace(share(0), against_champion=())
    assert decide(evidence, SETTINGS).reasons[0].startswith("No held-out rows")


def test_without_a_champion_every_baseline_must_be_beaten() -> None:
    first = Evidence(
        "emotion",
        False,
        (),
        (gain(0.2, "mean_pearson", "mean"), gain(0.01, "mean_pearson", "tfidf_ridge")),
        coverage=0.9,
    )
    assert decide(first, SETTINGS).champion
    lost = replace(
        first, against_baselines=(*first.against_baselines, gain(-0.01, "mean_pearson", "length"))
    )
    verdict = decide(lost, SETTINGS)
    assert not verdict.champion
    assert len(verdict.reasons) == 1
    assert "of length (gain" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bias": 1}, "gate.bias: Extra inputs"),
        ({"level": 1.5}, "gate.level: Input should be less than 1"),
        ({"emotion": {"metrics": ["mean_pearson"], "coverage": [0.95, 0.85]}}, "lower bound first"),
        ({"emotion": {"metrics": ["joy"], "coverage": [0.8, 0.9]}}, "expected of"),
        (
            {"emotion": {"metrics": ["mean_pearson"], "coverage": [0.8, 0.9], "limits": {"x": 1}}},
            "limits: got",
        ),
    ],
)
def test_settings_that_cannot_work_are_named(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    known = SETTINGS.model_dump(mode="json") | change
    path = settings_file(tmp_path, yaml.safe_dump({"gate": known}))
    with pytest.raises(ConfigError, match=message):
        read_gate(path)


def test_missing_and_broken_files_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Cannot read the gate's settings"):
        read_gate(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="is not YAML"):
        read_gate(settings_file(tmp_path, "gate: [1"))
    with pytest.raises(ConfigError, match="gate:"):
        read_gate(settings_file(tmp_path, "names: {}"))


def test_settings_round_trip_and_do_not_change() -> None:
    assert GateSettings.model_validate(SETTINGS.model_dump()) == SETTINGS
    with pytest.raises(ValueError, match="frozen"):
        SETTINGS.level = 0.5


@pytest.mark.parametrize(("theirs", "told"), [(0.548, True), (0.533, True), (0.5, False)])
def test_a_new_champion_that_is_behind_something_simple_says_so(theirs: float, told: bool) -> None:
    words = replace(gain(-0.03, rival="tfidf_ridge"), ours=0.533, theirs=theirs)
    usual = replace(gain(0.5, rival="account_median"), ours=0.533, theirs=0.0)
    verdict = decide(replace(share(0.01), against_baselines=(usual, words)), SETTINGS)
    assert verdict.champion
    sentence = (
        "Mind that something simpler does as well or better: within account spearman 0.5330 "
        f"against {theirs:.4f} of tfidf_ridge."
    )
    assert (verdict.reasons[-1] == sentence) == told


def test_without_a_champion_the_rule_on_baselines_says_it_already() -> None:
    words = replace(gain(-0.03, rival="tfidf_ridge"), theirs=0.6)
    first = replace(
        share(0.01), has_champion=False, against_champion=(), against_baselines=(words,)
    )
    assert not any("Mind" in reason for reason in decide(first, SETTINGS).reasons)
