"""The account's own past posts that are nearest to a draft, with how they did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from features.account.history import account_states, relative
from features.account.past import AccountPast
from features.schema import FloatArray, Post
from features.text.cleaning import LINK
from models.hashing import Sparse, unit_runs
from models.rewriting import texts_before
from models.score import Note, Peers, rounded
from models.scorer import Scorer
from models.stepwise import Encode, Steps, encoded, in_one_step, share_vectors

NEAREST = 5
SEARCHED = 300
"""Of the account's last posts; each is embedded once and then remembered."""

RUNS, BITS = (3, 4), 16
"""Characters in a run, and the bits of its hash."""

SAME = 0.7
"""Cosine of spellings from which a post is another one with its name or number changed; different
posts of an account hardly come to half of it."""

NO_POSTS = Note(
    "no_history",
    "No account was given, or none of its earlier posts are known. Import past posts with "
    "`prescore import`.",
)


@dataclass(frozen=True, slots=True)
class PastPost:
    """A past post and how it did.

    Attributes
    ----------
    shares
        None while the count had not settled.
    relative
        In spreads of the account, against its baseline at that time; None where there was none.
    similarity
        Mean of the cosines in meaning and in spelling, -0.5..1; only its order means anything.
    alike
        Searched posts that say nearly the same, this one among them.
    """

    post_id: str
    published_at: datetime
    text: str
    shares: int | None
    relative: float | None
    similarity: float
    alike: int

    def to_json(self) -> dict[str, Any]:
        """Return one of the `posts` of `/v1/similar`."""
        return {
            "post_id": self.post_id,
            "published_at": self.published_at.isoformat(timespec="seconds"),
            "text": self.text,
            "shares": self.shares,
            "relative": None if self.relative is None else rounded(self.relative),
            "similarity": rounded(self.similarity),
            "alike": self.alike,
        }


@dataclass(frozen=True, slots=True)
class Similar:
    """The nearest past posts, nearest first, and the posts that they were chosen from."""

    posts: tuple[PastPost, ...]
    population: Peers
    warnings: tuple[Note, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the body of `/v1/similar`."""
        return {
            "posts": [post.to_json() for post in self.posts],
            "population": self.population.to_json(),
            "warnings": [note.to_json() for note in self.warnings],
        }


def similar(
    scorer: Scorer, post: Post, past: AccountPast | None, encode: Encode | None = None
) -> Steps[Similar]:
    """Find the nearest past posts of the draft's account.

    Near in what they mean and in how that is spelt: an encoder taught for shares passes over
    posts in the draft's own words, and words alone over those that say it differently. Of posts
    that say nearly the same, the nearest stands for all.

    Parameters
    ----------
    scorer
        Whose share encoder reads the texts.
    post, past
        The draft, and what is known of its account.
    encode
        Through which memory past posts are embedded.
    """
    texts = texts_before(post, past)
    first = max(0, len(texts) - SEARCHED)
    peers = Peers("account", len(texts) - first, f"this account's last {len(texts) - first} posts")
    if past is None or not texts:
        return Similar((), peers, (NO_POSTS,))
    encoder = scorer.encoders[1]
    draft = yield from share_vectors(scorer, [post.text])
    vectors = yield from encoded(encode or scorer.encode, encoder, texts[first:])
    meaning = scorer.share.meaning(np.vstack([draft, vectors]))
    spelt = yield from in_one_step(lambda: spelling([post.text, *texts[first:]]))
    nearness = (meaning[1:] @ meaning[0] + likeness(spelt[1:], spelt[0])) / 2
    found = [
        (first + row, float(nearness[row]), alike)
        for row, alike in islice(nearest(nearness, spelt[1:]), NEAREST)
    ]
    return Similar(tuple(_past_posts(past, post.platform, found)), peers)


def spelling(texts: Sequence[str]) -> Sparse:
    """Runs of characters within words, by which inflected words are alike; rows of unit length.

    Cleaning the texts first would take longer than all the rest.
    """
    return unit_runs([LINK.sub(" ", text) for text in texts], *RUNS, BITS)


def likeness(spelt: Sparse, other: Sparse) -> FloatArray:
    """Cosines of n spellings with another, (n,)."""
    return np.asarray((spelt @ other.T).toarray()[:, 0], dtype=np.float32)


def nearest(nearness: FloatArray, spelt: Sparse) -> Iterator[tuple[int, int]]:
    """Rows of the nearest texts, nearest first, each with how many it stands for.

    Parameters
    ----------
    nearness
        Of n texts, oldest first, (n,); of equally near ones the last is taken.
    spelt
        Their `spelling`, n rows.
    """
    # An encoder's last digits depend on what else is in its batch.
    left = np.lexsort((-np.arange(len(nearness)), -np.round(nearness, 5)))
    while len(left):
        same = likeness(spelt[left], spelt[left[0]]) >= SAME
        same[0] = True
        yield int(left[0]), int(same.sum())
        left = left[~same]


def _past_posts(
    past: AccountPast, platform: str | None, found: Sequence[tuple[int, float, int]]
) -> Iterator[PastPost]:
    """The past posts of rows, with the similarity and the number of posts alike of each."""
    rows = np.array([row for row, _, _ in found], dtype=np.intp)
    states = account_states(past, past.times[rows], platform)
    outcomes = relative(past.log_shares[rows], states)
    for (row, similarity, alike), outcome in zip(found, outcomes, strict=True):
        yield PastPost(
            post_id=past.post_ids[row],
            published_at=pd.Timestamp(int(past.times[row]), unit="ns", tz=UTC).to_pydatetime(),
            text=past.texts[row],
            shares=_count(float(past.log_shares[row])),
            relative=float(outcome) if np.isfinite(outcome) else None,
            similarity=similarity,
            alike=alike,
        )


def _count(log_shares: float) -> int | None:
    return round(float(np.expm1(log_shares))) if np.isfinite(log_shares) else None
