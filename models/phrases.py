"""A text cut into phrases, in any language, without a parser: by signs, link words and length.

Sentences end at `.!?…` or a line break; clauses at a comma, a dash, a bracket, or before a word
that links clauses in Polish or English. What is still long is cut into runs of a few words, never
inside a number (`4,99`, `8:00–13:00`) nor after a word that leans on the next one (`not`, `in`).
Links, mentions, hashtags and runs of emoji stand for themselves. Offsets are places in the text as
it was handed in, in Unicode code points.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import emoji

from features.text.cleaning import HASHTAG, LINK, MENTION

MOST_PARTS, MOST_WHOLES = 11, 3
"""Each costs an encoding: with these, an explanation stays below ten times its score."""

WORDS_IN_PART, WORDS_IN_CLAUSE = 4, 3
# fmt: off
LINK_WORDS = frozenset(
    {
        "a", "aby", "albo", "ale", "bo", "choć", "chociaż", "czyli", "dlatego", "gdy", "gdyż",
        "i", "jednak", "jeśli", "kiedy", "która", "które", "który", "lecz", "oraz", "więc",
        "że", "żeby", "and", "because", "but", "if", "or", "so", "that", "though", "unless",
        "when", "where", "which", "while", "who",
    }
)
LEANING_WORDS = LINK_WORDS | {
    "ani", "bez", "dla", "do", "ku", "między", "na", "nad", "nie", "o", "od", "po", "pod", "przed",
    "przez", "przy", "u", "w", "we", "z", "za", "ze",
    "an", "at", "by", "cannot", "for", "from", "in", "into", "never", "no", "not", "of", "on",
    "than", "the", "to", "with", "without",
}
# fmt: on
"""Negations, prepositions and links: each says something of the word after it."""

_ABBREVIATION = r"(?i:godz|tel|nr|ul|al|os|św|ks|dr|np|mr|mrs|st|vs)\.(?=\s?\w)"
_ORDINAL = r"\d{1,2}\.(?=\s[a-ząćęłńóśźż])"
"""As Polish writes them, `1. miejsce`: a sentence would begin with a capital."""

_IN_NUMBER = r"(?<=\d)(?:[,:/]|[^\S\n]?[-–—][^\S\n]?|[^\S\n](?=\d{3}\b))(?=\d)"
"""What may stand between the digits of a price, a score, a date, a range or a large number."""

_WORD = rf"\b(?:{_ABBREVIATION}|{_ORDINAL})|[$€£]?\w+(?:(?:['’.-]|{_IN_NUMBER})\w+)*[%‰$€£]?"
_TOKEN = re.compile(
    rf"(?P<word>{_WORD})|(?P<end>[.!?…。！？]+|\n+)"
    r"|(?P<pause>[,;:()\[\]„”“\"«»–—|]+|(?<=\s)-(?=\s))"
)
_OPENING = frozenset('([„“«"')


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` to `end` of a text."""

    start: int
    end: int

    def holds(self, other: "Span") -> bool:
        """Whether the other one lies inside."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Phrases:
    """A text in two sizes.

    Attributes
    ----------
    parts
        From left to right; at most `MOST_PARTS`.
    wholes
        Sentences made of several parts, unless it is all there is; at most `MOST_WHOLES`.
    """

    parts: tuple[Span, ...]
    wholes: tuple[Span, ...]

    def all(self) -> tuple[Span, ...]:
        """Both sizes, each phrase once."""
        return tuple(dict.fromkeys((*self.parts, *self.wholes)))

    def inside(self, whole: Span) -> tuple[Span, ...]:
        """The parts of a whole."""
        return tuple(part for part in self.parts if whole.holds(part))


@dataclass(frozen=True, slots=True)
class _Piece:
    span: Span
    sentence: int
    words: int


def phrases(text: str) -> Phrases:
    """Cut a text into phrases; linear in its length."""
    pieces = list(_pieces(text))
    fitted = _fitted(pieces)
    sentences = [
        Span(group[0].span.start, group[-1].span.end)
        for group in (list(found) for _, found in groupby(pieces, lambda piece: piece.sentence))
    ]
    inner = {s: sum(s.holds(part) for part in fitted) for s in sentences}
    several = [s for s in sentences if 1 < inner[s] < len(fitted)]
    wholes = sorted(several, key=lambda s: (-inner[s], s))
    return Phrases(tuple(fitted), tuple(sorted(wholes[:MOST_WHOLES])))


def without(text: str, span: Span) -> str:
    """The text less one phrase."""
    before, after = text[: span.start].rstrip(), text[span.end :].lstrip()
    return f"{before} {after}".strip()


class _Clause:
    """Words in a row.

    Attributes
    ----------
    end
        Where the clause ends, its closing sign included.
    """

    def __init__(self, text: str) -> None:
        self.end = 0
        self._text = text
        self._words: list[Span] = []
        self._bundles: list[int] = []  # of each word, the first one of those it must stay with

    def __len__(self) -> int:
        return len(self._words)

    def add(self, span: Span) -> None:
        """Take in the next word."""
        after = self._text[span.start : span.end]
        self._bundles.append(self._bundles[-1] if self.leans(after) else len(self))
        self._words.append(span)
        self.end = span.end

    def leans(self, after: str) -> bool:
        """Whether the last word must not be cut off from the one after it."""
        if not self._words:
            return False
        last = self._words[-1]
        return _leans(self._text[last.start : last.end].lower(), after.lower())

    def runs(self) -> Iterator[tuple[Span, int]]:
        """Runs of about `WORDS_IN_PART` words; the last one takes the closing sign along."""
        count = math.ceil(len(self) / WORDS_IN_PART)
        firsts = dict.fromkeys(self._bundles[n * len(self) // count] for n in range(count))
        for first, after in pairwise((*firsts, len(self))):
            end = self.end if after == len(self) else self._words[after - 1].end
            yield Span(self._words[first].start, end), after - first


def _leans(word: str, after: str) -> bool:
    """Whether a word says something of the one after it; a number does of what it counts."""
    if word in LEANING_WORDS or word.endswith((".", "n't", "n’t")):
        return True
    return word[-1].isdigit() and after[0].isalpha() and after not in LEANING_WORDS


def _pieces(text: str) -> Iterator[_Piece]:
    sentence, clause = 0, _Clause(text)

    def flushed() -> Iterator[_Piece]:
        nonlocal clause
        yield from (_Piece(span, sentence, words) for span, words in clause.runs())
        clause = _Clause(text)

    for kind, span in _tokens(text):
        if kind == "word":
            word = text[span.start : span.end].lower()
            links = word in LINK_WORDS and len(clause) >= WORDS_IN_CLAUSE
            if links and not clause.leans(word):
                yield from flushed()
            clause.add(span)
        elif kind == "alone":
            yield from flushed()
            yield _Piece(span, sentence, 1)
        elif not (text[span.start] in _OPENING and clause.leans(text[span.start])):
            clause.end = span.end
            yield from flushed()
            sentence += kind == "end"
    yield from flushed()


def _tokens(text: str) -> Iterator[tuple[str, Span]]:
    """Tokens from left to right, as kind and place; white space and other signs are left out."""
    start = 0
    for alone in (*_alone(text), Span(len(text), len(text))):
        for found in _TOKEN.finditer(text, start, alone.start):
            yield found.lastgroup or "", Span(*found.span())
        if alone.end > alone.start:
            yield "alone", alone
        start = alone.end


def _alone(text: str) -> list[Span]:
    """Links, mentions, hashtags and runs of emoji; where two overlap, the first one."""
    found = [
        Span(*m.span()) for pattern in (LINK, MENTION, HASHTAG) for m in pattern.finditer(text)
    ]
    found += [Span(part["match_start"], part["match_end"]) for part in emoji.emoji_list(text)]
    kept: list[Span] = []
    for span in sorted(found):
        before = kept[-1] if kept else Span(0, 0)
        if span.start < before.end:
            continue
        if kept and span.start == before.end and _is_emoji(text[before.start]):
            kept[-1] = Span(before.start, span.end)
        else:
            kept.append(span)
    return kept


def _is_emoji(sign: str) -> bool:
    return emoji.emoji_count(sign) > 0


def _fitted(pieces: Sequence[_Piece]) -> list[Span]:
    """At most `MOST_PARTS` runs of pieces, of about equally many words."""
    if len(pieces) <= MOST_PARTS:
        return [piece.span for piece in pieces]
    room = math.ceil(sum(piece.words for piece in pieces) / (MOST_PARTS - 1))
    spans: list[Span] = []
    filled = room
    for piece in pieces:
        if filled + piece.words > room and len(spans) < MOST_PARTS:
            spans.append(piece.span)
            filled = piece.words
        else:
            spans[-1] = Span(spans[-1].start, piece.span.end)
            filled += piece.words
    return spans
