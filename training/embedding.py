"""How training and evaluation turn texts into vectors: through a cache, telling how far it got."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.schema import FloatArray
from features.text.cache import EmbeddingCache
from features.text.encoder import Encoder, Progress


@dataclass(frozen=True, slots=True)
class Embedder:
    """How texts become vectors: through a cache, telling how far it got.

    Attributes
    ----------
    cache
        None encodes every text.
    progress
        Called with the number of texts finished since the last call.
    """

    cache: EmbeddingCache | None = None
    progress: Progress | None = None

    def __call__(self, encoder: Encoder, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of n texts, (n, dimension)."""
        if self.cache is None:
            return encoder.encode(texts, self.progress)
        return self.cache.encode(encoder, texts, self.progress)


EMBED = Embedder()
