"""One receipt, and how it lies in the database."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.account.past import AccountPast
from features.schema import FloatArray, Post
from features.tables.dates import microseconds
from models.recall import nothing
from models.score import Note, Score

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A score that was given, and what it was made from.

    Attributes
    ----------
    key
        Id of the key that asked.
    past
        What was known of the account, as far as a score depends on it.
    notes
        Warnings that no model gives.
    """

    at: datetime
    key: str | None
    post: Post
    explain: bool
    past: AccountPast | None
    notes: tuple[Note, ...]
    score: Score

    def row(self) -> dict[str, Any]:
        """Return the columns of the database."""
        asked = {
            "post": _post_json(self.post),
            "explain": self.explain,
            "notes": [note.to_json() for note in self.notes],
            "usual": self.score.usual,
        }
        return {
            "id": self.score.id,
            "created_us": microseconds(self.at),
            "key_id": self.key,
            "request": written(asked),
            "answer": written(self.score.to_json()),
            "past": self.past and _packed(self.past.times, self.past.log_shares),
            "vectors": _packed(*self.score.vectors) if self.score.vectors else None,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt that was read back.

    Attributes
    ----------
    answer
        The score as it went out, in the writing of `written`.
    vectors
        What the models were given of the text: the embeddings for the emotion and for the share
        model, and what the account remembered of posts like it (not in early receipts). Empty for a
        post that was refused before it was read. An encoder's last bits depend on what it reads
        beside a text.
    usual
        The language that the account of a short draft usually writes in: what it wrote is not kept.
        None for others, and in early receipts.
    """

    id: str
    at: datetime
    key: str | None
    post: Post
    explain: bool
    past: AccountPast | None
    notes: tuple[Note, ...]
    answer: str
    vectors: tuple[FloatArray, ...]
    usual: str | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Kept":
        """Read the columns of the database."""
        asked = json.loads(row["request"])
        published = asked["post"]["published_at"]
        asked["post"]["published_at"] = published and datetime.fromisoformat(published)
        return cls(
            id=row["id"],
            at=_EPOCH + timedelta(microseconds=row["created_us"]),
            key=row["key_id"],
            post=Post(**asked["post"]),
            explain=asked["explain"],
            past=None if row["past"] is None else _past(row["past"]),
            notes=tuple(Note(**note) for note in _notes(asked)),
            answer=row["answer"],
            vectors=() if row["vectors"] is None else _unpacked(row["vectors"]),
            usual=asked.get("usual"),
        )

    @property
    def embeddings(self) -> tuple[FloatArray, ...]:
        """What the encoders made of the text: for the emotion and for the share model, or empty."""
        return self.vectors[:2]

    @property
    def recalled(self) -> FloatArray:
        """What the account recalled of posts like it, (1, 2)."""
        return self.vectors[2][None, :] if self.vectors[2:] else nothing(1)

    @property
    def versions(self) -> tuple[str, str]:
        """The addresses of the emotion and the share model that made the score."""
        models = json.loads(self.answer)["models"]
        emotion, share = models["emotion"], models["share"]
        return address(emotion), address(share)

    def to_json(self) -> dict[str, Any]:
        """Return the receipt as the API gives it."""
        return {
            "id": self.id,
            "created": self.at.isoformat(timespec="milliseconds"),
            "post": _post_json(self.post),
            "explain": self.explain,
            "past_posts": None if self.past is None else len(self.past.times),
            "answer": json.loads(self.answer),
        }


def address(model: Mapping[str, str]) -> str:
    """Return the address of a version as an answer names it."""
    return f"models:/{model['name']}/{model['version']}"


def written(value: Any) -> str:
    """Write JSON in one way only, so that equal answers are equal texts."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _post_json(post: Post) -> dict[str, Any]:
    return asdict(post) | {"published_at": post.published_at and post.published_at.isoformat()}


def _notes(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Early receipts have one note or none."""
    if "notes" in asked:
        return list(asked["notes"])
    return [asked["note"]] if asked["note"] else []


def _past(packed: bytes) -> AccountPast:
    times, log_shares = _unpacked(packed)
    return AccountPast(times, log_shares)


def _packed(*arrays: NDArray[Any]) -> bytes:
    """Two arrays, bit for bit."""
    file = BytesIO()
    np.savez_compressed(file, *arrays)
    return file.getvalue()


def _unpacked(packed: bytes) -> tuple[NDArray[Any], ...]:
    with np.load(BytesIO(packed), allow_pickle=False) as arrays:
        return tuple(arrays[name] for name in arrays.files)
