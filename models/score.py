"""What a scorer answers: plain frozen values that know their JSON shape."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from features.errors import ModelError
from features.schema import FloatArray

OK, ABSTAINED = "ok", "abstained"
DIGITS = 6

START, WHO_AND_WHEN, WHAT_AND_HOW = "start", "who_and_when", "what_and_how"
SIDES: Mapping[str, str] = {
    START: START,
    "clock": WHO_AND_WHEN,
    "history": WHO_AND_WHEN,
    "context": WHO_AND_WHEN,
}
"""Side of a family; all others are what and how, which another draft could change."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A forecast and the bounds between which the truth lies 90 times in a hundred."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return `{"value", "low", "high"}`."""
        return {"value": rounded(self.value), "low": rounded(self.low), "high": rounded(self.high)}


@dataclass(frozen=True, slots=True)
class Note:
    """A code for programs and a message for people.

    Attributes
    ----------
    values
        What the message names, for whoever says it in other words.
    """

    code: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return `{"code", "message"}`, and `values` where there are some."""
        told = {"code": self.code, "message": self.message}
        return {**told, "values": dict(self.values)} if self.values else told


@dataclass(frozen=True, slots=True)
class Reason:
    """What one family of inputs adds to the share score, in units of the score."""

    family: str
    label: str
    effect: float

    @property
    def side(self) -> str:
        """Whether it is who posts and when, what is posted and how, or where every post starts."""
        return SIDES.get(self.family, WHAT_AND_HOW)

    def to_json(self) -> dict[str, Any]:
        """Return `{"family", "label", "effect", "side"}`."""
        told = {"family": self.family, "label": self.label, "effect": rounded(self.effect)}
        return {**told, "side": self.side}


@dataclass(frozen=True, slots=True)
class Peers:
    """The population that a percentile is a place in."""

    kind: str
    size: int
    label: str

    def to_json(self) -> dict[str, Any]:
        """Return `{"kind", "size", "label"}`."""
        return {"kind": self.kind, "size": self.size, "label": self.label}


@dataclass(frozen=True, slots=True)
class SharePotential:
    """How far a post should travel.

    Attributes
    ----------
    score
        In units of the account's own spread of log shares; 0 is the account's usual post.
    percentile
        0..100, the place within `population`.
    expected_shares
        None where the account has no baseline.
    beats_median
        Probability, 0..1, of more shares than the median of `population`.
    """

    score: Interval
    percentile: Interval
    population: Peers
    expected_shares: Interval | None
    beats_median: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the `share` object of an answer."""
        expected, odds = self.expected_shares, self.beats_median
        return {
            "score": self.score.to_json(),
            "percentile": self.percentile.to_json(),
            "population": self.population.to_json(),
            "expected_shares": None if expected is None else expected.to_json(),
            "beats_median": None if odds is None else rounded(odds),
        }


@dataclass(frozen=True, slots=True)
class ModelName:
    """A registered model and its version number."""

    name: str
    version: str

    def to_json(self) -> dict[str, str]:
        """Return `{"name", "version"}`."""
        return {"name": self.name, "version": self.version}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which versions made a score."""

    emotion: ModelName
    share: ModelName
    encoder: str

    def to_json(self) -> dict[str, Any]:
        """Return the `models` object of an answer."""
        return {
            "emotion": self.emotion.to_json(),
            "share": self.share.to_json(),
            "encoder": self.encoder,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """The answer for one post.

    Attributes
    ----------
    id
        UUID version 7: scores of one call sort in the order of its posts, and before those of a
        later millisecond.
    language
        ISO 639-1, given or detected; None where nothing could be told.
    emotion, share
        None when the scorer abstained; one emotion is None when the model was never taught it.
    reasons
        They sum to `share.score.value`.
    refusal
        Why the scorer abstained; None when it did not.
    vectors
        The embeddings that the emotion and the share model were given, and what the account
        remembered of posts like it; no part of the answer.
    usual
        The language that the account of a short draft usually writes in, as far as the score went
        by it; no part of the answer either.
    """

    id: str
    language: str | None
    models: Provenance
    emotion: Mapping[str, Interval | None] | None = None
    share: SharePotential | None = None
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Note, ...] = ()
    refusal: Note | None = None
    vectors: tuple[FloatArray, ...] = field(default=(), repr=False, compare=False)
    usual: str | None = field(default=None, repr=False, compare=False)

    @property
    def status(self) -> str:
        """`ok` or `abstained`."""
        return OK if self.refusal is None else ABSTAINED

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values; never holds NaN and never the text."""
        answer: dict[str, Any] = {"id": self.id, "status": self.status, "language": self.language}
        if self.refusal is not None:
            answer["reason"] = self.refusal.to_json()
        if self.emotion is not None and self.share is not None:
            answer["emotion"] = {
                name: None if part is None else part.to_json()
                for name, part in self.emotion.items()
            }
            answer["share"] = self.share.to_json()
            answer["reasons"] = [reason.to_json() for reason in self.reasons]
        answer["warnings"] = [note.to_json() for note in self.warnings]
        answer["models"] = self.models.to_json()
        return answer


def score_ids(count: int, now: datetime) -> list[str]:
    """Return `count` identifiers (UUID version 7) that sort in the order given.

    Those of two calls within one millisecond may sort either way.

    References
    ----------
    RFC 9562, section 5.7; the counter in `rand_a` keeps a batch in order (method 1 of 6.2).
    """
    milliseconds = int(now.timestamp() * 1000)
    return [_uuid7(milliseconds + index // 4096, index % 4096) for index in range(count)]


def _uuid7(milliseconds: int, counter: int) -> str:
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return str(UUID(int=milliseconds << 80 | 7 << 76 | counter << 64 | 2 << 62 | random))


def annotate(scores: Sequence[Score], notes: Sequence[Sequence[Note]]) -> list[Score]:
    """Add to each score what no model says."""
    return [
        replace(score, warnings=(*score.warnings, *said))
        for score, said in zip(scores, notes, strict=True)
    ]


def reasons_of(
    total: float, families: Sequence[str], effects: Sequence[float], labels: Mapping[str, str]
) -> tuple[Reason, ...]:
    """Return the reasons, strongest first, then what the usual post starts from.

    The last one takes up the rounding, so that the printed effects sum to the printed score.

    Parameters
    ----------
    total
        The share score.
    families, effects
        Names and effects of the f families.
    labels
        What a person reads for a family.
    """
    parts = [
        Reason(family, labels.get(family, family), rounded(effect))
        for family, effect in zip(families, effects, strict=True)
    ]
    parts.sort(key=lambda reason: -abs(reason.effect))
    start = rounded(total) - sum(reason.effect for reason in parts)
    return (*parts, Reason(START, labels[START], rounded(start)))


def rounded(value: float) -> float:
    """Six digits; a value that is no number has no place in an answer."""
    if not math.isfinite(value):
        raise ModelError("The model forecast a value that is not a finite number.")
    return round(float(value), DIGITS) + 0.0
