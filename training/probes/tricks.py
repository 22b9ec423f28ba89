"""Ways to game a score: stuffing that any author can paste, and words without their order.

Each is a plain function of a text and its language: the same text is always changed alike.
"""

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

Trick = Callable[[str, str], str]
"""Takes a text and its language."""

ALL_TRICKS = "everything"
EMOJI = "🔥🔥🔥😍😍🚀🎉🎉💯💯"
HASHTAGS = "#viral #trending #fyp #follow #like #love #instagood #news #today #fun"
CALLS: Mapping[str, str] = MappingProxyType(
    {
        "en": "Please share! RT if you agree! Share this with your friends! Pass it on!",
        "pl": "Udostępnij! Podaj dalej! Udostępnijcie znajomym! Niech się niesie!",
    }
)


def _capitals(text: str, _: str) -> str:
    return text.upper()


def _emoji(text: str, _: str) -> str:
    return f"{text} {EMOJI}"


def _hashtags(text: str, _: str) -> str:
    return f"{text} {HASHTAGS}"


def _calls(text: str, language: str) -> str:
    return f"{text} {CALLS.get(language, CALLS['en'])}"


def _exclamations(text: str, _: str) -> str:
    return f"{text.rstrip('.!?…')}!!!!!!!!!!"


def _shuffled(text: str, _: str) -> str:
    """Return the words in the order of their hashes."""
    words = text.split()
    marks = [hashlib.sha256(f"{place} {text}".encode()).digest() for place in range(len(words))]
    return " ".join(word for _, word in sorted(zip(marks, words, strict=True)))


def _everything(text: str, language: str) -> str:
    stuffed = _calls(_exclamations(text, language), language)
    return _hashtags(_emoji(_capitals(stuffed, language), language), language)


TRICKS: Mapping[str, Trick] = MappingProxyType(
    {
        "capitals": _capitals,
        "emoji": _emoji,
        "hashtags": _hashtags,
        "please_share": _calls,
        "exclamations": _exclamations,
        "shuffled_words": _shuffled,
        ALL_TRICKS: _everything,
    }
)
