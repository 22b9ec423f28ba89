import numpy as np
import pytest

from features.text.shape import NAMES, shapes

POLISH = "Udało się! Po trzech latach remontu otwieramy kino na Starówce, przyjdźcie."
ENGLISH = "Our harbour bakery burned down last night. Nobody was hurt, and we will rebuild."
RUSSIAN = "Сегодня мы открываем новый кинотеатр в старом городе, приходите с друзьями."
MASHED = "asdfgh jklsdf qwrtp dfgkjh sdfkjh wlkjrt zxcvbn hjkldf"


def told(text: str) -> dict[str, float]:
    return dict(zip(NAMES, shapes([text])[0].tolist(), strict=True))


def test_counts_that_can_be_checked_by_eye() -> None:
    found = told("Ala ma 2 koty")
    assert found["letters"] == pytest.approx(9 / 10)
    assert found["digits"] == pytest.approx(1 / 10)
    assert found["vowels"] == pytest.approx(5 / 9)
    assert found["word_length"] == pytest.approx(3)
    assert found["longest"] == pytest.approx(4 / 10)


@pytest.mark.parametrize("text", [POLISH, ENGLISH, RUSSIAN])
def test_languages_look_alike_and_mashed_keys_do_not(text: str) -> None:
    language, mashed = told(text), told(MASHED)
    assert language["vowels"] > 0.3 > mashed["vowels"]
    assert language["consonant_run"] < 3 < mashed["consonant_run"]
    assert language["language"] > 2 > mashed["language"]


def test_identifiers_and_blobs_change_kind_inside_words() -> None:
    assert told("getUserById2Json aZ3kQ9xB1")["mixed"] > 0.2
    assert told(ENGLISH)["mixed"] == 0


@pytest.mark.parametrize("figure", ["8:00-14:00", "12.12.2026", "19,99", "22 : 15", "3:2", "1/12"])
def test_times_dates_and_prices_look_like_one_number(figure: str) -> None:
    assert told(f"Otwarte w sobotę: {figure} zapraszamy") == told("Otwarte w sobotę: 7 zapraszamy")


@pytest.mark.parametrize("blob", ["a8:00b", "0x12.13f", "12 34 56"])
def test_figures_inside_words_and_bare_digits_stay(blob: str) -> None:
    assert told(f"Otwarte {blob} dziś")["digits"] > told("Otwarte 7 dziś")["digits"]


def test_links_and_mentions_are_left_out() -> None:
    assert told(f"{ENGLISH} https://x.example/aZ3kQ9xB1?q=12 @x_1")["mixed"] == 0


def test_scripts_without_vowels_have_no_such_measures() -> None:
    found = shapes(["我们今天在老城区开了一家新电影院", "12345", ""])
    assert np.isnan(found[:, NAMES.index("vowels") :]).all()
    assert np.isfinite(found[:, : NAMES.index("vowels")]).all()


@pytest.mark.parametrize("text", ["x" * 40_000, "\ud83d\ud83d", "\0\0", "😍🔥" * 50])
def test_any_text_has_a_shape(text: str) -> None:
    assert shapes([text]).shape == (1, len(NAMES))
