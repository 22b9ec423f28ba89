import json

import numpy as np
import pytest
from scipy import stats

from features.schema import EMOTIONS, TARGETS
from training.emotion.report import (
    EmotionRows,
    emotion_report,
    mean_pearson,
    mean_pearson_sums,
    text_codes,
)
from training.judging.bootstrap import Floats, cluster_sums, difference, estimate
from training.judging.reports import jsonable

RNG = np.random.default_rng(0)
JOY, FEAR, ANGER, VALENCE = (TARGETS.index(n) for n in ("joy", "fear", "anger", "valence"))


def rows_of(n: int = 60, noise: float = 0.3) -> EmotionRows:
    """Joy, fear and valence labelled, fear in English only; anger always 0."""
    truth = np.full((n, len(TARGETS)), np.nan)
    truth[:, JOY], truth[:, VALENCE] = RNG.random(n), RNG.uniform(-1, 1, n)
    truth[:, ANGER] = 0.0
    truth[: n // 2, FEAR] = RNG.random(n // 2)
    value = np.where(np.isfinite(truth), truth, 0.5) + RNG.normal(0, noise, truth.shape)
    languages = ["en"] * (n // 2) + ["pl"] * (n - n // 2)
    codes = np.arange(n, dtype=np.intp)
    return EmotionRows(TARGETS, truth, value, value - 0.5, value + 0.5, languages, codes)


def r(rows: EmotionRows, column: int) -> float:
    kept = np.isfinite(rows.truth[:, column])
    return float(stats.pearsonr(rows.truth[kept, column], rows.value[kept, column]).statistic)


def test_mean_pearson_is_the_plain_mean_of_the_emotions_that_are_labelled_and_vary() -> None:
    rows = rows_of()
    found = emotion_report(rows, {})
    assert found["emotions"] == ["fear", "joy"]
    assert found["mean_pearson"] == pytest.approx((r(rows, JOY) + r(rows, FEAR)) / 2)
    assert found["n"] == 60


def test_valence_stands_beside_and_a_constant_label_is_undefined() -> None:
    rows = rows_of()
    metrics = emotion_report(rows, {})["metrics"]
    assert set(metrics) == {"joy", "fear", "valence", "anger"}
    assert metrics["valence"]["pearson"] == pytest.approx(r(rows, VALENCE))
    assert np.isnan(metrics["anger"]["pearson"])
    assert metrics["fear"]["n"] == 30
    low, high = metrics["joy"]["ci"]["pearson"]
    assert low < metrics["joy"]["pearson"] < high


def test_languages_have_their_own_mean_over_what_they_label() -> None:
    rows = rows_of()
    found = emotion_report(rows, {})
    polish = found["by_language"]["pl"]
    assert polish["n"] == 30
    assert polish["emotions"] == ["joy"]
    assert polish["metrics"]["joy"]["n"] == 30
    means = [part["mean_pearson"] for part in found["by_language"].values()]
    assert found["mean_over_languages"] == pytest.approx(np.mean(means))


def test_baselines_are_measured_on_the_same_rows() -> None:
    rows = rows_of()
    found = emotion_report(rows, {"perfect": rows.truth, "mean": np.full(rows.truth.shape, 0.4)})
    assert found["baselines"]["perfect"]["mean_pearson"] == pytest.approx(1.0)
    assert found["baselines"]["mean"]["mean_pearson"] == 0.0
    assert found["baselines"]["mean"]["n"] == 60


def test_coverage_counts_labels_inside_the_interval() -> None:
    rows = rows_of(noise=0.0)
    assert emotion_report(rows, {})["coverage_90"] == 1.0
    assert emotion_report(rows, {})["metrics"]["joy"]["interval_width"] == pytest.approx(1.0)


def test_the_report_is_json_even_of_three_rows() -> None:
    text = json.dumps(jsonable(emotion_report(rows_of(3), {})), allow_nan=False)
    assert '"mean_pearson"' in text


def test_recurring_texts_are_one_observation() -> None:
    assert text_codes(["Hello  there", "hello there", "Bye"]).tolist() == [1, 1, 0]


def test_mean_pearson_of_sums_pairs_up_for_two_models() -> None:
    rows = rows_of(400)
    better: Floats = np.where(np.isfinite(rows.truth), (rows.truth + rows.value) / 2, rows.value)
    ours, theirs = (mean_pearson_sums(rows, value) for value in (better, rows.value))
    gain = difference(mean_pearson, ours, theirs)
    assert estimate(mean_pearson, theirs).value == pytest.approx(
        emotion_report(rows, {})["mean_pearson"]
    )
    assert 0 < gain.low < gain.value < gain.high
    assert ours.shape == (400, 2 * 6)
    assert cluster_sums(ours, rows.codes).shape == ours.shape


def test_rows_without_any_emotion_have_no_mean() -> None:
    rows = rows_of(20)
    rows.truth[:, : len(EMOTIONS)] = np.nan
    found = jsonable(emotion_report(rows, {}))
    assert found["mean_pearson"] is None
    assert found["metrics"]["valence"]["pearson"] is not None
