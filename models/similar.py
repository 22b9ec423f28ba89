"""The account's own past posts that are nearest to a draft, with how they did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from features.account.history import account_states, relative
from features.account.past import AccountPast
from features.schema import FloatArray, Post
from models.rewriting import texts_before
from models.score import Note, Peers, rounded
from models.scorer import Scorer
from models.stepwise import Encode, Steps, encoded, share_vectors

NEAREST = 5
SEARCHED = 300
"""Of the account's last posts; each is embedded once and then remembered."""

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
        Cosine of the embeddings, -1..1; only its order means anything.
    """

    post_id: str
    published_at: datetime
    text: str
    shares: int | None
    relative: float | None
    similarity: float

    def to_json(self) -> dict[str, Any]:
        """Return one of the `posts` of `/v1/similar`."""
        return {
            "post_id": self.post_id,
            "published_at": self.published_at.isoformat(timespec="seconds"),
            "text": self.text,
            "shares": self.shares,
            "relative": None if self.relative is None else rounded(self.relative),
            "similarity": rounded(self.similarity),
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
    nearness = vectors @ draft[0]
    rows = nearest(nearness, texts[first:])
    return Similar(_past_posts(past, post.platform, first + rows, nearness[rows]), peers)


def nearest(nearness: FloatArray, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Places of the nearest different texts, nearest first; of equal texts the last one."""
    latest = {text: row for row, text in enumerate(texts)}
    rows = np.array(sorted(latest.values()), dtype=np.intp)
    return rows[np.argsort(-nearness[rows], kind="stable")][:NEAREST]


def _past_posts(
    past: AccountPast,
    platform: str | None,
    rows: np.ndarray[Any, np.dtype[np.intp]],
    nearness: FloatArray,
) -> tuple[PastPost, ...]:
    states = account_states(past, past.times[rows], platform)
    outcomes = relative(past.log_shares[rows], states)
    return tuple(
        PastPost(
            post_id=past.post_ids[row],
            published_at=pd.Timestamp(int(past.times[row]), unit="ns", tz=UTC).to_pydatetime(),
            text=past.texts[row],
            shares=_count(float(past.log_shares[row])),
            relative=float(value) if np.isfinite(value) else None,
            similarity=float(near),
        )
        for row, value, near in zip(rows.tolist(), outcomes, nearness, strict=True)
    )


def _count(log_shares: float) -> int | None:
    return round(float(np.expm1(log_shares))) if np.isfinite(log_shares) else None
