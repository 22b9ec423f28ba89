import numpy as np
import pytest

from features.errors import TrainingError
from training.tuning.tasks import Task, centre_and_spread

NAN = float("nan")


def task(targets: list[list[float]], loss: str = "intensity", **more: object) -> Task:
    texts = tuple(f"text {i}" for i in range(len(targets)))
    names = tuple(f"t{i}" for i in range(len(targets[0])))
    return Task("a", texts, np.array(targets), loss, names, **more)  # type: ignore[arg-type]


def test_value_targets_are_measured_in_their_own_spread() -> None:
    centre, spread = centre_and_spread(task([[1.0], [3.0], [NAN]], "value"))
    assert (centre.tolist(), spread.tolist()) == ([2.0], [1.0])


def test_intensities_keep_their_units() -> None:
    centre, spread = centre_and_spread(task([[0.2], [0.4]]))
    assert (centre.tolist(), spread.tolist()) == ([0.0], [1.0])


@pytest.mark.parametrize(
    ("targets", "loss", "more", "match"),
    [
        ([[1.5]], "intensity", {}, "outside 0..1"),
        ([[0.5]], "pairs", {}, "rivals"),
        ([[0.5]], "intensity", {"rivals": ("other",)}, "rivals"),
        ([[0.5]], "pairs", {"rivals": ("one", "two")}, "rivals"),
        ([[0.5]], "hinge", {}, "expected one of intensity"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(
    targets: list[list[float]], loss: str, more: dict[str, object], match: str
) -> None:
    with pytest.raises(TrainingError, match=match):
        task(targets, loss, **more)


def test_targets_of_another_shape_are_refused() -> None:
    with pytest.raises(TrainingError, match="shape"):
        Task("a", ("one",), np.zeros((2, 1)), "intensity", ("t0",))
