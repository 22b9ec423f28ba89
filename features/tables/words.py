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
    "photos": "photo",
    "ig image": "photo",
    "images": "photo",
    "zdjęcie": "photo",
    "zdjęcia": "photo",
    "grafika": "photo",
    "obraz": "photo",
    "videos": "video",
    "reels": "video",
    "ig reel": "video",
    "ig video": "video",
    "filmy": "video",
    "rolki": "video",
    "film": "video",
    "wideo": "video",
    "rolka": "video",
    "links": "link",
    "article": "link",
    "linki": "link",
    "odnośnik": "link",
    "album": "carousel",
    "multi photo": "carousel",
    "ig carousel": "carousel",
    "karuzela": "carousel",
    "galeria": "carousel",
    "ig story": "story",
    "relacja": "story",
    "wydarzenie": "event",
    "ankieta": "poll",
    "statuses": "text",
    "tekst": "text",
    "dokument": "document",
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
