import numpy as np
import pytest

from features.schema import TARGETS
from training.emotion.report import EmotionRows
from training.judging.bootstrap import Bootstrap
from training.judging.evidence import Rival, emotion_gain, orders_nothing, share_gains
from training.share.comparison_report import ComparisonRows
from training.share.report import ShareRows

OPTIONS = Bootstrap(resamples=500, level=0.9)
RNG = np.random.default_rng(0)


def posts(accounts: int = 12, each: int = 30) -> ShareRows:
    n = accounts * each
    outcome = RNG.normal(size=n)
    nan = np.full(n, np.nan)
    return ShareRows(
        shares=np.exp(3 + outcome),
        score=outcome + RNG.normal(size=n),
        expected=nan,
        low=nan,
        high=nan,
        beats_median=nan,
        level=nan,
        spread=nan,
        codes=np.repeat(np.arange(accounts), each).astype(np.intp),
        platforms=["x"] * n,
        languages=["en"] * n,
        refusals=["too_short"] * 10 + [""] * (n - 10),
    )


def comparisons(n: int = 200) -> ComparisonRows:
    won = (RNG.random(n) < 0.5).astype(np.float64)
    chance = np.where(RNG.random(n) < 0.8, won, 1 - won) * 0.4 + 0.3
    names = ("x",) * n
    return ComparisonRows(
        chance, won, np.full(n, np.nan), np.arange(n, dtype=np.intp), names, names
    )


def test_a_better_order_gains_beyond_chance_on_all_posts() -> None:
    rows = posts()
    (gain,) = share_gains(rows, None, Rival("noise", RNG.normal(size=len(rows.shares))), OPTIONS)
    assert gain.metric == "within_account_spearman"
    assert gain.gain.low > 0
    assert gain.gain.value == pytest.approx(gain.ours - gain.theirs)
    assert (gain.gain.clusters, gain.unit) == (12, "accounts")


def test_a_model_that_is_its_own_champion_gains_nothing() -> None:
    rows, pairs = posts(), comparisons()
    gains = share_gains(rows, pairs, Rival("itself", rows.score, pairs.probability), OPTIONS)
    assert [gain.metric for gain in gains] == ["within_account_spearman", "comparison_accuracy"]
    assert [(gain.gain.value, gain.gain.low) for gain in gains] == [(0, 0), (0, 0)]


def test_the_usual_post_orders_nothing() -> None:
    rows = posts()
    (gain,) = share_gains(rows, None, Rival("account_median", orders_nothing(rows)), OPTIONS)
    assert gain.theirs == 0.0


def test_comparisons_are_measured_against_chances() -> None:
    pairs = comparisons()
    (gain,) = share_gains(None, pairs, Rival("coin", chances=np.full(200, 0.5)), OPTIONS)
    assert gain.theirs == 0.5
    assert gain.ours == pytest.approx(0.8, abs=0.06)
    assert gain.gain.low > 0


def test_emotion_gain_is_over_the_same_texts() -> None:
    truth = np.full((100, len(TARGETS)), np.nan)
    truth[:, TARGETS.index("joy")] = RNG.random(100)
    value = np.where(np.isfinite(truth), truth, 0.0) + RNG.normal(0, 0.2, truth.shape)
    codes = np.arange(100, dtype=np.intp)
    rows = EmotionRows(TARGETS, truth, value, value, value, ["en"] * 100, codes)
    gain = emotion_gain(rows, "mean", np.zeros_like(truth), OPTIONS)
    assert gain.theirs == 0.0
    assert gain.gain.low > 0.5
    assert gain.gain.clusters == 100
