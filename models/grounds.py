"""Whether a scorer has ground to stand on: when it abstains, and what it says beside a score."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import pandas as pd

from features.account.past import AccountPast, Read
from features.schema import Post
from features.text.cleaning import running, unstretched
from features.text.language import Detected
from models.population import ACCOUNT_POSTS
from models.score import Note

LETTERS_NEEDED = 8
"""About two short words. Below it, a forecast is that of the average post, dressed up."""

IDEOGRAPH_LETTERS = 4
"""Letters that one Chinese character, kana or Hangul syllable counts for."""

SURE_OF_LANGUAGE = 0.5
REFUSED_FROM = 0.9
FOREIGN_SCRIPT_REFUSED_FROM = 0.8
"""How sure a detection must be to refuse: a wrong refusal costs more than a doubtful score."""

WORDS_NEEDED = 5
"""Different Latin words before a detection may refuse. Names and words that are spelt alike in many
languages make up most of what is shorter; no confidence on them is worth a refusal."""

LONG_TEXT = 500
"""Characters after which the encoder has cut most texts: it reads 128 pieces of words, about 450
characters of Polish or English."""

NOVEL = 0.998
"""Novelty (part of held-out posts that look more like posts) from which the scorer abstains."""

LATE = timedelta(days=1)
"""How far back a planned time may lie; less is a plan that is being carried out."""

_LATIN = re.compile("[a-z\u00c0-\u024f\u1e00-\u1eff]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of a post.

    Attributes
    ----------
    code
        Given or detected; None where neither.
    confidence
        1 where it was given.
    certain
        Whether it was given, or told so surely that a post may be refused for it.
    given
        Whether somebody said so, and nothing had to be detected.
    """

    code: str | None
    confidence: float
    certain: bool = True
    given: bool = False

    @classmethod
    def detected(cls, text: str, guess: Detected) -> "Spoken":
        """What a detection is worth, given the text that it was made on."""
        words = {word.lower() for word in _WORD.findall(running(text))}
        latin = [word for word in words if _LATIN.search(word)]
        if 2 * len(latin) < len(words):
            certain = guess.confidence >= FOREIGN_SCRIPT_REFUSED_FROM
        else:
            certain = guess.confidence >= REFUSED_FROM and len(latin) >= WORDS_NEEDED
        return cls(guess.code or None, guess.confidence, certain)


def letters(text: str) -> int:
    """Letters outside links and mentions; an ideograph counts for `IDEOGRAPH_LETTERS`.

    Runs of one letter are cut as for the encoder: a key that is held down is no sentence.
    """
    words = unstretched(running(text))
    ideographs = len(_IDEOGRAPH.findall(words))
    return sum(map(str.isalpha, words)) + (IDEOGRAPH_LETTERS - 1) * ideographs


def refuse_text(text: str) -> Note | None:
    """Return why a text gives nothing to go by, or None."""
    if letters(text) >= LETTERS_NEEDED:
        return None
    if not text.strip():
        return Note("too_short", "This is empty: there is no text to go by.")
    return Note(
        "too_short",
        "There are too few words here to go by: links, mentions and emoji alone do not tell. "
        "Write at least a short sentence.",
    )


def refuse_language(spoken: Spoken, supported: Collection[str]) -> Note | None:
    """Return why a language cannot be scored, or None; an unsure detection refuses nothing."""
    known = spoken.code is None or spoken.code in supported
    if known or not spoken.certain:
        return None
    knows = f"which the model has not learnt. It knows {', '.join(sorted(supported))}."
    if spoken.given:
        return Note(
            "unsupported_language",
            f"The language given is {spoken.code!r}, {knows} Correct `language` or leave it out.",
            {"given": str(spoken.code)},
        )
    return Note(
        "unsupported_language",
        f"This looks like language {spoken.code!r}, {knows} Set `language` if it was mistaken.",
    )


def refuse_novelty(novelty: float) -> Note | None:
    """Return why a post is too unlike the training posts, or None; NaN is not fitted."""
    if not novelty >= NOVEL:
        return None
    return Note(
        "out_of_distribution",
        "This is unlike any post that the model has learnt from, so a forecast would be a guess. "
        "Plain running text of a post works best.",
    )


def language_notes(
    spoken: Spoken, supported: Collection[str], measured: Collection[str]
) -> list[Note]:
    """Return the warnings about the language.

    Parameters
    ----------
    spoken
        The language of the post.
    supported, measured
        Languages that the emotion model has learnt, and those of them in which its intervals were
        checked against human ratings.
    """
    if spoken.code not in supported or spoken.confidence < SURE_OF_LANGUAGE:
        return [
            Note(
                "language_uncertain",
                "The language is not clear from the text. Set `language` to make the forecast "
                "surer.",
            )
        ]
    if spoken.code in measured:
        return []
    return [
        Note(
            "language_unmeasured",
            f"Emotion in language {spoken.code!r} was learnt without human ratings of its "
            "strength: the order of posts is surer than the figures and their intervals.",
        )
    ]


def post_notes(post: Post, known_posts: int, measured: Collection[str]) -> list[Note]:
    """Return the warnings about what is not known of a post and its account.

    Parameters
    ----------
    post
        As it will be published.
    known_posts
        Earlier posts of the account whose counts have settled.
    measured
        Platforms of which the share model has learnt enough posts to know what is usual there.
    """
    notes = [*_history_notes(known_posts)]
    if post.published_at is None:
        notes.append(
            Note(
                "unknown_time",
                "No publishing time was given: an average of hours and days is assumed and, where "
                "the account's posts are known, that this is its next one at its usual pace.",
            )
        )
    if post.platform is None:
        notes.append(
            Note("unknown_platform", "No platform was given: an average of all is assumed.")
        )
    elif post.platform not in measured:
        notes.append(
            Note(
                "platform_unmeasured",
                f"The share model has learnt from no posts on {post.platform}, or too few: the "
                "forecast is what posts elsewhere tell, and its intervals were not checked there.",
            )
        )
    if len(post.text) > LONG_TEXT:
        notes.append(Note("long_text", "The text is long: only its beginning was read."))
    return notes


def _history_notes(known_posts: int) -> list[Note]:
    if known_posts >= ACCOUNT_POSTS:
        return []
    if known_posts:
        return [
            Note(
                "thin_history",
                f"Only {known_posts} earlier posts of this account are known, fewer than "
                f"{ACCOUNT_POSTS}: the place is among posts of other accounts. "
                "Import more with `prescore import`.",
            )
        ]
    return [
        Note(
            "no_history",
            "No account was given, or none of its earlier posts are known: the place is among "
            "posts of other accounts. Import past posts with `prescore import`.",
        )
    ]


def past_by_name(
    read: Read,
    platform: str,
    account: str,
    before: datetime | None,
    plain: Callable[[], Mapping[tuple[str, str], str]],
) -> AccountPast | None:
    """Return the past of an account, or of the one whose name is plainly the same.

    Parameters
    ----------
    read
        The store's.
    platform, account, before
        As of `read`; the account as a person wrote it.
    plain
        Returns `by_plain_name` of the known accounts; asked for only where this one has no past.
    """
    past = read(platform, account, before)
    if past is not None and len(past.times):
        return past
    name = plain().get((platform, plain_name(account)))
    return past if name is None else read(platform, name, before)


def first_posts(accounts: pd.DataFrame) -> dict[tuple[str, str], datetime]:
    """Return when the first known post of each named account went out, by platform and name.

    Parameters
    ----------
    accounts
        `HistoryStore.accounts`.
    """
    named = accounts[accounts["account_id"].notna()]
    names = zip(named["platform"], named["account_id"], strict=True)
    return dict(zip(names, named["first_at"], strict=True))


def by_plain_name(known: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the accounts by platform and `plain_name`; a name that fits several leads to none."""
    plain = [(platform, plain_name(account)) for platform, account in known]
    fits = Counter(plain)
    pairs = zip(plain, known, strict=True)
    return {key: account for key, (_, account) in pairs if fits[key] == 1}


def unknown_past(post: Post, known: Sequence[tuple[str, str]], guess: bool = True) -> Note | None:
    """Return why no posts of an account were found, where more can be said than `no_history`.

    Parameters
    ----------
    post
        With an account.
    known
        Platform and name of every account that has posts.
    guess
        Whether to say which name may have been meant: that takes a look at all of them.
    """
    if not known:
        return None
    if post.platform is None:
        return Note(
            "account_without_platform",
            "An account was given without its platform, so its earlier posts cannot be found. "
            "Set `platform`.",
        )
    return _unknown_account(post.platform, str(post.account_id), known if guess else ())


def before_history(post: Post, first_at: datetime) -> Note | None:
    """Return the warning about a time before all that is known of an account, or None.

    Parameters
    ----------
    post
        As it will be published.
    first_at
        When the account's first known post went out.
    """
    if post.published_at is None or post.published_at > first_at:
        return None
    first = first_at.astimezone(UTC).date().isoformat()
    return Note(
        "before_history",
        f"The planned time is before the first known post of this account ({first}), so none of "
        "its past counts.",
        {"first": first},
    )


def planned_in_past(post: Post, now: datetime) -> Note | None:
    """Return the warning about a draft whose time has passed."""
    if post.published_at is None or post.published_at >= now - LATE:
        return None
    return Note(
        "planned_in_past",
        "The planned time has passed: the forecast is what could have been said then.",
    )


def late_notes(posts: Sequence[Post], now: datetime) -> list[tuple[Note, ...]]:
    """Return the warning about each of n drafts whose time has passed, where it has."""
    found = (planned_in_past(post, now) for post in posts)
    return [() if note is None else (note,) for note in found]


def _unknown_account(platform: str, name: str, known: Sequence[tuple[str, str]]) -> Note:
    told = "None of the known accounts of this platform has this name."
    nearest = nearest_account(platform, name, known) if known else None
    if nearest is None:
        return Note("unknown_account", told)
    return Note("unknown_account", f"{told} Was {nearest!r} meant?", {"nearest": nearest})


def nearest_account(
    platform: str | None, name: str, known: Sequence[tuple[str, str]]
) -> str | None:
    """Return the known name most like one: of the platform, else the same one of another.

    Parameters
    ----------
    platform, name
        Of the account that is not known; None for any platform.
    known
        Platform and name of every account that has posts.

    Returns
    -------
    str or None
        The name, with its platform in brackets where that is another; None where none is like it.
    """
    here = {plain_name(account): account for place, account in known if platform in (None, place)}
    if close := get_close_matches(plain_name(name), here, n=1):
        return here[close[0]]
    elsewhere = (place for place, account in known if plain_name(account) == plain_name(name))
    place = next(elsewhere, None)
    return None if place is None else f"{name.strip()} ({place})"


def plain_name(name: str) -> str:
    """Return a name without its case and the spaces around it."""
    return name.strip().casefold()
