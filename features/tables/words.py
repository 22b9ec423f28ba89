"""Words that people and platforms write for the values of the vocabulary."""

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

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

    Examples
    --------
    >>> language_code("pl-pl"), language_code("polski"), language_code("und")
    ('pl', 'pl', '')
    """
    code = re.split(r"[-_]", _LANGUAGES.get(word, word))[0]
    code = _LANGUAGES.get(code, code)
    if code in _NO_LANGUAGE:
        return ""
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None


@cache
def zone_words() -> Mapping[str, str]:
    """IANA time zones by their lower-case names."""
    return {name.lower(): name for name in available_timezones()}
