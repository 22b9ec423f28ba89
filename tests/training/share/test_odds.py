"""Posts that do as their score says, give or take a luck of 1."""

from collections.abc import Sequence

import numpy as np
import pytest

from models.ranking import NARROWER, TAIL
from training.judging.bootstrap import Floats
from training.share.odds import (
    ACCOUNT_POSTS,
    Luck,
    odds_report,
    pair_places,
    set_places,
    some_of_each,
)
from training.share.report import ShareRows

LEVEL = 8.0


def rows_of(accounts: int, posts: int, seed: int = 0) -> ShareRows:
    draw = np.random.default_rng(seed)
    n = accounts * posts
    score = draw.normal(0, 1, n)
    logs = LEVEL + score + NARROWER * draw.standard_t(TAIL, n)
    return ShareRows(
        shares=np.expm1(logs),
        score=score,
        expected=np.full(n, LEVEL),
        low=np.zeros(n),
        high=np.zeros(n),
        beats_median=np.full(n, 0.5),
        level=np.full(n, LEVEL),
        spread=np.ones(n),
        codes=np.repeat(np.arange(accounts), posts).astype(np.intp),
        platforms=["x"] * n,
        languages=["en"] * n,
        refusals=[""] * n,
    )


def luck(size: float) -> Luck:
    def of(platforms: Sequence[str | None]) -> Floats:
        return np.full(len(platforms), size)

    return of


def test_true_odds_are_calibrated_and_boasts_are_not() -> None:
    rows = rows_of(20, 200)
    honest, boasting = (odds_report(rows, luck(size))["pairs"] for size in (1.0, 0.3))
    assert honest["calibration_error"] < 0.015
    assert boasting["calibration_error"] > 0.1
    assert honest["log_loss"] < boasting["log_loss"]
    assert honest["accuracy"] == boasting["accuracy"]
    assert sum(part["n"] for part in honest["reliability"]) == honest["n"]
    assert honest["by_platform"]["x"]["n"] == honest["n"]


def test_regret_and_the_odds_of_being_best_come_about_as_forecast() -> None:
    found = odds_report(rows_of(20, 300), luck(1.0))["ranking"]
    for size in ("2", "5", "10"):
        part = found[size]
        assert part["sets"] >= 400
        assert part["regret"] == pytest.approx(part["regret_forecast"], abs=0.12)
        assert part["best"] == pytest.approx(part["best_forecast"], abs=0.06)


def test_pairs_are_of_one_account_and_have_a_winner() -> None:
    rows = rows_of(5, 20)
    rows.shares[:20] = 7.0
    first, second = pair_places(rows, 0)
    assert (rows.codes[first] == rows.codes[second]).all()
    assert (rows.shares[first] != rows.shares[second]).all()
    assert set(rows.codes[first]) == {1, 2, 3, 4}


def test_sets_are_disjoint_and_of_one_account() -> None:
    rows = rows_of(3, 25)
    sets = list(set_places(rows, 10, 0))
    assert len(sets) == 6
    assert len(set(np.concatenate(sets))) == 60
    assert all(len(set(rows.codes[members])) == 1 for members in sets)


def test_long_accounts_do_not_rule() -> None:
    kept = some_of_each(rows_of(2, ACCOUNT_POSTS + 50), 0)
    assert len(kept) == 2 * ACCOUNT_POSTS


def test_nothing_to_judge_is_not_a_failure() -> None:
    found = odds_report(rows_of(0, 0), luck(1.0))
    assert found["pairs"]["n"] == 0
    assert found["ranking"]["2"]["sets"] == 0
