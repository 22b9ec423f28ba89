"""Can the share score be gamed: does stuffing or shuffling raise it?

Each of our own posts is scored as it is and stuffed, as a draft of an account without history, on
each platform. What counts is the mean gain: a gain here and a loss there cannot be aimed at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.account import history
from features.schema import Post
from features.text.encoder import Encoder
from training.embedding import EMBED, Embedder
from training.judging.reports import Report
from training.probes.reading import LANGUAGES
from training.probes.robustness import posts_of
from training.probes.tricks import ALL_TRICKS, TRICKS

if TYPE_CHECKING:
    from models.share import ShareModel

Floats = NDArray[np.float64]

PLATFORMS = ("x", "facebook", "instagram")

DEFINITIONS = {
    "gain": "mean gain in score by a trick, in spreads of the account, over our own posts; each is "
    "scored as a draft without history",
    "largest": "90th percentile of the gain over posts",
    "spread": "standard deviation of the scores of the untouched posts, for comparison",
}


@dataclass(frozen=True, eq=False)
class Gamed:
    """Scores of n posts before and after each trick, on one platform in one language, (n,) each."""

    language: str
    platform: str
    before: Floats
    after: Mapping[str, Floats]

    def gain(self, trick: str) -> float:
        """Return the mean gain by a trick."""
        return float((self.after[trick] - self.before).mean())


def gaming(model: "ShareModel", encoder: Encoder, embed: Embedder = EMBED) -> list[Gamed]:
    """Score our own posts before and after each trick.

    Parameters
    ----------
    model, encoder
        A fitted model and the encoder that it was fitted on.
    embed
        How texts become vectors.
    """
    found = []
    for language in LANGUAGES:
        _, texts = posts_of(language)
        told = {name: [trick(text, language) for text in texts] for name, trick in TRICKS.items()}
        vectors = {name: embed(encoder, stuffed) for name, stuffed in told.items()}
        untouched = embed(encoder, texts)
        for platform in PLATFORMS:

            def score(drafts: Sequence[str], embedded: NDArray[np.float32]) -> Floats:
                posts = [Post(text=t, platform=platform, language=language) for t in drafts]  # noqa: B023
                states = np.repeat(history.state(None, None, None)[None, :], len(posts), axis=0)
                return np.asarray(model.score(posts, embedded, states), dtype=np.float64)

            after = {name: score(told[name], vectors[name]) for name in told}
            found.append(Gamed(language, platform, score(texts, untouched), after))
    return found


def gaming_report(gamed: Sequence[Gamed]) -> Report:
    """Return what `prescore evaluate gaming` tells, as JSON values."""
    return {
        **gaming_probes(gamed),
        "by_language": {
            code: {
                one.platform: {
                    "spread": float(one.before.std()),
                    "gain": {name: one.gain(name) for name in TRICKS},
                    "largest": {
                        name: float(np.quantile(one.after[name] - one.before, 0.9))
                        for name in TRICKS
                    },
                }
                for one in gamed
                if one.language == code
            }
            for code in LANGUAGES
        },
        "definitions": DEFINITIONS,
    }


def gaming_probes(gamed: Sequence[Gamed]) -> dict[str, float]:
    """Return what the gate limits: the largest mean gain by one trick, and by all at once."""
    single = [one.gain(name) for one in gamed for name in TRICKS if name != ALL_TRICKS]
    return {
        "gain_one_trick": max(single),
        "gain_all_tricks": max(one.gain(ALL_TRICKS) for one in gamed),
    }
