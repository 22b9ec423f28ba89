"""Making a score again from its receipt, on the versions that made it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from features.schema import FloatArray
from models.score import annotate
from models.scorer import Scorer
from models.versions import Loaded
from serving.receipts.record import Kept, written

if TYPE_CHECKING:
    from features.text.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Again:
    """A score that was made again.

    Attributes
    ----------
    answer
        What came out, written as in `Kept.answer`.
    same
        Whether it is the recorded answer, bit for bit.
    encoder_difference
        Largest difference between the recorded embedding and one made now of the text alone, about
        1e-7 for the same text; None for a post that no encoder read.
    """

    answer: dict[str, Any]
    same: bool
    encoder_difference: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as the API gives it."""
        return {
            "same": self.same,
            "encoder_difference": self.encoder_difference,
            "answer": self.answer,
        }


def again(kept: Kept, emotion: Loaded, share: Loaded) -> Again:
    """Make a score again.

    Parameters
    ----------
    kept
        Its receipt.
    emotion, share
        The versions that made it: `kept.versions`.
    """
    encode = _recorded(kept, emotion, share)
    scorer = Scorer(emotion, share, encode, recalled=kept.recalled, usual=[kept.usual])
    (score,) = scorer.score([kept.post], [kept.past], explain=kept.explain)
    (score,) = annotate([replace(score, id=kept.id)], [kept.notes])
    answer = score.to_json()
    return Again(answer, written(answer) == kept.answer, _difference(kept, emotion, share))


def _recorded(kept: Kept, emotion: Loaded, share: Loaded) -> Any:
    """An encoder's work, taken from the receipt."""
    by_digest = dict(
        zip((emotion.encoder.digest, share.encoder.digest), kept.embeddings, strict=False)
    )

    def encode(encoder: "Encoder", texts: Sequence[str]) -> FloatArray:
        if encoder.digest not in by_digest:
            return encoder.encode(texts)
        return np.stack([by_digest[encoder.digest]] * len(texts))

    return encode


def _difference(kept: Kept, emotion: Loaded, share: Loaded) -> float | None:
    if not kept.embeddings:
        return None
    encoders = (emotion.encoder, share.encoder)
    return max(
        float(np.abs(encoder.encode([kept.post.text])[0] - vector).max())
        for encoder, vector in zip(encoders, kept.embeddings, strict=True)
    )
