from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.judging.bootstrap import Estimate
from training.judging.calibration import Reliability, reliability
from training.record.plots import (
    Line,
    calibration_figure,
    family_figure,
    group_figure,
    learning_figure,
    pair_figure,
    save,
)

COUNTS = np.array([10, 10])
CURVE = Reliability(np.array([0.55, 0.75]), np.array([0.5, 0.6]), COUNTS)
EXACT = Reliability(np.array([0.2, 0.8]), np.array([0.2, 0.8]), COUNTS)
NAN = float("nan")


def title(figure: Figure) -> str:
    return figure.axes[0].get_title(loc="left")


def test_calibration_has_a_panel_for_each_target_and_names_the_worst() -> None:
    figure = calibration_figure({"joy": EXACT, "fear": CURVE}, "intensity")
    assert figure.get_suptitle() == "Forecasts are off by 0.050 on average, by 0.100 for fear"
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "joy: off by 0.000",
        "fear: off by 0.100",
    ]


@pytest.mark.parametrize(
    ("curve", "expected"), [(CURVE, "less often than"), (EXACT, "about as often as")]
)
def test_pairs_say_whether_the_promise_was_kept(curve: Reliability, expected: str) -> None:
    assert title(pair_figure(curve, 0.55, "20 pairs")) == (
        f"The favourite wins 55% of 20 pairs, {expected} promised"
    )


def test_groups_are_sorted_and_those_without_a_value_left_out() -> None:
    found = {
        "pl": Estimate(0.49, 0.4, 0.6, 9),
        "en": Estimate(0.67, NAN, NAN, 3),
        "zh": Estimate(NAN, NAN, NAN, 0),
    }
    figure = group_figure("Pearson r", found, {"pl": 1200, "en": 30, "zh": 0})
    assert title(figure) == "Pearson r: 0.67 for en, 0.49 for pl"
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["pl  (n = 1,200)", "en  (n = 30)"]


def test_groups_without_any_value_say_so() -> None:
    figure = group_figure("Pearson r", {"zh": Estimate(NAN, NAN, NAN, 0)}, {"zh": 0})
    assert title(figure) == "Pearson r could not be measured in any group"


def test_families_name_the_strongest() -> None:
    figure = family_figure({"text": 0.3, "clock": 0.1}, "spreads")
    assert title(figure) == "Text moves the score most: 75% of all movement"


def test_learning_curve_says_whether_more_data_helps() -> None:
    up = learning_figure([Line("model", [100, 200], [0.4, 0.45])], "training rows", "r")
    level = learning_figure(
        [Line("model", [100, 200], [0.4, 0.401], [0.3, 0.3], [0.5, 0.5])], "training rows", "r"
    )
    assert title(up) == (
        "The last 2x of training rows changed the model by +0.050:\nmore data would help"
    )
    assert title(level).endswith("more of the same data helps little")


def test_the_same_figure_gives_the_same_file(tmp_path: Path) -> None:
    curve = reliability(np.linspace(0, 1, 50), np.linspace(0, 1, 50) ** 2)
    paths = [
        save(calibration_figure({"joy": curve}, "intensity"), tmp_path / f"{name}.png")
        for name in "ab"
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].read_bytes().startswith(b"\x89PNG")
