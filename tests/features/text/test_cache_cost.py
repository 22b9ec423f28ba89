from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.schema import FloatArray
from features.text.cache import EmbeddingCache
from features.text.encoder import Encoder, Progress


class Counting(Encoder):
    """An encoder that counts the texts it is given."""

    asked = 0

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        self.asked += len(texts)
        return super().encode(texts, progress)


def test_a_second_run_with_one_row_in_a_hundred_new_encodes_that_one(
    tiny_encoder_folder: Path, tmp_path: Path
) -> None:
    encoder = Counting.load(tiny_encoder_folder)
    assert isinstance(encoder, Counting)
    texts = [f"joy {number} win" for number in range(2000)]
    first = EmbeddingCache(tmp_path / "kept.db").encode(encoder, texts)
    assert encoder.asked == 2000
    new = [f"loss {number} today" for number in range(20)]
    again = EmbeddingCache(tmp_path / "kept.db").encode(encoder, [*new, *texts[::-1]])
    assert encoder.asked == 2000 + 20
    assert np.array_equal(again[20:], first[::-1])
