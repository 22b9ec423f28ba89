"""Is the emotion model steady: do slips, capitals, links and emoji move it as they should?

Each of our own posts is forecast as it is and changed in one way. How far its intensities move is
the change; which way, is the direction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.schema import EMOTIONS, INTENSITIES, TARGETS
from features.text.encoder import Encoder
from models.emotion import RANGES
from training.embedding import EMBED, Embedder
from training.judging.reports import Report
from training.probes.changes import EMOJI, HARMLESS, hashtag
from training.probes.reading import LANGUAGES, probe_texts

if TYPE_CHECKING:
    from models.emotion import EmotionModel

Floats = NDArray[np.float64]

HAIR = 0.02
"""A move the wrong way by no more than this is none."""

WAYS: dict[str, dict[str, int]] = {
    "happy_emoji": {"joy": 1, "anger": -1, "sadness": -1, "valence": 1},
    "sad_emoji": {"sadness": 1, "joy": -1, "valence": -1},
    "angry_emoji": {"anger": 1, "joy": -1, "valence": -1},
    "capitals": {"arousal": 1},
}
"""Which intensities a change may only raise (1) or only lower (-1)."""

DEFINITIONS = {
    "change": "mean absolute change of an intensity (0..1; valence halved), over posts and "
    "intensities",
    "largest": "95th percentile of the same",
    "kept": "part of the posts whose strongest emotion stays the strongest",
    "own_emotion": "mean change of the emotion that a post was written to carry",
    "wrong_way": f"part of the posts in which an intensity moves by more than {HAIR:g} against the "
    "direction a person expects; emoji and capitals only",
}


@dataclass(frozen=True, eq=False)
class Moved:
    """Forecasts of n posts before and after one change, each intensity 0..1 wide.

    Attributes
    ----------
    language, change
        Which.
    feelings
        The emotion that each post was written to carry, or "neutral".
    before, after
        Shape (n, 9), columns as in `features.schema.INTENSITIES`; NaN where not taught.
    """

    language: str
    change: str
    feelings: Sequence[str]
    before: Floats
    after: Floats

    @property
    def moves(self) -> Floats:
        """How far each taught intensity went, (n, t)."""
        moves = self.after - self.before
        return moves[:, np.isfinite(moves).any(axis=0)]

    def change_of_all(self) -> float:
        """Return the mean absolute change."""
        return float(np.abs(self.moves).mean())

    def wrong_way(self) -> float:
        """Return the part of the posts that move against what a person expects; NaN without say."""
        moves = self.after - self.before
        signs = {INTENSITIES.index(name): sign for name, sign in WAYS.get(self.change, {}).items()}
        told = [sign * moves[:, column] for column, sign in signs.items()]
        told = [move for move in told if np.isfinite(move).all()]
        return float((np.min(told, axis=0) < -HAIR).mean()) if told else np.nan

    def kept(self) -> float:
        """Return the part of the posts whose strongest emotion stays the strongest."""
        taught = np.isfinite(self.before[:, : len(EMOTIONS)]).any(axis=0)
        strongest = [
            np.argmax(part[:, : len(EMOTIONS)][:, taught], axis=1)
            for part in (self.before, self.after)
        ]
        return float((strongest[0] == strongest[1]).mean())

    def own_emotion(self) -> float:
        """Return the mean change of the emotion that a post was written to carry."""
        moves = [
            self.after[row, TARGETS.index(name)] - self.before[row, TARGETS.index(name)]
            for row, name in enumerate(self.feelings)
            if name in EMOTIONS
        ]
        return float(np.nanmean(moves)) if np.isfinite(moves).any() else np.nan


def robustness(model: "EmotionModel", encoder: Encoder, embed: Embedder = EMBED) -> list[Moved]:
    """Forecast our own posts before and after each change, in the languages the model knows.

    Parameters
    ----------
    model, encoder
        A fitted model and the encoder that it was fitted on.
    embed
        How texts become vectors.
    """
    width = np.array([RANGES[name][1] - RANGES[name][0] for name in INTENSITIES])

    def forecast(texts: list[str], language: str) -> Floats:
        found = model.predict(texts, embed(encoder, texts), [language] * len(texts))
        return np.asarray(found.value / width, dtype=np.float64)

    found = []
    for language in (code for code in LANGUAGES if code in model.languages):
        feelings, texts = posts_of(language)
        before = forecast(texts, language)
        for name, change in changes_in(language).items():
            changed = [change(text) for text in texts]
            rows = [row for row, text in enumerate(texts) if changed[row] != text]
            if rows:
                after = forecast([changed[row] for row in rows], language)
                kinds = [feelings[row] for row in rows]
                found.append(Moved(language, name, kinds, before[rows], after))
    return found


def posts_of(language: str) -> tuple[list[str], list[str]]:
    """Return the feelings of our own posts in a language, and the posts."""
    told = [(name, text) for name, texts in probe_texts(f"feelings-{language}").items()
            for text in texts]  # fmt: skip
    return [name for name, _ in told], [text for _, text in told]


def changes_in(language: str) -> dict[str, Callable[[str], str]]:
    """Return the changes by name, as made in a language."""
    return {**HARMLESS, "hashtag": partial(hashtag, language=language), **EMOJI}


def robustness_report(moved: Sequence[Moved]) -> Report:
    """Return what `prescore evaluate robustness` tells, as JSON values."""
    by_language: Report = {}
    for one in moved:
        by_language.setdefault(one.language, {})[one.change] = {
            "posts": len(one.before),
            "change": one.change_of_all(),
            "largest": float(np.quantile(np.abs(one.moves), 0.95)),
            "kept": one.kept(),
            "own_emotion": one.own_emotion(),
            "wrong_way": one.wrong_way(),
        }
    return {"by_language": by_language, "definitions": DEFINITIONS}


def robustness_probes(moved: Sequence[Moved]) -> dict[str, float]:
    """Return what the gate limits: the widest change of each kind, and moves the wrong way."""
    found: dict[str, float] = {}
    for one in moved:
        name = "change_emoji" if one.change in EMOJI else f"change_{one.change}"
        found[name] = max(found.get(name, 0.0), one.change_of_all())
        if np.isfinite(wrong := one.wrong_way()):
            found["wrong_way"] = max(found.get("wrong_way", 0.0), wrong)
    return found
