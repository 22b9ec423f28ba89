from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import ModelError
from features.schema import INTENSITIES, OVERALL, TARGETS
from models.conformal import Calibration
from models.emotion import Blend, EmotionModel, cells, overall_error, overall_of
from models.scales import Scale
from models.views import CHARACTER_BITS, CharacterView, LinearHeads

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAN = float("nan")


def small_model(taught: tuple[str, ...] = TARGETS) -> EmotionModel:
    """One number is the embedding; `own` says that number, `other` half of it."""
    slots = 2**CHARACTER_BITS
    characters = CharacterView(
        (), np.ones(slots, np.float32), np.zeros((slots, 0), np.float32), np.zeros(0, np.float32)
    )
    weights = np.ones((1, len(TARGETS)), np.float32)
    knots = np.array([0.0, 1.0])
    straight = Scale(knots, knots, np.array([0.1, 0.1]), 0, 1)
    halved = Scale(knots, knots / 2, np.array([0.1, 0.1]), 0, 1)
    errors = Calibration({"*": np.linspace(-1, 1, 99)})
    return EmotionModel(
        "sha256:0",
        LinearHeads(
            ("e/x",), np.ones((1, 1), np.float32), np.zeros(1, np.float32), np.array([False])
        ),
        characters,
        np.zeros(1, np.float32),
        np.ones(1, np.float32),
        Blend(weights, tuple(straight if name in taught else None for name in TARGETS)),
        {"*": Blend(weights, tuple(halved if name in taught else None for name in TARGETS))},
        dict.fromkeys((*taught, OVERALL), errors),
        frozenset({"en"}),
        frozenset({"en", "pl"}),
        details={"note": "small"},
    )


def test_a_measured_language_is_weighed_by_its_own_blend() -> None:
    forecast = small_model().predict(
        ["a", "b", "c"], np.full((3, 1), 0.8, "f4"), ["en", "pl", None]
    )
    assert forecast.value[:, 0] == pytest.approx([0.8, 0.4, 0.4])


def test_intervals_hold_the_value_and_stay_in_range() -> None:
    forecast = small_model().predict(["a"] * 3, np.array([[0.0], [0.5], [1.0]], "f4"), ["en"] * 3)
    assert (forecast.low <= forecast.value).all()
    assert (forecast.value <= forecast.high).all()
    assert forecast.low[1, 0] == pytest.approx(0.41, abs=0.01)
    assert forecast.low[0, 0] == 0.0
    assert forecast.high[2, 0] == 1.0


def test_what_was_never_taught_is_not_a_number() -> None:
    forecast = small_model(("joy", "fear")).predict(["a"], np.full((1, 1), 0.8, "f4"), ["en"])
    known = {name for k, name in enumerate(INTENSITIES) if np.isfinite(forecast.value[0, k])}
    assert known == {"joy", "fear", "overall"}
    assert np.isnan(forecast.low[0, INTENSITIES.index("anger")])


def test_no_texts_give_an_empty_forecast() -> None:
    forecast = small_model().predict([], np.zeros((0, 1), np.float32), [])
    assert forecast.value.shape == forecast.low.shape == (0, 9)


def test_it_can_be_saved_and_loaded(tmp_path: Path) -> None:
    model = small_model(("joy", "valence"))
    model.save(tmp_path, NOW)
    again = EmotionModel.load(tmp_path)
    call = (["a", "b"], np.array([[0.2], [0.9]], np.float32), ["en", "pl"])
    for one, other in zip(
        vars(model.predict(*call)).values(), vars(again.predict(*call)).values(), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert (again.measured, again.languages) == (model.measured, model.languages)
    assert again.encoder_digest == "sha256:0"
    assert again.details["note"] == "small"


def test_what_is_doubted_comes_off_an_opinion_and_nothing_is_ever_added() -> None:
    doubts = np.array([[2.0] * len(TARGETS), [-1.0] * len(TARGETS)], np.float32)
    sure = small_model().others["*"]
    views = np.array([[0.4], [0.6], [0.8]], np.float32)
    found = replace(sure, doubts=doubts).opinion(views)
    assert found[:, 0] == pytest.approx([0.4, 0.6 - 0.2, 0.8 - 0.6])


def test_doubts_can_be_saved_and_loaded(tmp_path: Path) -> None:
    model = small_model()
    doubts = np.full((2, len(TARGETS)), 0.25, np.float32)
    doubting = replace(model, others={"*": replace(model.others["*"], doubts=doubts)})
    doubting.save(tmp_path, NOW)
    again = EmotionModel.load(tmp_path)
    np.testing.assert_array_equal(again.others["*"].doubts, doubts)
    assert again.own.doubts is None


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    small_model().save(tmp_path, NOW)
    (tmp_path / "views.npz").write_bytes(b"other")
    with pytest.raises(ModelError, match="altered"):
        EmotionModel.load(tmp_path)


def row(**values: float) -> np.ndarray:
    return np.array([[values.get(name, 0.0) for name in TARGETS]])


def test_overall_is_what_the_docs_say() -> None:
    assert overall_of(row(joy=0.6, arousal=0.55, valence=-0.4)) == pytest.approx(
        [0.7 * 0.6 + 0.15 * 0.5 + 0.15 * 0.4]
    )
    everything = dict.fromkeys(TARGETS, 1.0)
    assert overall_of(row(**everything)) == pytest.approx([1.0])
    assert overall_of(row()).tolist() == [0.0]


@pytest.mark.parametrize("name", TARGETS)
def test_overall_never_falls_when_a_part_rises(name: str) -> None:
    rng = np.random.default_rng(0)
    before = rng.random((200, len(TARGETS)))
    after = before.copy()
    after[:, TARGETS.index(name)] = np.minimum(1, before[:, TARGETS.index(name)] + 0.2)
    assert (overall_of(after) >= overall_of(before) - 1e-12).all()


def test_overall_of_emotions_alone_is_the_strongest() -> None:
    values = row(joy=0.6)
    values[:, [TARGETS.index("valence"), TARGETS.index("arousal")]] = NAN
    assert overall_of(values) == pytest.approx([0.6])


def test_overall_without_emotions_is_not_a_number() -> None:
    assert np.isnan(overall_of(np.full((1, len(TARGETS)), NAN))).all()


def test_overall_is_as_uncertain_as_the_strongest_emotion() -> None:
    expected = row(joy=0.3, anger=0.1)
    assert overall_error(row(joy=0.9, anger=0.2), expected).tolist() == [0.3]


def test_a_text_of_another_language_is_calibrated_as_unknown() -> None:
    measured = frozenset({"en"})
    assert cells("en", measured) == ("en", "*")
    assert cells("pl", measured) == ("?pl", "?", "*")
    assert cells(None, measured) == ("?", "?", "*")


def test_a_language_that_auxiliary_sets_speak_has_a_blend_of_its_own() -> None:
    model = small_model()
    model = replace(model, others={**model.others, "cs": model.own})
    forecast = model.predict(["a"] * 3, np.full((3, 1), 0.8, "f4"), ["cs", "pl", None])
    assert forecast.value[:, 0] == pytest.approx([0.8, 0.4, 0.4])


def test_a_target_is_only_as_sure_as_where_it_was_judged() -> None:
    wide = Calibration({"*": np.linspace(-1, 1, 99), "?": np.linspace(-3, 3, 99)})
    judged = {"joy": frozenset({"en"}), "fear": frozenset[str]()}
    model = replace(small_model(), judged=judged, calibrations={"joy": wide, "fear": wide})
    forecast = model.predict(["a"], np.full((1, 1), 0.5, "f4"), ["en"])
    width = forecast.high[0] - forecast.low[0]
    assert width[INTENSITIES.index("fear")] > 2.5 * width[INTENSITIES.index("joy")]


def test_views_are_standardised() -> None:
    model = replace(small_model(), centre=np.ones(1, np.float32), spread=np.full(1, 2, np.float32))
    assert model.views(["a"], np.full((1, 1), 5, np.float32)).tolist() == [[2.0]]


part = st.floats(0, 1)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(part, min_size=8, max_size=8), st.integers(0, 7), part)
def test_overall_is_monotone_in_any_part_anywhere(
    values: list[float], raised: int, height: float
) -> None:
    before = np.array([values])
    after = before.copy()
    after[0, raised] = max(height, before[0, raised])
    assert overall_of(after)[0] >= overall_of(before)[0] - 1e-12
    mirrored = after.copy()
    mirrored[0, TARGETS.index("valence")] *= -1  # unpleasant moves as much as pleasant
    assert overall_of(mirrored) == pytest.approx(overall_of(after))
