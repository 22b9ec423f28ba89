"""What happens to a text on its way to readers, and hardly changes what it says.

A slip of the finger, Polish letters typed without their marks, capitals, a hashtag, a link, an
emoji. Each is a plain function of the text: the same text is always changed in the same way.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

_WORD = re.compile(r"[^\W\d_]{5,}")
_CROSSED = str.maketrans("łŁ", "lL")

HASHTAGS = {"pl": "#wtorek"}
LINK = "https://example.org/4711"


def typo(text: str) -> str:
    """Swap two letters in the middle of the longest word; a text of short words stays."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = max(words, key=lambda found: len(found[0]))
    middle = word.start() + len(word[0]) // 2
    return text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]


def without_marks(text: str) -> str:
    """Drop the marks above and below letters: zolty, for all who type without Polish keys."""
    apart = unicodedata.normalize("NFD", text.translate(_CROSSED))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def capitals(text: str) -> str:
    """Write everything in capitals."""
    return text.upper()


def hashtag(text: str, language: str = "en") -> str:
    """Add a hashtag that says nothing."""
    return f"{text} {HASHTAGS.get(language, '#tuesday')}"


def link(text: str) -> str:
    """Add a link."""
    return f"{text} {LINK}"


def ending(sign: str) -> Callable[[str], str]:
    """Return a change that adds an emoji at the end."""
    return lambda text: f"{text} {sign}"


HARMLESS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "typo": typo,
        "no_diacritics": without_marks,
        "capitals": capitals,
        "hashtag": hashtag,
        "link": link,
    }
)
"""Changes that leave the feeling of a text where it was."""

EMOJI: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"happy_emoji": ending("😊"), "sad_emoji": ending("😢"), "angry_emoji": ending("😡")}
)
"""Changes that point one way."""
