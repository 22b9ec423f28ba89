import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from training.judging.bootstrap import difference
from training.judging.metrics import ratio
from training.judging.reports import jsonable
from training.share.report import ShareRows, account_codes, account_sums, leak_r2, posts_report

RNG = np.random.default_rng(0)


def rows_of(accounts: int = 6, posts: int = 40, skill: float = 0.5) -> ShareRows:
    n = accounts * posts
    codes = np.repeat(np.arange(accounts), posts).astype(np.intp)
    level, spread = 2.0 + codes.astype(np.float64), np.ones(n)
    outcome = RNG.normal(size=n)
    logs = np.maximum(level + outcome, 0.0)
    score = skill * outcome + RNG.normal(0, 0.5, n)
    return ShareRows(
        shares=np.expm1(logs),
        score=score,
        expected=np.expm1(level),
        low=np.expm1(level - 1.0),
        high=np.expm1(level + 1.0),
        beats_median=np.full(n, 0.5),
        level=level,
        spread=spread,
        codes=codes,
        platforms=["x"] * (n // 2) + ["facebook"] * (n - n // 2),
        languages=["en"] * n,
        refusals=[""] * n,
    )


def test_posts_are_ordered_inside_accounts() -> None:
    rows = rows_of()
    found = posts_report(rows, {})
    expected = [
        stats.spearmanr(rows.shares[rows.codes == a], rows.score[rows.codes == a]).statistic
        for a in range(6)
    ]
    assert found["within_account_spearman"] == pytest.approx(np.mean(expected))
    assert (found["n"], found["accounts"], found["abstained"]) == (240, 6, 0)
    low, high = found["ci"]["within_account_spearman"]
    assert low < found["within_account_spearman"] < high


def test_a_score_that_only_knows_the_account_orders_nothing() -> None:
    rows = rows_of()
    found = posts_report(replace(rows, score=rows.level), {})
    assert found["within_account_spearman"] == 0.0
    assert found["pair_accuracy_2x"] == 0.5
    assert found["pairs_2x"]["ties"] == 1.0


def test_coverage_is_on_the_log_scale_and_skips_posts_without_a_baseline() -> None:
    rows = rows_of()
    inside = np.abs(rows.log_shares() - rows.level) <= 1.0
    unknown = np.arange(240) < 20
    expected, low, high = (
        np.where(unknown, np.nan, v) for v in (rows.expected, rows.low, rows.high)
    )
    found = posts_report(replace(rows, expected=expected, low=low, high=high), {})
    assert found["coverage_90"] == pytest.approx(inside[20:].mean())
    assert found["interval_width"] == pytest.approx(2.0)
    assert found["n_with_interval"] == 220


def test_abstained_posts_are_counted_and_shown_both_ways() -> None:
    rows = rows_of()
    refusals = ["too_short"] * 3 + ["out_of_distribution"] + [""] * 236
    found = posts_report(replace(rows, refusals=refusals), {"length": rows.score})
    assert (found["n"], found["abstained"]) == (236, 4)
    assert found["abstained_by"] == {"too_short": 3, "out_of_distribution": 1}
    assert found["with_abstained"]["n"] == 240
    length = found["baselines"]["length"]["within_account_spearman"]
    assert length == pytest.approx(found["within_account_spearman"])


def test_the_usual_post_of_the_account_is_chance_with_a_wide_interval() -> None:
    found = posts_report(rows_of(), {})["baselines"]["account_median"]
    assert (found["within_account_spearman"], found["pair_accuracy_2x"]) == (0.0, 0.5)
    assert found["coverage_90"] == pytest.approx(0.9, abs=0.05)
    assert found["interval_width"] == pytest.approx(2 * 1.645, abs=0.1)


def test_a_coin_for_beating_the_median_costs_ln_two() -> None:
    found = posts_report(rows_of(), {})["beats_median"]
    assert found["log_loss"] == pytest.approx(np.log(2))
    assert found["calibration_error"] == pytest.approx(abs(found["base_rate"] - 0.5))


def test_only_more_shares_than_the_median_beat_it() -> None:
    counts = np.arange(40.0)
    level = np.log1p(counts).astype(np.float32).astype(np.float64)
    rows = replace(rows_of(1, 40), shares=counts, level=level)
    assert not rows.beat_their_median().any()
    assert replace(rows, shares=counts + 1).beat_their_median().all()
    unknown = replace(rows, level=np.full(40, np.nan))
    assert np.isnan(unknown.beat_their_median()).all()


def test_knowing_the_outcome_raises_r2() -> None:
    rows = rows_of()
    assert leak_r2(rows) < 0.6
    assert leak_r2(replace(rows, score=rows.relative() * 3 + 1)) == pytest.approx(1.0)


def test_platforms_are_measured_apart() -> None:
    found = posts_report(rows_of(), {})["by_platform"]
    assert {name: part["n"] for name, part in found.items()} == {"x": 120, "facebook": 120}


def test_report_of_one_post_is_json() -> None:
    found = jsonable(posts_report(rows_of().take(np.array([0])), {}))
    assert found["within_account_spearman"] is None
    assert json.dumps(found, allow_nan=False)


def test_account_sums_pair_two_scores_up_on_the_same_accounts() -> None:
    rows = rows_of(8)
    flat_account = np.where(rows.codes == 0, 1.0, rows.score)
    ours, theirs = account_sums(rows, rows.score), account_sums(rows, flat_account)
    assert ours.shape == theirs.shape == (8, 2)
    assert difference(ratio, ours, theirs).value == pytest.approx(ours[0, 0] / 8)


def test_posts_without_an_account_are_nobodys_neighbours() -> None:
    frame = pd.DataFrame(
        {
            "platform": pd.Series(["x", "x", "facebook", "x", "x"], dtype="str"),
            "account_id": pd.Series(["a", "a", "a", None, None], dtype="str"),
        }
    )
    codes = account_codes(frame)
    assert codes[0] == codes[1]
    assert len(set(codes.tolist())) == 4
