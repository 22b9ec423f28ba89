"""A text cut into phrases, in any language, without a parser: by signs, link words and length.

Sentences end at `.!?…` or a line break; clauses at a comma, a dash, a bracket, or before a word
that links clauses in Polish or English. What is still long is cut into runs of a few words. Links,
mentions, hashtags and runs of emoji stand for themselves. Offsets are places in the text as it was
handed in, in Unicode code points.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

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
# fmt: on
_TOKEN = re.compile(
    r"(?P<word>\w+(?:['’.-]\w+)*)|(?P<end>[.!?…。！？]+|\n+)"
    r"|(?P<pause>[,;:()\[\]„”“\"«»–—|]+|(?<=\s)-(?=\s))"
)


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


@dataclass(slots=True)
class _Clause:
    words: list[Span]
    end: int

    def runs(self) -> Iterator[tuple[Span, int]]:
        """Runs of about `WORDS_IN_PART` words; the last one takes the closing sign along."""
        count = max(1, math.ceil(len(self.words) / WORDS_IN_PART))
        for number in range(count):
            first = number * len(self.words) // count
            last = (number + 1) * len(self.words) // count
            end = self.end if number == count - 1 else self.words[last - 1].end
            yield Span(self.words[first].start, end), last - first


def _pieces(text: str) -> Iterator[_Piece]:
    sentence, clause = 0, _Clause([], 0)

    def flushed() -> Iterator[_Piece]:
        nonlocal clause
        if clause.words:
            yield from (_Piece(span, sentence, words) for span, words in clause.runs())
        clause = _Clause([], 0)

    for kind, span in _tokens(text):
        if kind == "word":
            word = text[span.start : span.end].lower()
            if word in LINK_WORDS and len(clause.words) >= WORDS_IN_CLAUSE:
                yield from flushed()
            clause.words.append(span)
            clause.end = span.end
        elif kind == "alone":
            yield from flushed()
            yield _Piece(span, sentence, 1)
        else:
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
