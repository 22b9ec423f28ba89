import numpy as np
import pandas as pd
import pytest

from training.share.comparison_report import (
    accuracy_sums,
    comparison_rows,
    comparisons_report,
)

FRAME = pd.DataFrame(
    {
        "text_a": ["a"] * 6,
        "text_b": ["b"] * 6,
        "winner": ["a", "b", "a", "b", "a", "a"],
        "group_id": pd.Series(["1", "1", "2", "3", None, None], dtype="str"),
        "platform": pd.Series(["x", "x", "web", None, "x", "x"], dtype="str"),
        "language": ["en"] * 6,
        "p_value": [0.01, 0.2, 0.04, np.nan, 0.5, 0.6],
    }
)
PROBABILITY = np.array([0.9, 0.2, 0.3, 0.5, 0.6, 0.4])


def test_accuracy_and_log_loss_by_hand() -> None:
    found = comparisons_report(comparison_rows(FRAME, PROBABILITY), {})
    assert found["n"] == 6
    assert found["accuracy"] == pytest.approx((1 + 1 + 0 + 0.5 + 1 + 0) / 6)
    given = np.log([0.9, 0.8, 0.3, 0.5, 0.6, 0.4])
    assert found["log_loss"] == pytest.approx(-given.mean())


def test_significant_comparisons_are_shown_apart() -> None:
    found = comparisons_report(
        comparison_rows(FRAME, PROBABILITY), {"longer_wins": 1 - PROBABILITY}
    )
    assert found["significant"]["n"] == 2
    assert found["significant"]["accuracy"] == 0.5
    assert found["baselines"]["longer_wins"]["accuracy_significant"] == 0.5


def test_baselines_stand_beside_each_platform() -> None:
    rows = comparison_rows(FRAME, PROBABILITY)
    found = comparisons_report(rows, {"longer_wins": 1 - PROBABILITY})["by_platform"]["x"]
    assert found["accuracy"] == pytest.approx(3 / 4)
    assert found["baselines"]["longer_wins"]["accuracy"] == pytest.approx(1 / 4)


def test_a_comparison_without_a_group_stands_alone() -> None:
    rows = comparison_rows(FRAME, PROBABILITY)
    assert len(set(rows.codes.tolist())) == 5
    assert rows.platforms == ("x", "x", "web", "und", "x", "x")


def test_without_p_values_nothing_is_called_significant() -> None:
    found = comparisons_report(comparison_rows(FRAME.drop(columns="p_value"), PROBABILITY), {})
    assert found["significant"] is None


def test_sums_add_up_to_the_accuracy() -> None:
    rows = comparison_rows(FRAME, PROBABILITY)
    sums = accuracy_sums(rows, PROBABILITY)
    assert sums.shape == (5, 2)
    assert sums.sum(axis=0).tolist() == [3.5, 6.0]
