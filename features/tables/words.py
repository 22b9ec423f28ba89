"""Words that people and platforms write for the values of the vocabulary."""

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global

from features.schema import MEDIA_ALIASES, MEDIA_TYPES, PLATFORM_ALIASES, PLATFORMS

PLATFORM_WORDS: Mapping[str, str] = {
    **{name: name for name in PLATFORMS},
    **PLATFORM_ALIASES,
    "x (twitter)": "x",
    "twitter/x": "x",
    "x/twitter": "x",
    "www": "web",
    "inne": "other",
}
MEDIA_WORDS: Mapping[str, str] = {
    **{name: name for name in MEDIA_TYPES},
    **MEDIA_ALIASES,
    **dict.fromkeys(("status update", "status updates", "statuses", "text only"), "text"),
    **dict.fromkeys(("aktualizacja statusu", "aktualizacje statusu", "tekst"), "text"),
    **dict.fromkeys(("photos", "images", "pictures", "ig image", "ig photo"), "photo"),
    **dict.fromkeys(("zdjęcie", "zdjęcia", "grafika", "grafiki", "obraz", "obrazy"), "photo"),
    **dict.fromkeys(("obraz ig", "zdjęcie ig"), "photo"),
    **dict.fromkeys(("videos", "reels", "ig reel", "ig video", "live", "live video"), "video"),
    **dict.fromkeys(("film", "filmy", "wideo", "rolka", "rolki", "rolka ig", "film ig"), "video"),
    **dict.fromkeys(("na żywo", "transmisja na żywo"), "video"),
    **dict.fromkeys(("links", "article", "articles", "linki", "odnośnik", "artykuł"), "link"),
    **dict.fromkeys(("album", "albums", "photo album", "multi photo", "carousels"), "carousel"),
    **dict.fromkeys(("ig carousel", "karuzela", "karuzele", "karuzela ig", "galeria"), "carousel"),
    **dict.fromkeys(("stories", "ig story", "relacja", "relacje", "relacja ig"), "story"),
    **dict.fromkeys(("events", "wydarzenie", "wydarzenia"), "event"),
    **dict.fromkeys(("polls", "ankieta", "ankiety"), "poll"),
    **dict.fromkeys(("documents", "dokument", "dokumenty"), "document"),
    "inne": "other",
}
FLAG_WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "y", "tak", "paid", "promoted", "płatny"), True),
    **dict.fromkeys(("false", "0", "no", "n", "nie", "organic", "organiczny"), False),
}
_LANGUAGES = {
    "polish": "pl",
    "polski": "pl",
    "english": "en",
    "angielski": "en",
    "german": "de",
    "niemiecki": "de",
    "ukrainian": "uk",
    "ukraiński": "uk",
    # Codes that ISO 639 has withdrawn and platforms still write.
    "iw": "he",
    "in": "id",
    "ji": "yi",
}
# Undetermined, none, several; the q… codes are X's own for links, tags and media alone.
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "art", "qme", "qst", "qht", "qam", "qct"})


def language_code(word: str) -> str | None:
    """Read a language: '' where it says that there is none, None where it is no language.

    Three letters are made two where ISO 639-1 has the language, and else left: of ISO 639-3 there
    are thousands, and no list of them here.

    Examples
    --------
    >>> language_code("pl-pl"), language_code("polski"), language_code("pol"), language_code("und")
    ('pl', 'pl', 'pl', '')
    """
    code = re.split(r"[-_]", _LANGUAGES.get(word, word))[0]
    code = _LANGUAGES.get(code, code)
    if code in _NO_LANGUAGE:
        return ""
    if re.fullmatch(r"[a-z]{3}", code):
        return _shorter(code)
    return code if code in two_letter_languages() else None


def _shorter(code: str) -> str:
    """A code of ISO 639-2 or -3 as in 639-1, where that has it; `ger` and `deu` are both `de`."""
    alias: str = get_global("language_aliases").get(code, code)
    short = alias.split("_")[0]
    return short if len(short) == 2 else code


@cache
def two_letter_languages() -> frozenset[str]:
    """The codes of ISO 639-1, and those that it has withdrawn, as Unicode's CLDR lists them."""
    known = (*get_global("likely_subtags"), *get_global("language_aliases"))
    return frozenset(code for code in (tag.split("_")[0] for tag in known) if len(code) == 2)


@cache
def zone_words() -> Mapping[str, str]:
    """IANA time zones by their lower-case names."""
    return {name.lower(): name for name in available_timezones()}
