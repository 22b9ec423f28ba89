"""How far another wording could move a post: the account's own wordings, put in its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.account.past import AccountPast, to_ns
from features.schema import Post
from models.score import rounded
from models.scorer import Scorer, states_of
from models.stepwise import Encode, Steps, vectors_of

WORDINGS = 32
"""Of the account's last ones: enough for a tenth percentile, and embedded within a second."""

FEWEST_WORDINGS = 10
QUANTILES = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Share scores between which four in five of the account's wordings would lie."""

    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return `{"low", "high"}`."""
        return {"low": rounded(self.low), "high": rounded(self.high)}


def rewriting(
    scorer: Scorer, post: Post, past: AccountPast | None, encode: Encode | None = None
) -> Steps[Rewriting | None]:
    """Score the account's last wordings as if each went out in place of a post.

    Account, platform, time and audience stay those of the post; only what is said and how varies.
    What became of each wording when it went out is left out of its own score, as of a new draft
    nobody knows it: the span is of what rewriting alone could do.

    Parameters
    ----------
    scorer
        Whose share model it is.
    post, past
        A draft in a known language, and what is known of its account.
    encode
        Through which memory the wordings are embedded.
    """
    texts = wordings(post, past)
    if len(texts) < FEWEST_WORDINGS:
        return None
    _, vectors = yield from vectors_of(scorer, texts, encode)
    states = np.repeat(states_of([post], [past]), len(texts), axis=0)
    posts = [replace(post, text=text) for text in texts]
    scores = scorer.share.shown(posts, vectors, states, [past] * len(posts), anew=True)
    low, high = np.quantile(scores, QUANTILES)
    return Rewriting(float(low), float(high))


def wordings(post: Post, past: AccountPast | None) -> list[str]:
    """The account's last different texts from before a post, at most `WORDINGS`."""
    return list(dict.fromkeys(reversed(texts_before(post, past))))[:WORDINGS]


def texts_before(post: Post, past: AccountPast | None) -> Sequence[str]:
    """The texts that an account had published by the time of a post, oldest first."""
    if past is None or not past.texts:
        return ()
    if post.published_at is None:
        return past.texts
    return past.texts[: int(np.searchsorted(past.times, to_ns(post.published_at)))]
