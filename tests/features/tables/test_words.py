"""Words for the values of the vocabulary."""

import pytest

from features.schema import MEDIA_TYPES, PLATFORMS
from features.tables.words import MEDIA_WORDS, PLATFORM_WORDS, language_code, zone_words


def test_every_word_leads_into_the_vocabulary() -> None:
    assert set(PLATFORM_WORDS.values()) == set(PLATFORMS)
    assert set(MEDIA_WORDS.values()) == set(MEDIA_TYPES)
    assert all(word == word.lower() for word in (*PLATFORM_WORDS, *MEDIA_WORDS))


def test_media_as_meta_and_linkedin_call_them() -> None:
    english = ["status updates", "photos", "videos", "links", "reels"]
    polish = ["aktualizacja statusu", "zdjęcia", "filmy", "linki", "rolki"]
    for words in (english, polish):
        found = [MEDIA_WORDS[word] for word in words]
        assert found == ["text", "photo", "video", "link", "video"]
    instagram = [MEDIA_WORDS[f"ig {word}"] for word in ("image", "reel", "carousel", "story")]
    assert instagram == ["photo", "video", "carousel", "story"]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("pl", "pl"),
        ("pl-pl", "pl"),
        ("pt_br", "pt"),
        ("polski", "pl"),
        ("iw", "he"),
        ("pol", "pl"),
        ("eng", "en"),
        ("eng-gb", "en"),
        ("deu", "de"),
        ("ger", "de"),
        ("ukr", "uk"),
        ("rus", "ru"),
        ("fra", "fr"),
        ("fre", "fr"),
        ("spa", "es"),
        ("por", "pt"),
        ("zho", "zh"),
        ("chi", "zh"),
        ("ron", "ro"),
        ("rum", "ro"),
        ("csb", "csb"),
        ("no", "no"),
        ("und", ""),
        ("klingon", None),
        ("xx", None),
        ("xx-pl", None),
        ("p", None),
        ("5", None),
    ],
)
def test_language_code(word: str, code: str | None) -> None:
    assert language_code(word) == code


def test_zones_are_found_whatever_their_case() -> None:
    assert zone_words()["europe/warsaw"] == "Europe/Warsaw"
