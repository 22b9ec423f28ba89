import warnings
from pathlib import Path

import numpy as np
import pytest
from crepes import ConformalPredictiveSystem

from models.conformal import (
    CELL_ACCOUNTS,
    CELL_ROWS,
    CONFIDENCE,
    FEWEST_ERRORS,
    KEPT_ROWS,
    Calibration,
    cells,
    history_bin,
)


def calibrated(seed: int = 0, spread: float = 3.0) -> Calibration:
    """Errors on `x` are standard normal; on `facebook` they are `spread` times as wide."""
    draw = np.random.default_rng(seed)
    errors = np.concatenate([draw.normal(0, 1, 5000), draw.normal(0, spread, 5000)])
    members = [cells("x", "en", 50)] * 5000 + [cells("facebook", "pl", 50)] * 5000
    return Calibration.fit(errors, np.ones(10_000), members)


@pytest.mark.parametrize(
    ("known", "name"),
    [(0, "none"), (np.nan, "none"), (1, "first"), (5, "thin"), (19, "thin"), (20, "rich")],
)
def test_history_bin(known: float, name: str) -> None:
    assert history_bin(known) == name


@pytest.mark.parametrize(("platform", "width"), [("x", 2 * 1.645), ("facebook", 6 * 1.645)])
def test_each_platform_gets_its_own_width(platform: str, width: float) -> None:
    low, high = calibrated().interval(
        np.array([0.5]), np.ones(1), [cells(platform, "en" if platform == "x" else "pl", 50)]
    )
    assert high[0] - low[0] == pytest.approx(width, rel=0.06)
    assert (low[0] + high[0]) / 2 == pytest.approx(0.5, abs=0.15)


def test_expected_error_scales_the_interval() -> None:
    members = [cells("x", "en", 50)] * 2
    low, high = calibrated().interval(np.zeros(2), np.array([1.0, 2.0]), members)
    assert high[1] - low[1] == pytest.approx(2 * (high[0] - low[0]))


def test_middle_and_exceeds_are_of_one_distribution() -> None:
    calibration = Calibration({"*/*/*": np.array([-3.0, -1.0, 0.0, 4.0])})
    score, expected = np.full(5, 10.0), np.full(5, 2.0)
    names = [("*/*/*",)] * 5
    assert calibration.middle(score, expected, names).tolist() == [9.0] * 5
    limits = np.array([0.0, 8.0, 9.0, 9.5, 99.0])
    found = calibration.exceeds(score, expected, names, limits)
    assert found == pytest.approx([0.875, 0.625, 0.5, 0.4375, 0.125])


def test_outcomes_that_tie_at_the_limit_are_not_above_it() -> None:
    calibration = Calibration({"*/*/*": np.array([-1.0, 0.0, 0.0, 0.0, 1.0])})
    score, names = np.zeros(3), [("*/*/*",)] * 3
    assert calibration.middle(score, np.ones(3), names).tolist() == [0.0] * 3
    found = calibration.exceeds(score, np.ones(3), names, np.array([-1e-9, 0.0, 1e-9]))
    assert found == pytest.approx([0.7, 0.3, 0.3])


def test_a_cell_without_posts_falls_back_to_a_coarser_one() -> None:
    calibration = calibrated()
    assert calibration.cell_of(cells("x", "fr", 50)) == "x/*/rich"
    assert calibration.cell_of(cells("reddit", "en", 50)) == "*/*/rich"
    assert calibration.cell_of(cells(None, None, 0)) == "*/*/*"


def test_a_small_cell_is_not_kept() -> None:
    few = [cells("x", "en", 50)] * (CELL_ROWS - 1)
    many = [cells("x", "pl", 50)] * CELL_ROWS
    n = len(few) + len(many)
    found = Calibration.fit(np.linspace(-1, 1, n), np.ones(n), [*few, *many])
    assert "x/en/rich" not in found.errors
    assert "x/pl/rich" in found.errors


def test_a_cell_of_few_accounts_is_not_kept() -> None:
    n = 2 * CELL_ROWS
    members = [cells("x", "en", 50)] * n + [cells("x", "pl", 50)] * n
    accounts = [f"many {row % CELL_ACCOUNTS}" for row in range(n)]
    accounts += [f"few {row % (CELL_ACCOUNTS - 1)}" for row in range(n)]
    found = Calibration.fit(np.linspace(-1, 1, 2 * n), np.ones(2 * n), members, accounts=accounts)
    assert set(found.errors) == {"x/en/rich", "x/*/rich", "*/*/rich", "*/*/*"}


def test_ninety_percent_of_new_outcomes_lie_within() -> None:
    draw = np.random.default_rng(7)
    outcome = draw.normal(0, 3, 4000)
    members = [cells("facebook", "pl", 50)] * 4000
    low, high = calibrated().interval(np.zeros(4000), np.ones(4000), members)
    assert ((low <= outcome) & (outcome <= high)).mean() == pytest.approx(0.9, abs=0.02)


def test_saved_errors_are_thinned_and_come_back(tmp_path: Path) -> None:
    calibration = calibrated()
    calibration.save(tmp_path / "c.npz")
    again = Calibration.load(tmp_path / "c.npz")
    assert again.errors.keys() == calibration.errors.keys()
    assert max(map(len, again.errors.values())) == KEPT_ROWS
    np.testing.assert_allclose(
        again.errors["x/en/rich"], calibration.errors["x/en/rich"], rtol=1e-5
    )


def test_bounds_are_those_that_crepes_gives_post_by_post() -> None:
    calibration, draw = calibrated(), np.random.default_rng(7)
    score, expected = draw.normal(size=50), draw.uniform(0.1, 3, 50)
    members = [cells("x", "en", 50)] * 50
    errors = calibration.errors[calibration.cell_of(members[0])]
    system = ConformalPredictiveSystem().fit(errors, sigmas=np.ones_like(errors))
    asked = system.predict_int(score, sigmas=expected, confidence=CONFIDENCE)
    assert np.array_equal(np.column_stack(calibration.interval(score, expected, members)), asked)


@pytest.mark.parametrize("size", [FEWEST_ERRORS - 1, FEWEST_ERRORS])
def test_an_interval_has_ends_from_as_many_errors_as_crepes_needs(size: int) -> None:
    errors = np.sort(np.random.default_rng(0).normal(size=size))
    system = ConformalPredictiveSystem().fit(errors, sigmas=np.ones(size))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ends = system.predict_int(np.zeros(1), sigmas=np.ones(1), confidence=CONFIDENCE)[0]
    known = bool(np.isfinite(ends).all())
    assert known == (size == FEWEST_ERRORS)
    calibration = Calibration({"*/*/*": errors})
    found = calibration.interval(np.zeros(1), np.ones(1), [cells(None, None, 0)])
    expected = ends.tolist() if known else [-np.inf, np.inf]
    assert [float(end[0]) for end in found] == pytest.approx(expected)
