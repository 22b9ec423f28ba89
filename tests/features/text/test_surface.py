import time

import emoji
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.surface import COLUMNS, NAMES, surface


def value(name: str, text: str) -> float:
    """One column of one text; counts are given back as counts."""
    at = NAMES.index(f"surface_{name}")
    number = float(surface([text])[0, at])
    return float(np.expm1(number)) if COLUMNS[at].unit.startswith("log1p") else number


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("characters", "Ala ma kota", 11),
        ("words", "Ala ma kota https://kot.pl/x @ala", 3),
        ("sentences", "Ala ma kota. A kot? Nie wiem", 3),
        ("sentences", "Version 2.5 costs 3.99", 1),
        ("lines", "one\ntwo\n\nthree", 3),
        ("word_length", "aa bbbb", 3),
        ("lix", "To jest krótkie zdanie.", 4 + 100 / 4),
        ("diversity", "no no no yes", 0.5),
        ("capitals", "ABcd", 0.5),
        ("shouted", "WOW this is BIG, I say", 2),
        ("emoji", "hi 👨‍👩‍👧 🇵🇱 ❤️", 3),
        ("emoji", "© 2024, price 5 # 3", 0),
        ("exclamations", "Wow! Yes!!", 3),
        ("questions", "Really? See https://x.pl/?a=1", 1),
        ("ellipses", "well… then... go", 2),
        ("insistent", "What?! No!! Yes!", 2),
        ("quotes", "„Tak” and “no”", 2),
        ("punctuation", "a, b: c (d) - e", 5),
        ("hashtags", "#kot #pies and #1", 2),
        ("mentions", "@ala and @ola, me@x.pl", 2),
        ("links", "https://a.pl www.b.pl c.pl/d", 3),
        ("reply", "@ala thanks", 1),
        ("reply", "thanks @ala", 0),
        ("repost", "RT @ala: hello", 1),
        ("repost", "RTFM hello", 0),
        ("numbers", "12 of 3.5 at 18:30", 3),
        ("prices", "50% off, 20 zł or $5", 3),
        ("calls", "Zapisz się, kliknij link w bio!", 3),
        ("calls", "Sign up and don’t miss it", 2),
        ("share_calls", "Udostępnij i podaj dalej!", 2),
        ("share_calls", "Please RT and tell your friends", 2),
        ("first_singular", "I love my cat", 0.5),
        ("first_singular", "kot i pies", 0),
        ("first_plural", "Dziękujemy za nasz dom", 0.5),
        ("second", "You and your cat", 0.5),
        ("second", "czy wy macie psa", 0.5),
    ],
)
def test_surface_counts(name: str, text: str, expected: float) -> None:
    assert value(name, text) == pytest.approx(expected, rel=1e-5)


def test_surface_reads_polish_with_and_without_diacritics_alike() -> None:
    np.testing.assert_array_equal(
        surface(["Sprawdź, dołącz i udostępnij zażółć"]),
        surface(["Sprawdz, dolacz i udostepnij zazolc"]),
    )


def test_surface_counts_signs_behind_html_entities() -> None:
    assert value("characters", "Tom &amp; Jerry") == pytest.approx(11)


@pytest.mark.parametrize("text", ["", "😍😍", "https://sklep.pl", "12", "!?"])
def test_surface_without_words_has_no_shares(text: str) -> None:
    row = dict(zip(NAMES, surface([text])[0], strict=True))
    missing = {name for name, number in row.items() if np.isnan(number)}
    assert missing == {
        "surface_word_length",
        "surface_lix",
        "surface_diversity",
        "surface_capitals",
        "surface_first_singular",
        "surface_first_plural",
        "surface_second",
    }


def test_surface_of_nothing_has_no_rows() -> None:
    assert surface([]).shape == (0, len(NAMES))


@settings(deadline=None)
@given(st.lists(st.text(st.characters(), max_size=120), max_size=4))
def test_surface_is_finite_or_missing_for_any_text(texts: list[str]) -> None:
    rows = surface(texts)
    assert rows.shape == (len(texts), len(NAMES))
    assert rows.dtype == np.float32
    assert not np.isinf(rows).any()
    assert (rows[~np.isnan(rows)] >= 0).all()


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_surface_of_a_text_does_not_depend_on_its_neighbours(one: str, other: str) -> None:
    np.testing.assert_array_equal(surface([one, other])[0], surface([one])[0])


@pytest.mark.parametrize(
    "unit", ["a", "a ", "😍", "🇵🇱", "!", "a-", "1.", "'a", "\ud83d", "#a", "ש"]
)
def test_surface_is_linear_in_length(unit: str) -> None:
    text = (unit * 40_000)[:40_000]
    started = time.process_time()
    assert not np.isinf(surface([text])).any()
    # A tenth of a second; what grows with the square takes minutes. Any machine lies between.
    assert time.process_time() - started < 10.0


def test_surface_is_quick() -> None:
    texts = ["Dziś otwieramy sklep! Zajrzyj: https://sklep.pl #sklep @ala 😍 20% mniej"] * 2_000
    started = time.process_time()
    surface(texts)
    assert (time.process_time() - started) / len(texts) < 1e-3


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦 one family, 1️⃣ first and #️⃣ sign",
        "flags 🇵🇱🇬🇧 and 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!",
        "żółw 🐢🐢 – ☕️ ❤️‍🔥 2️⃣4️⃣ * # 7",
        "👍🏽x👍🏽",
    ],
)
def test_emoji_are_counted_as_the_library_counts_them_in_the_whole_text(text: str) -> None:
    column = NAMES.index("surface_emoji")
    assert surface([text])[0, column] == np.float32(np.log1p(emoji.emoji_count(text)))
