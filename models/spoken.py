"""The language that a post is read in: as given, else detected, with the account's in mind."""

from collections.abc import Sequence

from features.account.past import AccountPast
from features.schema import Post
from features.text.language import detect, is_short, usual_language
from models.grounds import Spoken

USUAL_POSTS = 8
"""Earlier posts that tell which language an account writes in."""


def speak(posts: Sequence[Post], usual: Sequence[str | None] | None = None) -> list[Spoken]:
    """The language of each post: as given, else detected.

    Parameters
    ----------
    posts, usual
        n drafts and, where known, the languages that their accounts usually write in: a short draft
        is most likely in that one.
    """
    silent = [index for index, post in enumerate(posts) if not post.language]
    spoken = [Spoken(post.language, 1.0, given=True) for post in posts]
    told = [usual[index] for index in silent] if usual else None
    found = detect([posts[index].text for index in silent], told) if silent else []
    for index, guess in zip(silent, found, strict=True):
        spoken[index] = Spoken.detected(posts[index].text, guess)
    return spoken


def is_told_by_account(post: Post) -> bool:
    """Whether it helps to know what language the account of a post usually writes in."""
    return not post.language and is_short(post.text)


def usual_languages(posts: Sequence[Post], pasts: Sequence[AccountPast | None]) -> list[str | None]:
    """The language that the account of each short draft usually writes in; None for others."""
    known: dict[int, str | None] = {}
    found: list[str | None] = []
    for post, past in zip(posts, pasts, strict=True):
        if past is None or not past.texts or not is_told_by_account(post):
            found.append(None)
            continue
        if id(past) not in known:
            known[id(past)] = usual_language(past.texts[-USUAL_POSTS:])
        found.append(known[id(past)])
    return found
