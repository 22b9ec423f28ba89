import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.schema import Post
from features.text import language
from features.text.cleaning import reading_once
from features.text.language import (
    Detected,
    detect,
    identifier_confidence,
    resolve_language,
    usual_language,
)
from tests.features.text.short_drafts import ENGLISH, POLISH


@pytest.mark.parametrize(
    "text",
    [
        "Dziś otwieramy nowy sklep!",
        "Dzis otwieramy nowy sklep!",
        "Co myslicie? Dajcie znac w komentarzach",
        "ZAPRASZAMY NA OTWARCIE",
        "Zapraszamy",
        "Kocham to ❤️",
        "Tak!",
        "dziekujemy 😍😍😍 https://shop.com/new/arrivals",
        "Konkurs! Wygraj bilety #love #giveaway #win",
        "#zapraszamy",
        "\ud83d dzień dobry \x00",
    ],
)
def test_detect_short_polish(text: str) -> None:
    assert detect([text])[0].code == "pl"


@pytest.mark.parametrize(
    "text",
    ["We are opening a new shop today", "Love this", "OPEN NOW", "love you ❤️", "Can't wait!"],
)
def test_detect_short_english(text: str) -> None:
    assert detect([text])[0].code == "en"


@pytest.mark.parametrize(
    ("drafts", "code", "least"), [(POLISH, "pl", 59), (ENGLISH, "en", 60)], ids=["pl", "en"]
)
def test_detect_short_drafts(drafts: list[str], code: str, least: int) -> None:
    assert sum(found.code == code for found in detect(drafts)) >= least


def test_the_accounts_usual_language_decides_what_the_words_leave_open() -> None:
    text = "Joga o poranku"
    assert [found.code for found in detect([text, text], [None, "pl"])] == ["pt", "pl"]
    assert detect(["New blog post"], ["pl"])[0].code == "en"
    assert usual_language(["Kawa gotowa!", "Dziś czytamy dzieciom o dziesiątej"]) == "pl"
    assert usual_language([]) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Guten Morgen, wir freuen uns auf Sie", "de"),
        ("Muchas gracias a todos por venir", "es"),
        ("Сегодня мы открываем новый магазин", "ru"),
        ("Сьогодні ми відкриваємо новий магазин", "uk"),
        ("שלום לכולם, מה שלומכם היום", "he"),
        ("我们今天开了一家新店", "zh"),
    ],
)
def test_detect_other_languages(text: str, code: str) -> None:
    assert detect([text])[0].code == code


@pytest.mark.parametrize(
    "text", ["", " ", "ok", "😍😍😍", "123 456", "https://shop.pl/dziekujemy", "@anna @ola", "\n\n"]
)
def test_detect_too_little_text_is_unknown(text: str) -> None:
    assert detect([text]) == [Detected(None, 0.0)]


def test_detect_confidence_grows_with_text() -> None:
    short, long = detect(["Kawa i ciastko", "Kawa i ciastko czekają dziś na wszystkich gości"])
    assert short.confidence < 0.8 < long.confidence


@settings(deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_detect_never_raises(text: str) -> None:
    found = detect([text])[0]
    assert 0 <= found.confidence <= 1


def test_detect_from_many_threads() -> None:
    texts = ["Dziś otwieramy nowy sklep!", "We are opening a new shop today"] * 50
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: detect([text])[0].code, texts))
    assert answers == ["pl", "en"] * 50


def test_resolve_language_prefers_what_is_given() -> None:
    posts = [Post("Dziś otwieramy nowy sklep!", language="cs"), Post("Love this"), Post("😍")]
    assert resolve_language(posts) == ["cs", "en", None]


def test_weights_load_on_first_use_only() -> None:
    code = "import sys, features.text.language; sys.exit('fasttext' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_identifier_is_asked_once_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The new shop opens on Saturday at ten, and everyone is welcome."
    expected = detect([text]), identifier_confidence(text)
    detector, asked = language._detector(), []

    def counted() -> object:
        asked.append(1)
        return detector

    monkeypatch.setattr(language, "_detector", counted)
    with reading_once():
        assert (detect([text]), identifier_confidence(text)) == expected
    assert len(asked) == 1
