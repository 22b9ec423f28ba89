"""What the gate asks of a new version on texts of our own: one number for each of its limits."""

from typing import TYPE_CHECKING

from features.text.encoder import Encoder
from training.embedding import EMBED, Embedder
from training.probes.bias import bias_gaps
from training.probes.gaming import gaming, gaming_probes
from training.probes.robustness import robustness, robustness_probes

if TYPE_CHECKING:
    from models.emotion import EmotionModel
    from models.share import ShareModel


def emotion_probes(
    model: "EmotionModel", encoder: Encoder, embed: Embedder = EMBED
) -> dict[str, float]:
    """Return how fair and how steady an emotion model is, by names of the gate's limits.

    Empty for a model that knows none of the languages of our texts.
    """
    gaps = bias_gaps(model, encoder, embed)
    if not gaps.said:
        return {}
    fair = {"bias": gaps.widest_mean(), "bias_kind": gaps.widest_kind()}
    return fair | robustness_probes(robustness(model, encoder, embed))


def share_probes(
    model: "ShareModel", encoder: Encoder, embed: Embedder = EMBED
) -> dict[str, float]:
    """Return how far a share model can be gamed, by names of the gate's limits."""
    return gaming_probes(gaming(model, encoder, embed))
