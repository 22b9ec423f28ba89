"""What can be counted in a text: length, signs, hashtags, calls to action, voice, readability.

Stateless: one text gives one row, whatever stands beside it. The text is read as written, not as
cleaned for the encoder, so that emoji, capitals and links still tell.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

import emoji
import numpy as np

from features.columns import Column
from features.schema import FloatArray
from features.text.cleaning import HASHTAG, LINK, MENTION, sound
from features.text.wording import (
    CALL_PHRASES,
    CALLS,
    FIRST_PLURAL,
    FIRST_SINGULAR,
    SECOND,
    SHARE_CALL_PHRASES,
    SHARE_CALLS,
    fold,
)

SURFACE: Final = "surface"
SHARE = "share of words"
LIX_LIMIT = 150.0
WORD_LIMIT = 50.0


def _count(name: str, description: str, unit: str) -> Column:
    return Column(f"surface_{name}", SURFACE, description, f"log1p {unit}", "0..")


def _share(name: str, description: str, unit: str = SHARE) -> Column:
    return Column(f"surface_{name}", SURFACE, description, unit, "0..1")


COLUMNS: tuple[Column, ...] = (
    _count("characters", "length of the text", "characters"),
    _count("words", "words outside links and mentions", "words"),
    _count("sentences", "sentences", "sentences"),
    _count("lines", "line breaks", "breaks"),
    Column("surface_word_length", SURFACE, "mean length of a word", "letters", "1..50"),
    Column("surface_lix", SURFACE, "readability: LIX, the same in any language", "LIX", "0..150"),
    _share("diversity", "different words among all words"),
    _share("capitals", "capitals among letters", "share of letters"),
    _count("shouted", "words of two or more letters in capitals only", "words"),
    _count("emoji", "emoji; a family or a flag counts once", "emoji"),
    _count("exclamations", "exclamation marks", "signs"),
    _count("questions", "question marks", "signs"),
    _count("ellipses", "… or three dots and more", "signs"),
    _count("insistent", "runs such as !!, ?! or ???", "runs"),
    _count("quotes", "opening quotation marks, pairs", "pairs"),
    _count("punctuation", "commas, colons, semicolons, dashes and brackets", "signs"),
    _count("hashtags", "hashtags", "hashtags"),
    _count("mentions", "mentions", "mentions"),
    _count("links", "links", "links"),
    Column("surface_reply", SURFACE, "begins with a mention, as replies do", "yes = 1", "0, 1"),
    Column("surface_repost", SURFACE, "begins with RT, as old reposts do", "yes = 1", "0, 1"),
    _count("numbers", "numbers", "numbers"),
    _count("prices", "prices and percentages", "numbers"),
    _count("calls", "calls to action, Polish and English", "calls"),
    _count("share_calls", "requests to pass it on, Polish and English", "calls"),
    _share("first_singular", "I, me, my; ja, mnie, mój"),
    _share("first_plural", "we, us, our; my, nas, nasz"),
    _share("second", "you, your; ty, wy, was, wasz"),
)
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
_COUNTED = np.array([column.unit.startswith("log1p") for column in COLUMNS])

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…。！？]+(?=\s|$)|[。！？\n]+")
_INSISTENT = re.compile(r"[!?]{2,}")
_ELLIPSIS = re.compile(r"…|\.{3,}")
_QUOTE = re.compile(r"[\"“”„«»]")
_PUNCTUATION = (",", ";", ":", "(", ")", "[", "]", "–", "—", " - ")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_PRICE = re.compile(r"\d\s?(?:%|zł|pln|eur|usd|[€$£])|[€$£]\s?\d", re.IGNORECASE)
_REPOST = re.compile(r"\s*RT\b")
_REPLY = re.compile(r"\s*\.?@\w")
_MAYBE_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]|[0-9#*]\ufe0f")
_NEVER_EMOJI = re.compile('[ -"$-)+-/:-~\u00c0-\u024f]+')
_LEGAL_SIGNS = ("©", "®", "™")  # emoji by the standard, law by use
LONG_WORD = 6
"""A long word has more letters than this, in LIX (Björnsson 1968)."""


def surface(texts: Sequence[str]) -> FloatArray:
    """Count what can be seen in each text.

    Parameters
    ----------
    texts
        n texts, of any length and in any script; broken Unicode is dropped first.

    Returns
    -------
    ndarray of shape (n, len(NAMES))
        Finite, or NaN where a share has nothing to be a share of (a text without words).
    """
    rows = np.array([_row(text) for text in texts], dtype=np.float64).reshape(-1, len(NAMES))
    rows[:, _COUNTED] = np.log1p(rows[:, _COUNTED])
    return rows.astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Read:
    """One text, taken apart once."""

    text: str
    running: str
    words: list[str]
    folded: list[str]


def _row(text: str) -> tuple[float, ...]:
    text = sound(html.unescape(text))
    unlinked, links = LINK.subn(" ", text)
    running, mentions = MENTION.subn(" ", unlinked)
    words = _WORD.findall(running)
    read = _Read(text, running, words, fold(" ".join(words)).split())
    tags = (len(HASHTAG.findall(running)), mentions, links)
    starts = (_REPLY.match(text) is not None, _REPOST.match(text) is not None)
    return (*_size(read), *_signs(read), *tags, *starts, *_content(read), *_voice(read))


def _size(read: _Read) -> tuple[float, ...]:
    words = len(read.words)
    sentences = sum(1 for part in _SENTENCE_END.split(read.running) if part and not part.isspace())
    counts = (len(read.text), words, sentences, read.text.count("\n"))
    if not words:
        return (*counts, nan, nan, nan)
    lengths = list(map(len, read.words))
    lix = words / max(sentences, 1) + 100 * sum(n > LONG_WORD for n in lengths) / words
    mean = min(sum(lengths) / words, WORD_LIMIT)
    return (*counts, mean, min(lix, LIX_LIMIT), len(set(read.folded)) / words)


def _signs(read: _Read) -> tuple[float, ...]:
    letters = "".join(read.words)
    capitals = sum(map(str.isupper, letters)) / len(letters) if letters else nan
    return (
        capitals,
        sum(1 for word in read.words if len(word) > 1 and word.isupper()) if capitals else 0,
        _emoji(read.text),
        read.text.count("!") + read.text.count("！"),
        read.running.count("?") + read.running.count("？"),
        len(_ELLIPSIS.findall(read.running)),
        len(_INSISTENT.findall(read.running)),
        (len(_QUOTE.findall(read.running)) + 1) // 2,
        sum(map(read.running.count, _PUNCTUATION)),
    )


def _emoji(text: str) -> int:
    if not _MAYBE_EMOJI.search(text):
        return 0
    # The counter reads sign by sign; letters and spaces are no part of any emoji.
    signs = _NEVER_EMOJI.sub(" ", text)
    return emoji.emoji_count(signs) - sum(map(signs.count, _LEGAL_SIGNS))


def _content(read: _Read) -> tuple[float, ...]:
    folded = " ".join(read.folded)
    return (
        len(_NUMBER.findall(read.running)),
        len(_PRICE.findall(read.running)),
        _among(read.folded, CALLS) + len(CALL_PHRASES.findall(folded)),
        _among(read.folded, SHARE_CALLS) + len(SHARE_CALL_PHRASES.findall(folded)),
    )


def _voice(read: _Read) -> tuple[float, ...]:
    words = len(read.words)
    if not words:
        return (nan, nan, nan)
    singular = _among(read.folded, FIRST_SINGULAR) + read.words.count("I")
    plural, second = _among(read.folded, FIRST_PLURAL), _among(read.folded, SECOND)
    return (singular / words, plural / words, second / words)


def _among(words: Sequence[str], kind: frozenset[str]) -> int:
    return sum(1 for word in words if word in kind)
