"""Cleaned text for the encoder, and the patterns by which links, mentions and hashtags are known.

Cleaning removes what an encoder cannot use (addresses, control characters, broken Unicode) and
keeps what carries meaning (emoji, capitals, punctuation). What is removed here is counted in
`features.text.surface`, so that no signal is lost.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from itertools import pairwise
from typing import Any, TypeVar

import emoji

from features.text.wording import share_pleas

MENTION_PLACEHOLDER = "@user"
"""As in TweetEval (Barbieri et al. 2020), so that encoders meet a token they may know."""

_LABEL = r"(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}"
_ENDINGS = "com|org|net|pl|eu|io|gov|edu|info"
LINK = re.compile(
    rf"(?:https?://|www\.)\S+"
    rf"|(?<![\w@.-]){_LABEL}(?:[a-z]{{2,12}}/\S*|(?:{_ENDINGS})(?![\w-]|\.\w))",
    re.IGNORECASE | re.ASCII,
)
"""`https://…`, `www.…`, `bit.ly/x`, `shop.pl`. Every repetition inside a word is bounded: a text
of 40,000 characters without a space stays linear."""

MENTION = re.compile(r"(?<![\w@/.])@\w+(?:[.-]\w+){0,4}")
"""`@name`, `@name.bsky.social`; not the middle of an e-mail address."""

HASHTAG = re.compile(r"(?<!&)#(?!\d+\b)(\w+)")
"""`#word`, also right after another; `#1` is a rank, not a hashtag."""

SHOUTED_LETTERS, SHOUTED_SHARE = 12, 0.5
"""A text with as many capitals, and this part of its letters capital, is written in capitals: the
name of a party or a ticker is not."""

MOST_HASHTAGS, MOST_EMOJI, MOST_PLEAS = 3, 3, 1
"""What a text may hold of each before it counts as stuffed: more than nine posts in ten hold."""

_MAYBE_EMOJI = re.compile("[\u203c-\U0010ffff]")
"""Letters of Latin and Cyrillic scripts come before these."""

_INSISTING = re.compile(r"[!?]{2,}")
_SENTENCE_START = re.compile(r"(?:^|[.!?…]\s+)\W{0,3}\w")
_SPACE = re.compile(r"\s+")
_REPEATED = re.compile(r"([^\d\s])\1{3,}")
_KEPT_FORMAT = {"\u200c", "\u200d"}  # they join letters (Persian) and emoji families
_TAGS = range(0xE0020, 0xE0080)  # they spell regional flags such as Scotland's
_ODD = re.compile(r"[^\x20-\x7e\u00a0-\u00ac\u00ae-\u024f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")


Read = TypeVar("Read")
_read: ContextVar[dict[tuple[Any, str], Any] | None] = ContextVar("read", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Read each text once while the block lasts, in this thread; then all of them are forgotten.

    Several parts of one forecast read the same text: see `once`.
    """
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def once(act: Callable[[str], Read]) -> Callable[[str], Read]:
    """Make what reads a text remember it inside `reading_once`; what it returns is shared."""

    @wraps(act)
    def act_once(text: str) -> Read:
        known = _read.get()
        if known is None:
            return act(text)
        key = (act, text)
        if key not in known:
            known[key] = act(text)
        found: Read = known[key]
        return found

    return act_once


@once
def clean(text: str) -> str:
    """Return the text as an encoder should read it.

    HTML entities are decoded, Unicode is composed (NFC), control characters and lone surrogates
    are dropped, and so are links: an address moves nobody. Mentions become `@user`, `#SmallTown`
    becomes `Small Town`, runs of one sign are cut to three, and white space is single spaces. A
    text all in capitals is read as if written in sentences: encoders hardly know words in capitals;
    stuffing is cut (`unstuffed`). Emoji, other capitals and punctuation stay. The result can always
    be encoded as UTF-8.
    """
    text = unstuffed(spoken(_composed(text)))
    text = LINK.sub(" ", text)
    text = MENTION.sub(MENTION_PLACEHOLDER, text)
    text = HASHTAG.sub(lambda found: f" {_words_of(found[1])} ", text)
    return _SPACE.sub(" ", unstretched(text)).strip()


@once
def plain(text: str) -> str:
    """Return a text as whether it is passed on is judged by: said calmly, and once.

    As `unstuffed`, in sentences where it shouts, with one sign where there are runs of ``!`` and
    ``?``, and without blank space around it. What is taken away cannot raise a score. Unicode is
    composed (NFC), as in `clean`.
    """
    text = unstuffed(spoken(_composed(text))).strip()
    return _INSISTING.sub(lambda found: "?" if "?" in found[0] else "!", text)


def _composed(text: str) -> str:
    """Decode HTML entities, drop what nobody sees, and write letters with their marks as one."""
    return unicodedata.normalize("NFC", sound(html.unescape(text)))


@once
def running(text: str) -> str:
    """Return a text without links and mentions, which are in no language."""
    return MENTION.sub(" ", LINK.sub(" ", sound(text)))


def unstretched(text: str) -> str:
    """Cut runs of one sign but a digit to three: `Goooooool` says what `Goool` does."""
    return _REPEATED.sub(r"\1\1\1", text)


def unstuffed(text: str) -> str:
    """Cut hashtags, emoji and pleas to share beyond `MOST_HASHTAGS`, `MOST_EMOJI`, `MOST_PLEAS`."""
    if text.count("#") > MOST_HASHTAGS:
        text = _without(text, _hashtags(text)[MOST_HASHTAGS:])
    if len(_MAYBE_EMOJI.findall(text)) > MOST_EMOJI:
        found = emoji.emoji_list(text)[MOST_EMOJI:]
        text = _without(text, [(sign["match_start"], sign["match_end"]) for sign in found])
    return _without(text, share_pleas(text)[MOST_PLEAS:])


def _hashtags(text: str) -> list[tuple[int, int]]:
    # What follows a # in an address is none; blanks keep every place as it was.
    unlinked = LINK.sub(lambda found: " " * len(found[0]), text)
    return [found.span() for found in HASHTAG.finditer(unlinked)]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def spoken(text: str) -> str:
    """Return a text that shouts in the letters of one that does not."""
    capitals = sum(map(str.isupper, text))
    if capitals < SHOUTED_LETTERS or capitals < SHOUTED_SHARE * sum(map(str.isalpha, text)):
        return text
    return _SENTENCE_START.sub(lambda found: found[0].upper(), text.lower())


def sound(text: str) -> str:
    """Drop lone surrogates and invisible controls; white space of any kind stays."""
    return _ODD.sub(_keep, text)


def _keep(found: re.Match[str]) -> str:
    sign = found[0]
    if sign.isspace() or sign in _KEPT_FORMAT or ord(sign) in _TAGS:
        return sign
    return "" if unicodedata.category(sign) in {"Cc", "Cf", "Cs"} else sign


def _words_of(tag: str) -> str:
    """Split a hashtag at underscores and where a capital follows a small letter."""
    pieces = [tag[:1]]
    for before, sign in pairwise(tag):
        if before.islower() and sign.isupper():
            pieces.append(" ")
        pieces.append(sign)
    return "".join(pieces).replace("_", " ")
