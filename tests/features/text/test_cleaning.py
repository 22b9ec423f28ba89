import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text import cleaning
from features.text.cleaning import (
    HASHTAG,
    LINK,
    MENTION,
    clean,
    plain,
    reading_once,
    running,
    sound,
    unstuffed,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zobacz https://sklep.pl/x?y=1 teraz", "Zobacz teraz"),
        ("Read www.example.com/a.", "Read"),
        ("bit.ly/3xYz and shop.pl!", "and !"),
        ("Thanks @anna_k and @ola.bsky.social", "Thanks @user and @user"),
        ("write to me@example.com", "write to me@example.com"),
        ("#ŻółtyDom #black_friday", "Żółty Dom black friday"),
        ("#one#two", "one two"),
        ("we are #1", "we are #1"),
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("soooooo good!!!!!!", "sooo good!!!"),
        ("in 1000000 homes", "in 1000000 homes"),
        ("one\n\n two\t three\u00a0four", "one two three four"),
        ("broken \ud83d half", "broken half"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("\ufeffmark \u202eturned", "mark turned"),
        ("family 👨‍👩‍👧 ❤️", "family 👨‍👩‍👧 ❤️"),
        ("zażo\u0301łc\u0301", "zażółć"),
        ("Koniec.Co dalej?", "Koniec.Co dalej?"),
        ("ODWOŁALI POCIĄG! ZNOWU, WE WTOREK.", "Odwołali pociąg! Znowu, we wtorek."),
        ("WOW, NASA!", "WOW, NASA!"),
        ("PSE rises, NBP and GUS and PKO wait", "PSE rises, NBP and GUS and PKO wait"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_clean_keeps_capitals_and_emoji() -> None:
    assert clean("WOW 😍 what a day?!") == "WOW 😍 what a day?!"


@given(st.text(st.characters(), max_size=200))
def test_clean_can_always_be_encoded(text: str) -> None:
    clean(text).encode("utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_sound_is_idempotent(text: str) -> None:
    assert sound(sound(text)) == sound(text)


@pytest.mark.parametrize(
    "unit", ["a", "A. ", "A", "a-", "a.", "1.", "@", "@a", "#", "#1", "www.", "&#", "-", "é"]
)
def test_clean_is_linear_in_length(unit: str) -> None:
    text = (unit * 40_000)[:40_000]
    started = time.process_time()
    clean(text)
    for pattern in (LINK, MENTION, HASHTAG):
        pattern.findall(text)
    # A tenth of a second; what grows with the square takes minutes. Any machine lies between.
    assert time.process_time() - started < 10.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good #one #two #three", "Good #one #two #three"),
        ("Good #one #two #three #four #five", "Good #one #two #three  "),
        (
            "https://a.pl/#x https://a.pl/#y #one #two #three #four",
            "https://a.pl/#x https://a.pl/#y #one #two #three ",
        ),
        ("Good 🔥🔥🔥🔥🔥 day", "Good 🔥🔥🔥 day"),
        ("Family 👨‍👩‍👧 👨‍👩‍👧 👨‍👩‍👧 👨‍👩‍👧.", "Family 👨‍👩‍👧 👨‍👩‍👧 👨‍👩‍👧 ."),
        ("Please share! Share this!", "Please share!  this!"),
        ("Udostępnijcie! Podaj dalej! Niech się niesie!", "Udostępnijcie! ! !"),
        ("Zażółć gęślą jaźń, proszę", "Zażółć gęślą jaźń, proszę"),
    ],
)
def test_unstuffed_keeps_what_people_write_and_cuts_the_rest(text: str, expected: str) -> None:
    assert unstuffed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The market share grew while the share price fell and every share holder sold.",
        "Guten Tag! Heute ist Tag der offenen Tür, ein schöner Tag.",
        "RT @ala: RT @ola: the bakery is open",
        "An RT-PCR test, and RT-PCR once more, for the Rt Hon Ann Smith and the Rt Hon Tom Jones",
        "One retweet is no vote. A retweet of a retweet is none either",
        "See https://rt.com/share and https://share.org/tag",
    ],
)
def test_unstuffed_keeps_nouns_that_only_look_like_pleas(text: str) -> None:
    assert unstuffed(text) == text


def test_plain_is_said_calmly() -> None:
    assert plain("WE WON THE CUP!!! REALLY?!?") == "We won the cup! Really?"
    assert plain("We won the cup!") == "We won the cup!"


@pytest.mark.parametrize(
    "same",
    [
        "Otwieramy kino na Starówce.\n",
        "\n  Otwieramy kino na Starówce. ",
        "Otwie\u00adramy kino na Sta\u00adrówce.",
        unicodedata.normalize("NFD", "Otwieramy kino na Starówce."),
    ],
)
def test_what_nobody_sees_changes_nothing(same: str) -> None:
    written = "Otwieramy kino na Starówce."
    assert (plain(same), clean(same)) == (written, written)


def test_a_text_is_read_once_and_then_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(text: str) -> str:
        read.append(text)
        return sound(text)

    monkeypatch.setattr(cleaning, "sound", counted)
    with reading_once():
        assert clean("WOW &amp; more!!") == clean("WOW &amp; more!!") == "WOW & more!!"
        assert plain("WOW &amp; more!!") == plain("WOW &amp; more!!") == "WOW & more!"
        assert running("WOW at @us") == running("WOW at @us") == "WOW at  "
    assert len(read) == 3
    clean("WOW &amp; more!!")
    assert len(read) == 4
