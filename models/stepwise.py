"""Work in small steps, so that whoever runs it may do something more urgent in between.

A step is what a generator does between two `yield`s. The service runs single drafts in between; a
command runs all of them at once with `finish`.
"""

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from features.schema import FloatArray

if TYPE_CHECKING:
    from features.text.encoder import Encoder
    from models.scorer import Scorer

Value = TypeVar("Value")
Steps = Generator[None, None, Value]
Encode = Callable[["Encoder", Sequence[str]], FloatArray]

TEXTS_IN_STEP = 4
"""About what one step of scoring takes, so that a draft never waits for much longer."""


def finish(work: Steps[Value]) -> Value:
    """Do all of the work now."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            value: Value = end.value
            return value


def in_one_step(work: Callable[[], Value]) -> Steps[Value]:
    """Do work that is short enough for one step."""
    value = work()
    yield
    return value


def encoded(encode: Encode, encoder: "Encoder", texts: Sequence[str]) -> Steps[FloatArray]:
    """Embed texts, a few in a step.

    Returns
    -------
    ndarray of shape (n, encoder.dimension)
    """
    parts = [np.empty((0, encoder.dimension), np.float32)]
    # Texts of one length share a step: little is computed for padding.
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    for start in range(0, len(order), TEXTS_IN_STEP):
        parts.append(encode(encoder, [texts[row] for row in order[start : start + TEXTS_IN_STEP]]))
        yield
    vectors = np.concatenate(parts)
    back = np.empty(len(order), dtype=np.intp)
    back[order] = np.arange(len(order))
    return vectors[back]


def vectors_of(
    scorer: "Scorer", texts: Sequence[str], encode: Encode | None = None
) -> Steps[tuple[FloatArray, FloatArray]]:
    """Embed texts for the emotion and for the share model; once where one encoder has both.

    Parameters
    ----------
    scorer
        Whose models they are for.
    texts
        n texts.
    encode
        Through which memory; the scorer's by default.
    """
    first, second = scorer.encoders
    through = encode or scorer.encode
    emotion = yield from encoded(through, first, texts)
    part = scorer.share_part(emotion)
    return emotion, (yield from encoded(through, second, texts)) if part is None else part


def share_vectors(scorer: "Scorer", texts: Sequence[str]) -> Steps[FloatArray]:
    """Embed texts for the share model alone, with what scoring them has left in memory.

    Returns
    -------
    ndarray of shape (n, dimension of the share encoder)
    """
    first, second = scorer.encoders
    if not first.holds(second.digest):
        return (yield from encoded(scorer.encode, second, texts))
    return (yield from vectors_of(scorer, texts))[1]
