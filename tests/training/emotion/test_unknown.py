from dataclasses import replace

import numpy as np
import pytest

from features.schema import TARGETS
from models.emotion import SEVERAL, EmotionModel
from models.scales import Scale
from models.views import CHARACTER_BITS, CharacterView, LinearHeads
from training.emotion.blend import DOUBT, TOLERATED, Floats, HeldOut, blended
from training.emotion.fit import LANGUAGE_TEXTS, blank_model, fit
from training.emotion.keep import brought_over
from training.emotion.unknown import envelope, widening

JOY, VALENCE = TARGETS.index("joy"), TARGETS.index("valence")
SPOKEN = ("de", "en", "es", "ru")


def blank() -> EmotionModel:
    heads = LinearHeads(
        ("emotion/joy", "english/joy", "polish/joy", "dimensions/valence"),
        np.eye(4, dtype=np.float32),
        np.zeros(4, np.float32),
        np.zeros(4, bool),
    )
    slots = 2**CHARACTER_BITS
    characters = CharacterView(
        (), np.ones(slots, np.float32), np.zeros((slots, 0), np.float32), np.zeros(0, np.float32)
    )
    measured = frozenset(SPOKEN)
    judged = {"joy": measured, "valence": frozenset({"en"}), "overall": measured}
    spoken = {"english": "en", "polish": "pl"}
    return blank_model("sha256:0", heads, characters, measured, measured, judged, spoken, {})


def spelling() -> CharacterView:
    slots = 2**CHARACTER_BITS
    return CharacterView(
        ("joy",),
        np.ones(slots, np.float32),
        np.ones((slots, 1), np.float32),
        np.zeros(1, np.float32),
    )


def held_out(n: int = 150) -> HeldOut:
    """Joy is what its head says plus noise, five times the noise in Russian; valence in English."""
    rng = np.random.default_rng(0)
    languages = tuple(name for name in SPOKEN for _ in range(n))
    raw = rng.random((len(languages), 4)).astype(np.float32)
    raw[:, 1] = raw[:, 2] = raw[:, 0]
    noise = rng.normal(0, 0.02, len(languages)) * np.where(np.array(languages) == "ru", 5, 1)
    truth = np.full((len(languages), len(TARGETS)), np.nan)
    truth[:, JOY] = np.clip(raw[:, 0] / 2 + 0.25 + noise, 0, 1)
    truth[n : 2 * n, VALENCE] = raw[n : 2 * n, 3] - 0.5 + noise[n : 2 * n]
    return HeldOut(tuple(f"text {i}" for i in range(len(raw))), languages, truth, raw)


def test_a_language_of_auxiliary_sets_hears_the_heads_taught_in_it() -> None:
    model = blended(blank(), held_out(), ("joy", "valence"))
    assert set(model.others) == {"*", "pl"}
    assert model.others["pl"].weights[:, JOY].tolist() == [0.5, 0, 0.5, 0]
    assert (model.others["*"].weights[:3, JOY] > 0).all()
    assert model.blend_of("en") is model.own
    assert model.blend_of("cs") is model.others["*"]


def test_a_head_taught_in_several_languages_speaks_for_each_and_makes_no_language_known() -> None:
    several = replace(blank(), auxiliaries={"polish": "pl", "english": SEVERAL})
    model = blended(several, held_out(), ("joy", "valence"))
    assert set(model.others) == {"*", "pl"}
    assert model.others["pl"].weights[:3, JOY] == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_voices_count_alike_and_heads_of_an_earlier_model_are_no_second_voice() -> None:
    named = replace(
        blank(),
        heads=replace(
            blank().heads, names=("emotion/joy", "start-emotion/joy", "polish/joy", "d/valence")
        ),
        spellings={"pl": spelling()},
        centre=np.zeros(5, np.float32),
        spread=np.ones(5, np.float32),
    )
    raw = np.column_stack([held_out().raw, np.full(600, 7, np.float32)])
    model = blended(named, replace(held_out(), raw=raw), ("joy", "valence"))
    assert model.view_names[-1] == "pl:joy"
    assert model.others["pl"].weights[:, JOY] == pytest.approx([1 / 6, 1 / 6, 1 / 3, 0, 1 / 3])
    assert model.own.weights[-1].tolist() == [0] * len(TARGETS), "other languages are not asked"
    assert (model.centre[-1], model.spread[-1]) == (0, 1), "a spelling has units of its own"


def test_what_rated_texts_do_not_hear_is_doubted_where_other_voices_do() -> None:
    rated = replace(
        blank(),
        heads=replace(blank().heads, names=("emotion/joy", "xed-pl/joy", "posts/joy", "d/valence")),
        auxiliaries={"xed-pl": "pl", "posts": SEVERAL},
    )
    model = blended(rated, held_out(), ("joy", "valence"))
    assert model.own.doubts is None, "labels tell what heads are worth"
    polish = model.others["pl"]
    alike = np.array([[1, 1, 1, 0], [1, 1, 1 - TOLERATED, 0], [1, 1, 2, 0]], np.float32)
    assert polish.opinion(alike) == pytest.approx(replace(polish, doubts=None).opinion(alike))
    denied = np.array([[1, 1, -1, 0]], np.float32)
    said = replace(polish, doubts=None).opinion(denied)
    taken = said - polish.opinion(denied)
    assert taken[0, JOY] == pytest.approx(DOUBT * (2 - TOLERATED))
    assert taken[0, VALENCE] == 0


def test_without_rated_texts_nothing_is_doubted() -> None:
    named = replace(
        blank(),
        heads=replace(
            blank().heads, names=("emotion/joy", "xed-en/joy", "xed-pl/joy", "d/valence")
        ),
        auxiliaries={"xed-en": "en", "xed-pl": "pl"},
    )
    assert blended(named, held_out(), ("joy", "valence")).others["pl"].doubts is None


def test_unknown_languages_get_the_intervals_of_the_least_favourable() -> None:
    model = fit(blank(), held_out(), ("joy", "valence"))
    views = np.zeros((4, 4), np.float32)
    languages = ["en", "ru", "pl", None]
    _, low, high = model.bounded(*model.point(views, languages), languages)
    width = (high - low)[:, JOY]
    assert width[3] > 1.5 * width[0]
    assert width[2] > 1.5 * width[0]
    valence = (high - low)[:, VALENCE]
    assert valence[1] > 1.1 * valence[0], "valence was judged in English alone"


def test_a_language_that_plays_the_unknown_one_doubts_nothing() -> None:
    def fitted(task: str) -> EmotionModel:
        names = ("emotion/joy", f"{task}/joy", "xed-pl/joy", "d/valence")
        heads, spoken = replace(blank().heads, names=names), {task: SEVERAL, "xed-pl": "pl"}
        return fit(replace(blank(), heads=heads, auxiliaries=spoken), deaf, ("joy", "valence"))

    deaf = held_out()
    deaf.raw[:, 1] = 0
    doubting, trusting = fitted("posts"), fitted("goemotions")
    assert doubting.others["pl"].doubts is not None
    assert trusting.others["pl"].doubts is None
    doubtful, trusted = (one.calibrations["joy"].errors["?pl"] for one in (doubting, trusting))
    np.testing.assert_allclose(doubtful, trusted)


def test_rated_texts_kept_apart_widen_what_was_borrowed_and_narrow_nothing() -> None:
    raw = held_out(100).raw[:100]
    truth = np.full((100, len(TARGETS)), np.nan)
    truth[:, JOY], truth[:, VALENCE] = 0.0, np.resize([-1.0, 1.0], 100)
    apart = HeldOut(("a post",) * 100, ("pl",) * 100, truth, raw)
    usual = fit(blank(), held_out(), ("joy", "valence"))
    wide = fit(blank(), held_out(), ("joy", "valence"), apart=apart)
    few = fit(blank(), held_out(), ("joy", "valence"), apart=apart.take(np.arange(20)))
    before, after = (_width(model, "pl") for model in (usual, wide))
    assert after[VALENCE] > 2 * before[VALENCE]
    assert after[JOY] == before[JOY], "people labelled joy in languages enough"
    for language in ("en", "cs"):
        np.testing.assert_array_equal(_width(wide, language), _width(usual, language))
    np.testing.assert_array_equal(_width(few, "pl"), before)


def _width(model: EmotionModel, language: str) -> Floats:
    """Widths of the intervals of the plainest text."""
    _, low, high = model.bounded(*model.point(np.zeros((1, 4), "f4"), [language]), [language])
    return np.asarray((high - low)[0], dtype=np.float64)


def test_what_few_languages_label_gets_the_level_of_rated_texts() -> None:
    raw = held_out(100).raw[:100]
    truth = np.full((100, len(TARGETS)), np.nan)
    truth[:, JOY], truth[:, VALENCE] = 1.0, 0.4 * raw[:, 3] - 0.2
    apart = HeldOut(("a post",) * 100, ("pl",) * 100, truth, raw)
    usual = fit(blank(), held_out(), ("joy", "valence"))
    scaled = fit(blank(), held_out(), ("joy", "valence"), apart=apart)
    assert (_width(scaled, "pl") >= _width(usual, "pl"))[VALENCE], "rated without an error"
    views = (raw[:9] - scaled.centre) / scaled.spread
    value = scaled.point(views, ["pl"] * 9)[0]
    assert value[:, VALENCE] == pytest.approx(truth[:9, VALENCE], abs=0.02)
    assert (value[:, JOY] == usual.point(views, ["pl"] * 9)[0][:, JOY]).all(), "people rated joy"
    english = ["en"] * 9
    np.testing.assert_array_equal(scaled.point(views, english), usual.point(views, english))


def test_rated_texts_tell_of_valence_where_people_label_joy_alone() -> None:
    raw = held_out(100).raw[:100]
    truth = np.full((100, len(TARGETS)), np.nan)
    truth[:, JOY], truth[:, VALENCE] = 0.0, np.resize([-1.0, 1.0], 100)
    apart = HeldOut(("a post",) * 100, ("ru",) * 100, truth, raw)
    usual = fit(blank(), held_out(), ("joy", "valence")).calibrations
    told = fit(blank(), held_out(), ("joy", "valence"), apart=apart).calibrations
    assert told["valence"].errors["?ru"].max() > 2 * usual["valence"].errors["?"].max()
    assert set(told["joy"].errors) == set(usual["joy"].errors)


def test_a_language_of_a_spelling_alone_has_the_intervals_of_its_own_blend() -> None:
    heads = replace(blank().heads, names=("emotion/joy", "other/joy", "more/joy", "d/valence"))
    spelt = replace(blank(), heads=heads, auxiliaries={}, spellings={"pl": spelling()})
    raw = np.column_stack([held_out().raw, np.random.default_rng(1).normal(9, 3, 600)])
    model = fit(spelt, replace(held_out(), raw=raw.astype(np.float32)), ("joy",))
    views = np.array([[0, 0, 0, 0, 1.0]], np.float32)
    value, low, high = model.bounded(*model.point(views, ["pl"]), ["pl"])
    usual = fit(replace(spelt, spellings={}), held_out(), ("joy",))
    plain = usual.point(views[:, :4], ["pl"])[0]
    assert value[0, JOY] > plain[0, JOY], "the spelling is heard"
    cell = model.calibrations["joy"].errors["?pl"]
    assert np.abs(cell).max() < 60, "what it says of other languages is no error of its own"
    assert low[0, JOY] < value[0, JOY] < high[0, JOY]


def test_too_few_languages_give_no_unknown_cell() -> None:
    part = held_out()
    english = part.take(np.flatnonzero(np.array(part.languages) == "en"))
    assert set(fit(blank(), english, ("joy",)).calibrations["joy"].errors) == {"*", "en"}


def test_sets_that_name_emotions_are_heard_where_nobody_measured_them() -> None:
    names = ("emotion/joy", "start-goemotions/joy", "clarin-emo/joy", "dimensions/valence")
    heads = replace(blank().heads, names=names)
    spoken = {"start-goemotions": "en", "clarin-emo": "pl"}
    model = blended(replace(blank(), heads=heads, auxiliaries=spoken), held_out(), ("joy",))
    assert model.own.weights[:, JOY].tolist() == [1, 0, 0, 0]
    assert model.others["*"].weights[:, JOY].tolist() == [1, 0, 0, 0]
    assert model.others["pl"].weights[:, JOY].tolist() == [0.5, 0, 0.5, 0]


def test_a_labelled_language_answers_for_rated_texts() -> None:
    rows = held_out()
    rng = np.random.default_rng(1)
    raw = rng.random((200, 4)).astype(np.float32)
    heads = replace(
        blank().heads, names=("emotion/joy", "second/joy", "third/joy", "dimensions/valence")
    )
    model = replace(blank(), heads=heads)
    rows.raw[:, 1] = rows.raw[:, 0] + rng.normal(0, 0.3, len(rows.raw))
    truth = np.full((200, len(TARGETS)), np.nan)
    truth[:, JOY] = raw[:, 1]
    rated = HeldOut(("",) * 200, ("en",) * 200, truth, raw)
    plain = blended(model, rows, ("joy",))
    few = blended(model, replace(rows, rated=rated.take(np.arange(50))), ("joy",))
    assert few.own.weights[:, JOY].tolist() == plain.own.weights[:, JOY].tolist()
    answered = blended(model, replace(rows, rated=rated), ("joy",))
    assert answered.own.weights[1, JOY] > plain.own.weights[1, JOY] + 0.02
    assert answered.others["*"].weights.tolist() == plain.others["*"].weights.tolist()


def test_an_envelope_reaches_as_far_as_any_part() -> None:
    found = envelope([np.linspace(-1, 1, 101), np.linspace(-3, 0.5, 101)])
    assert np.quantile(found, 0.05) == pytest.approx(-2.825, abs=0.02)
    assert np.quantile(found, 0.95) == pytest.approx(0.9, abs=0.02)
    assert (np.diff(found) >= 0).all()
    assert widening(found, np.linspace(-1, 1, 101)) == pytest.approx(2.825 / 0.9, abs=0.05)


def test_a_straight_scale_keeps_plain_texts_apart() -> None:
    raw = np.linspace(-1, 3, 400)
    line = Scale.straight(raw, np.maximum(raw - 1, 0) / 2, 0, 1)
    assert (np.diff(line.value(raw[5:])) > 0).all()
    assert line.value(raw).min() >= 0


def test_heads_survive_a_new_encoder_that_still_tells_what_they_heard() -> None:
    rng = np.random.default_rng(0)
    before = rng.normal(size=(500, 4)).astype(np.float32)
    turned = before @ rng.normal(size=(4, 4)).astype(np.float32)
    turned = np.hstack([turned[:, :1] * 0, turned]).astype(np.float32)
    kept = brought_over(blank().heads, before, turned)
    assert kept.names == blank().heads.names
    np.testing.assert_allclose(kept(turned), blank().heads(before), atol=0.01)
    assert brought_over(blank().heads, before, rng.normal(size=(500, 4)).astype("f4")).names == ()
    assert brought_over(blank().heads, before[:50], turned[:50]).names == ()


def test_a_language_labelled_often_enough_has_intervals_of_its_own() -> None:
    many, few = held_out(), held_out(LANGUAGE_TEXTS - 1)
    assert set(SPOKEN) <= set(fit(blank(), many, ("joy",)).calibrations["joy"].errors)
    assert not set(SPOKEN) & set(fit(blank(), few, ("joy",)).calibrations["joy"].errors)
    languages = ["en", "ru"]
    width = {}
    for name, part in {"own": many, "one for all": few}.items():
        model = fit(blank(), part, ("joy",))
        _, low, high = model.bounded(
            *model.point(np.zeros((2, 4), np.float32), languages), languages
        )
        width[name] = (high - low)[:, JOY]
    assert width["one for all"][1] == pytest.approx(width["one for all"][0], rel=0.01)
    assert width["own"][1] > 3 * width["own"][0]
