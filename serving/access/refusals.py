"""What a caller is told who is not let in."""

import math

from serving.access.buckets import Taken
from serving.problems import Problem

CHALLENGE = "WWW-Authenticate"


def no_key() -> Problem:
    """Nobody knows who asks."""
    detail = "A key is needed: send it as Authorization: Bearer KEY, or sign in on the page."
    return Problem(401, "key-needed", detail, headers={CHALLENGE: "Bearer"})


def bad_key() -> Problem:
    """A key that is not good."""
    detail = "This key is not known here, or it is revoked or expired."
    challenge = 'Bearer error="invalid_token"'
    return Problem(401, "key-refused", detail, headers={CHALLENGE: challenge})


def lacks(scope: str) -> Problem:
    """A key for other things."""
    detail = f"This key is not good for this: it lacks the scope {scope!r}."
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return Problem(403, "scope-needed", detail, headers={CHALLENGE: challenge})


def too_fast(taken: Taken) -> Problem:
    """A key that asked more often than it may."""
    wait = str(max(1, math.ceil(taken.wait)))
    detail = f"This key may ask {taken.quota:,} times a minute. Try again in {wait} s."
    return Problem(429, "rate-exceeded", detail, headers={"Retry-After": wait})


def another_site() -> Problem:
    """A page of another site that asks in a visitor's name."""
    detail = "Pages of other sites may not do this. See --allow-origin."
    return Problem(403, "another-site", detail)


def another_name() -> Problem:
    """A name that only a page of another site can have brought here."""
    detail = (
        "Without keys this service answers to this machine's own names only, such as localhost. "
        "Behind a proxy, create a key with `prescore keys create`."
    )
    return Problem(403, "another-name", detail)
