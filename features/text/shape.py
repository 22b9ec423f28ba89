"""How language-like a text looks, whatever the language: what tells a post from noise and code.

Words are made of vowels and consonants in turn, in Latin, Cyrillic and Greek letters alike; mashed
keys, identifiers, addresses and markup are not. In scripts without vowels of this kind, and in
texts without words, a measure that means nothing is NaN.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from math import log, nan

import numpy as np

from features.schema import FloatArray
from features.text.cleaning import MENTION_PLACEHOLDER, clean
from features.text.language import identifier_confidence

NAMES: tuple[str, ...] = (
    "language",
    "letters",
    "digits",
    "symbols",
    "vowels",
    "consonant_run",
    "no_vowel",
    "vowel_run",
    "word_length",
    "entropy",
    "mixed",
    "longest",
)
"""Log odds that the identifier gives its best guess; parts of the signs (letters, digits, symbols,
changes of kind inside a word, the longest word); parts of the letters (vowels, words without any);
lengths in letters; the entropy of the letters less that of as many different ones."""

CHARACTERS = 300
"""What is read: noise shows at once."""

ALPHABET = 26
FOREIGN = 0.2
"""Part of the signs that are ideographs, kana or Hangul from which words have other shapes."""

UNSURE = 0.02
"""What the identifier's confidence is taken to be off by, so that its odds stay finite."""


class _Kinds(dict[int, str]):
    """Vowels to `v`, any other letter to `c`."""

    def __missing__(self, sign: int) -> str:
        return "c"


_KINDS = _Kinds((ord(sign), "v") for sign in "aeiouyаеёиоуыэюяіїєαεηιουω")
_COMBINING = re.compile("[\u0300-\u036f]+")
_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_WORD = re.compile(r"[^\W\d_]+")
_FIGURE = re.compile(r"(?<![^\W_])\d+(?:\s?[.,:/–-]\s?\d+)+(?![^\W_])")
"""A time, a date, a price, a score, a range of them: as ordinary in a post as one number is."""

_SYMBOL = re.compile(r"[{}\[\]<>=_;\\|$()/:\"#*+^~`&%]")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def shapes(texts: Sequence[str]) -> FloatArray:
    """Measure the shape of each text.

    Returns
    -------
    ndarray of shape (n, len(NAMES))
    """
    rows = [_row(text) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(-1, len(NAMES))


def _row(text: str) -> tuple[float, ...]:
    text = text[: 4 * CHARACTERS]
    read = clean(text)[:CHARACTERS].replace(MENTION_PLACEHOLDER, " ")
    running = " ".join(_FIGURE.sub("0", read).split())
    signs = max(1, len(running) - running.count(" "))
    made_of = (
        _log_odds(identifier_confidence(running)),
        sum(map(str.isalpha, running)) / signs,
        sum(map(str.isdigit, running)) / signs,
        len(_SYMBOL.findall(running)) / signs,
    )
    words = _WORD.findall(_base(running))
    if not words or len(_IDEOGRAPH.findall(running)) > FOREIGN * signs:
        return (*made_of, *[nan] * (len(NAMES) - len(made_of)))
    longest = max(map(len, running.split())) / signs
    return (*made_of, *_of_words(words), _changes(running) / signs, longest)


def _of_words(words: Sequence[str]) -> tuple[float, ...]:
    """Vowels, consonant run, no vowel, vowel run, word length, entropy."""
    letters = "".join(words)
    total = len(letters)
    kinds = [word.translate(_KINDS) for word in words]
    counts = Counter(letters).values()
    entropy = -sum(count / total * log(count / total) for count in counts)
    return (
        sum(kind.count("v") for kind in kinds) / total,
        sum(_longest(kind, "v") * len(kind) for kind in kinds) / total,
        sum(len(kind) for kind in kinds if len(kind) > 2 and "v" not in kind) / total,
        sum(_longest(kind, "c") * len(kind) for kind in kinds) / total,
        total / len(words),
        entropy - log(min(total, ALPHABET)),
    )


def _longest(kind: str, parted_by: str) -> int:
    """Length of the longest run between two letters of a kind."""
    return max(map(len, kind.split(parted_by)))


def _log_odds(confidence: float) -> float:
    return log((confidence + UNSURE) / (1 - confidence + UNSURE))


def _changes(running: str) -> int:
    """Where a small letter meets a capital, or a letter a digit, inside a word."""
    return len(_CHANGE.findall(running))


def _base(running: str) -> str:
    """Small letters without diacritics."""
    if running.isascii():
        return running.lower()
    return _COMBINING.sub("", unicodedata.normalize("NFD", running.lower()))
