"""A bounded memory of embeddings: a draft that is scored as it is typed is seldom all new."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from features.schema import FloatArray
from features.text.encoder import Encoder
from serving.metrics import Metrics


class RecentEmbeddings:
    """Embeddings of the texts seen last, by digest of encoder and text; texts are not kept.

    Parameters
    ----------
    capacity
        Embeddings kept; the longest unused goes first.
    metrics
        Told how many of the texts were known.
    """

    def __init__(self, capacity: int, metrics: Metrics) -> None:
        self._capacity = capacity
        self._metrics = metrics
        self._kept: OrderedDict[bytes, FloatArray] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, encoder: Encoder, texts: Sequence[str]) -> FloatArray:
        """Return the embeddings of n texts, encoding only those not known.

        Returns
        -------
        ndarray of shape (n, encoder.dimension)
        """
        keys = [_key(encoder.digest, text) for text in texts]
        found = self._find(keys)
        self._metrics.cached(sum(key in found for key in keys), len(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            vectors = encoder.encode(list(missing.values()))
            # Copies: a view would keep the whole step's array alive.
            found |= {key: row.copy() for key, row in zip(missing, vectors, strict=True)}
        self._keep(found)
        return np.stack([found[key] for key in keys])

    def _find(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        with self._lock:
            return {key: self._kept[key] for key in keys if key in self._kept}

    def _keep(self, found: dict[bytes, FloatArray]) -> None:
        with self._lock:
            for key, vector in found.items():
                self._kept[key] = vector
                self._kept.move_to_end(key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)


def _key(digest: str, text: str) -> bytes:
    content = f"{digest}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).digest()
