import pytest

from models.phrases import MOST_PARTS, MOST_WHOLES, Span, phrases, without


def parts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in phrases(text).parts]


def test_sentences_and_clauses_are_cut_at_signs_and_link_words() -> None:
    assert parts("Zebranie jest jutro. To skandal, że nas okłamali i uciekli!") == [
        "Zebranie jest jutro.",
        "To skandal,",
        "że nas okłamali",
        "i uciekli!",
    ]
    assert parts("We won the final, and the whole town is singing") == [
        "We won the final,",
        "and the whole",
        "town is singing",
    ]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (
            "Bochenek tylko 4,99 zł, w sobotę od 8:00 do 13:00!",
            ["Bochenek tylko 4,99 zł,", "w sobotę", "od 8:00 do 13:00!"],
        ),
        (
            "Czynne 8:00–13:00, przegraliśmy 0:5, wstał o 4:12.",
            ["Czynne 8:00–13:00,", "przegraliśmy 0:5,", "wstał o 4:12."],
        ),
        ("Czynne jutro w godz. 8:00 - 13:00.", ["Czynne jutro", "w godz. 8:00 - 13:00."]),
        ("Zebraliśmy prawie 1 200 000 zł.", ["Zebraliśmy prawie 1 200 000 zł."]),
        ("Only $4,999.50 today, 50% off", ["Only $4,999.50 today,", "50% off"]),
        ("Nasze 1. miejsce. Brawo!", ["Nasze 1. miejsce.", "Brawo!"]),
        ("Było nas 5. Jutro, 10 osób", ["Było nas 5.", "Jutro,", "10 osób"]),
    ],
)
def test_a_number_stays_whole_and_with_what_it_counts(text: str, cut: list[str]) -> None:
    assert parts(text) == cut


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Wody nie będzie do godz. 22.", ["Wody nie będzie", "do godz. 22."]),
        ("Zgasła, która piekła u nas 31 lat.", ["Zgasła,", "która piekła", "u nas 31 lat."]),
        ("Jedziemy do „Młyna” dziś", ["Jedziemy do „Młyna”", "dziś"]),
        ("Nie, do jutra!", ["Nie,", "do jutra!"]),
        ("Everybody here did not come", ["Everybody here", "did not come"]),
        ("Everybody here didn't come today", ["Everybody here", "didn't come today"]),
        ("Spotkanie dziś o 18 i bal", ["Spotkanie dziś o 18", "i bal"]),
        ("Wszyscy idą dziś na który", ["Wszyscy idą", "dziś na który"]),
    ],
)
def test_negations_and_prepositions_stay_with_the_next_word(text: str, cut: list[str]) -> None:
    assert parts(text) == cut


def test_links_mentions_hashtags_and_emoji_stand_for_themselves() -> None:
    text = "Kochamy @kino 😍😍 #Starówka https://kino.example/a?b=1"
    assert parts(text) == ["Kochamy", "@kino", "😍😍", "#Starówka", "https://kino.example/a?b=1"]


def test_offsets_count_code_points_of_the_text_as_it_came() -> None:
    text = "👩‍👩‍👧 Żółw\n\n  biegnie 🐢!"
    assert parts(text) == ["👩‍👩‍👧", "Żółw\n\n", "biegnie", "🐢"]
    assert phrases(text).parts[1].start == 6


def test_a_sentence_of_several_parts_is_a_whole_unless_it_is_the_text() -> None:
    text = "Short one. A rather long sentence, which has several parts, ends here."
    cut = phrases(text)
    assert [text[span.start : span.end] for span in cut.wholes] == [text[11:]]
    assert cut.inside(cut.wholes[0]) == cut.parts[1:]
    assert phrases(text[11:]).wholes == ()


@pytest.mark.parametrize(
    "text",
    [
        "word " * 8000,
        "a, b. " * 6000,
        "ok! 😀 " * 5000,
        "x" * 40_000,
        "#a" * 20_000,
        "not " * 10_000,
        "1:" * 20_000,
    ],
)
def test_any_length_gives_a_bounded_number_of_ordered_phrases(text: str) -> None:
    cut = phrases(text)
    assert 1 <= len(cut.parts) <= MOST_PARTS
    assert len(cut.wholes) <= MOST_WHOLES
    ends = [span.end for span in cut.parts]
    assert all(span.start >= end for span, end in zip(cut.parts[1:], ends, strict=False))


def test_nothing_to_cut_gives_nothing() -> None:
    assert phrases("").all() == ()
    assert phrases(" ?! ").all() == ()


def test_leaving_a_phrase_out_leaves_one_space() -> None:
    assert without("one two three", Span(4, 7)) == "one three"
    assert without("one two", Span(0, 3)) == "two"
