"""What an account's own past says of a draft: how those of its posts did that read like it.

A Gaussian process on the relative outcomes of the account's last settled posts (Rasmussen &
Williams 2006, section 2.2). Posts are alike by their words and by how they are written; neither
needs an encoder, so that the past of an account is read in a moment. What works for everybody is
the trees' business: this is about what works *here*.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from features.account.history import account_states, relative
from features.account.past import AccountPast, to_ns
from features.account.settling import settled_by
from features.catalogue import RECALL
from features.schema import FloatArray, Post
from features.text.cleaning import plain
from features.text.surface import NAMES as SURFACE_NAMES
from features.text.surface import surface
from models.hashing import Sparse, weighted
from models.products import product
from models.textview import standardised, word_counts

NAMES: tuple[str, ...] = tuple(column.name for column in RECALL)
Floats = NDArray[np.float64]

FEWEST = 5
OUTCOME_LIMIT = 4.0
"""Spreads beyond which one post counts no further."""

NEARNESS = 0.045
"""Per squared standard deviation of the counts of how a text is written."""

REMEMBERED = 24
"""Accounts, at one moment each, that are kept at hand: up to one and a half megabytes each."""

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
_Key = tuple[bytes, bytes, tuple[str, ...], int, str | None]


@dataclass(frozen=True, slots=True)
class Memory:
    """How much is recalled, and how far it is trusted; chosen on accounts that trained the starter.

    Attributes
    ----------
    posts
        How many of the account's last settled ones.
    words, manner
        How much of a post's outcome goes with its words, and with how it is written; in spreads².
    noise
        Of a new post's outcome about what posts like it usually get; in spreads².
    fading
        Posts after which the noise is e times as large: what moved people long ago moves them less.
    """

    posts: int = 400
    words: float = 1.5
    manner: float = 0.2
    noise: float = 1.0
    fading: float = 200.0

    def noises(self, count: int) -> Floats:
        """Return the noise of the last posts, oldest first, (count,)."""
        ages = np.arange(count)[::-1]
        return np.asarray(self.noise * np.exp(ages / self.fading), dtype=np.float64)


MEMORY = Memory()


@dataclass(frozen=True, eq=False)
class Readings:
    """Texts as they are compared.

    Attributes
    ----------
    words
        Weighted words, rows of unit length, (n, 2**BITS).
    manner
        Standardised surface counts, (n, s).
    """

    words: Sparse
    manner: Floats

    def take(self, rows: Sequence[int] | Places) -> "Readings":
        """Return some of the texts."""
        return Readings(self.words[rows], self.manner[rows])

    def likeness(self, others: "Readings", memory: Memory) -> Floats:
        """Return how far outcomes of n texts go with those of m others, (n, m)."""
        words = (self.words @ others.words.T).toarray().astype(np.float64)
        squares = (self.manner**2).sum(axis=1)[:, None] + (others.manner**2).sum(axis=1)
        apart = squares - 2 * product(self.manner, others.manner.T)
        manner = np.exp(-NEARNESS * np.maximum(apart, 0.0))
        return np.asarray(memory.words * words + memory.manner * manner)


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads texts by what a share model counted over all posts it learnt from.

    Attributes
    ----------
    idf
        Shape (2**BITS,): rare words tell more.
    centre, scale
        Shape (s,), of the surface counts.
    """

    idf: FloatArray
    centre: FloatArray
    scale: FloatArray

    @classmethod
    def of(cls, idf: FloatArray, centre: FloatArray, scale: FloatArray) -> "Reader":
        """Read as the text view does whose dense columns end with the surface counts."""
        last = -len(SURFACE_NAMES)
        return cls(idf, centre[last:].astype(np.float32), scale[last:].astype(np.float32))

    def __call__(self, texts: Sequence[str]) -> Readings:
        """Read n raw texts."""
        words = weighted(word_counts(texts), self.idf)
        return self.counted(words, surface([plain(text) for text in texts]))

    def counted(self, words: Sparse, counts: FloatArray) -> Readings:
        """Read texts whose words, weighted by `idf`, and surface counts are known already."""
        manner = standardised(np.nan_to_num(counts), self.centre, self.scale).astype(np.float64)
        return Readings(words, manner)


@dataclass(frozen=True, eq=False)
class Recollection:
    """Posts of an account with results, ready to be asked about drafts.

    Attributes
    ----------
    posts
        p posts.
    weights
        Shape (p,): what each says for a draft like it.
    factor
        Lower triangular, (p, p): how far they tell the same.
    memory
        How they are trusted.
    texts
        The p posts themselves, where it is asked which of them a draft repeats.
    """

    posts: Readings
    weights: Floats
    factor: Floats
    memory: Memory
    texts: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, posts: Readings, likeness: Floats, outcomes: Floats, memory: Memory
    ) -> "Recollection":
        """Take in what became of posts.

        Parameters
        ----------
        posts
            p posts.
        likeness
            Of each with each, (p, p).
        outcomes
            Relative outcomes in spreads, oldest first, (p,).
        memory
            How they are trusted.
        """
        # Likeness is mutual, and a copy reads faster along its rows.
        noisy = np.array(likeness.T, order="F")
        noisy.ravel("F")[:: len(noisy) + 1] += memory.noises(len(outcomes))
        factor = cholesky(noisy, lower=True, overwrite_a=True, check_finite=False)
        against = outcomes - outcomes.mean()
        weights = cho_solve((factor, True), against, check_finite=False)
        return cls(posts, weights, factor, memory)

    def tell(self, likeness: Floats) -> FloatArray:
        """Return the columns `NAMES` of drafts, given their likeness to the posts.

        Returns
        -------
        ndarray of shape (n, 2)
        """
        outlook = product(likeness, self.weights[:, None])[:, 0]
        told = solve_triangular(self.factor, likeness.T, lower=True, check_finite=False)
        ground = (told**2).sum(axis=0) / (self.memory.words + self.memory.manner)
        return np.column_stack([outlook, ground]).astype(np.float32)

    def tell_without(self, likeness: Floats, left_out: Flags) -> FloatArray:
        """Return what `tell` would, had some of the posts no results; only the mean keeps them.

        No second factor is needed: what the rest tells follows from the inverse of the whole
        (Rasmussen & Williams 2006, section 5.4.2, for one post at a time).

        Parameters
        ----------
        likeness
            Of n drafts to the posts, (n, p).
        left_out
            Which posts say nothing of which draft, (n, p).

        Returns
        -------
        ndarray of shape (n, 2)
        """
        some = np.flatnonzero(left_out.any(axis=0))
        inverse = cho_solve(
            (self.factor, True), np.eye(len(self.weights))[:, some], check_finite=False
        )
        across, within = product(likeness, inverse), inverse[some]
        due = np.zeros((len(likeness), len(NAMES)))
        for row, flags in enumerate(left_out[:, some]):
            out = np.flatnonzero(flags)
            theirs = np.column_stack([self.weights[some[out]], across[row, out]])
            due[row] = across[row, out] @ np.linalg.solve(within[np.ix_(out, out)], theirs)
        due[:, 1] /= self.memory.words + self.memory.manner
        return np.asarray(self.tell(likeness) - due, dtype=np.float32)

    def repeated(self, texts: Sequence[str]) -> Flags:
        """Return which posts say what each of n drafts says, word for word, (n, p)."""
        return np.array([[post == text for post in self.texts] for text in texts], dtype=np.bool_)


def nothing(rows: int) -> FloatArray:
    """Return the columns of drafts whose account is not known, (n, 2)."""
    return np.zeros((rows, len(NAMES)), dtype=np.float32)


class Recall:
    """Asks the pasts of accounts about drafts, and keeps those lately asked at hand.

    May be used from any thread; what it answers depends on nothing but the question.

    Parameters
    ----------
    reader
        How texts are read.
    memory
        How much is recalled.
    """

    def __init__(self, reader: Reader, memory: Memory = MEMORY) -> None:
        self.reader, self.memory = reader, memory
        self._kept: OrderedDict[_Key, Recollection | None] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(
        self,
        posts: Sequence[Post],
        pasts: Sequence[AccountPast | None],
        drafts: Readings | None = None,
        *,
        anew: bool = False,
    ) -> FloatArray:
        """Return the columns `NAMES` of n drafts.

        Parameters
        ----------
        posts
            n drafts.
        pasts
            The past of each one's account; one without texts tells nothing.
        drafts
            Their texts, where they were read already.
        anew
            Whether a past post in a draft's own words says nothing of it, as if it had never been.

        Returns
        -------
        ndarray of shape (n, 2)
        """
        found = nothing(len(posts))
        # Candidates for one slot share account and time.
        slots: dict[tuple[int, datetime | None, str | None], list[int]] = {}
        for row, (post, past) in enumerate(zip(posts, pasts, strict=True)):
            if past is not None and past.texts:
                slots.setdefault((id(past), post.published_at, post.platform), []).append(row)
        for (_, at, platform), rows in slots.items():
            past = pasts[rows[0]]
            assert past is not None
            kept = self._recollection(past, at, platform)
            if kept is not None:
                drafts = drafts or self.reader([post.text for post in posts])
                now = drafts.take(rows).likeness(kept.posts, self.memory)
                if anew:
                    out = kept.repeated([posts[row].text for row in rows])
                    found[rows] = kept.tell_without(now, out)
                else:
                    found[rows] = kept.tell(now)
        return found

    def _recollection(
        self, past: AccountPast, at: datetime | None, platform: str | None
    ) -> Recollection | None:
        end = known_by(past, at, platform)
        key = (past.times.tobytes(), past.log_shares.tobytes(), past.texts, end, platform)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self._recollect(past, end, platform)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return made

    def _recollect(self, past: AccountPast, end: int, platform: str | None) -> Recollection | None:
        outcomes = relative_outcomes(past, platform)[:end]
        rows = np.flatnonzero(np.isfinite(outcomes))[-self.memory.posts :]
        if len(rows) < FEWEST:
            return None
        texts = tuple(past.texts[row] for row in rows)
        posts = self.reader(texts)
        alike = posts.likeness(posts, self.memory)
        return replace(Recollection.of(posts, alike, outcomes[rows], self.memory), texts=texts)


def known_by(past: AccountPast, at: datetime | None, platform: str | None) -> int:
    """Return how many of an account's posts could have settled by a time; None takes all."""
    if at is None:
        return len(past.times)
    return int(settled_by(past.times, np.array([to_ns(at)]), platform)[0])


def relative_outcomes(past: AccountPast, platform: str | None) -> Floats:
    """Return how each post of an account did against its baseline then, in spreads, (m,).

    NaN where the count had not settled, or where there was no baseline.
    """
    outcome = relative(past.log_shares, account_states(past, past.times, platform))
    return np.clip(outcome, -OUTCOME_LIMIT, OUTCOME_LIMIT)
