import sqlite3
from pathlib import Path

import numpy as np
import pytest

from features.errors import StoreError
from features.schema import FloatArray, Texts
from features.text.cache import EmbeddingCache
from features.text.encoder import Encoder, Progress

TEXTS = ["joy", "we love radość", "joy", "smutek", "Joy"]


class CountingEncoder(Encoder):
    """The tiny encoder, counting what it is asked for."""

    def encode(self, texts: Texts, progress: Progress | None = None) -> FloatArray:
        self.asked = [*getattr(self, "asked", []), *texts]
        return super().encode(texts, progress)


@pytest.fixture
def encoder(tiny_encoder_folder: Path) -> CountingEncoder:
    return CountingEncoder.load(tiny_encoder_folder)


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "new" / "embeddings.db")


def test_vectors_are_those_of_the_encoder(cache: EmbeddingCache, encoder: CountingEncoder) -> None:
    found = cache.encode(encoder, TEXTS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, encoder.encode(TEXTS), atol=3e-4)


def test_second_run_computes_nothing_and_gives_the_same(
    cache: EmbeddingCache, encoder: CountingEncoder
) -> None:
    first = cache.encode(encoder, TEXTS)
    assert encoder.asked == ["joy", "we love radość", "smutek", "Joy"]
    second = cache.encode(encoder, TEXTS)
    assert len(encoder.asked) == 4
    np.testing.assert_array_equal(first, second)


def test_texts_that_clean_alike_are_computed_once(
    cache: EmbeddingCache, encoder: CountingEncoder
) -> None:
    cache.encode(encoder, ["joy  https://a.example/1", "joy https://b.example/2"])
    assert len(encoder.asked) == 1


def test_another_encoder_has_its_own_vectors(
    cache: EmbeddingCache, encoder: CountingEncoder, tiny_encoder_folder: Path
) -> None:
    cache.encode(encoder, ["joy"])
    other = CountingEncoder.load(tiny_encoder_folder)
    other.digest = "sha256:other"
    cache.encode(other, ["joy"])
    assert other.asked == ["joy"]


def test_killed_run_keeps_its_finished_windows(
    cache: EmbeddingCache, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.text.cache.WINDOW", 2)

    def stop(done: int) -> None:
        if "smutek" in encoder.asked:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.encode(encoder, TEXTS, stop)
    encoder.asked = []
    cache.encode(encoder, TEXTS)
    assert encoder.asked == ["smutek", "Joy"]


def test_progress_counts_every_text(cache: EmbeddingCache, encoder: CountingEncoder) -> None:
    seen: list[int] = []
    cache.encode(encoder, TEXTS, seen.append)
    cache.encode(encoder, [*TEXTS, "loss"], seen.append)
    assert sum(seen) == 11


def test_no_texts_give_no_rows(cache: EmbeddingCache, encoder: CountingEncoder) -> None:
    assert cache.encode(encoder, []).shape == (0, encoder.dimension)


def test_many_texts_take_several_queries(cache: EmbeddingCache, encoder: CountingEncoder) -> None:
    texts = [f"joy {number}" for number in range(1_203)]
    first = cache.encode(encoder, texts)
    np.testing.assert_array_equal(cache.encode(encoder, texts), first)
    assert len(encoder.asked) == 1_203


def test_file_holds_no_text(cache: EmbeddingCache, encoder: CountingEncoder) -> None:
    cache.encode(encoder, ["udostępnij super sale"])
    with sqlite3.connect(cache.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"super" not in cache.path.read_bytes()


def test_file_that_is_no_cache_is_named(tmp_path: Path, encoder: CountingEncoder) -> None:
    path = tmp_path / "embeddings.db"
    path.write_bytes(b"not a database, but something else" * 100)
    with pytest.raises(StoreError, match=r"embeddings\.db cannot be used"):
        EmbeddingCache(path).encode(encoder, ["joy"])
