from typing import Any

from serving.embeddings import RecentEmbeddings
from serving.metrics import Metrics
from tests.serving.standins import TinyEncoder


def test_only_new_texts_are_encoded() -> None:
    encoder: Any = TinyEncoder()
    recent = RecentEmbeddings(10, Metrics())
    recent.encode(encoder, ["one", "two!"])
    vectors = recent.encode(encoder, ["two!", "three", "two!", "one"])
    assert encoder.calls == [2, 1]
    assert vectors[:, 1].tolist() == [1, 0, 1, 0]
    assert vectors.shape == (4, 2)


def test_the_longest_unused_goes_first() -> None:
    encoder: Any = TinyEncoder()
    recent = RecentEmbeddings(2, Metrics())
    for text in ("a", "b", "a", "c", "a", "b"):
        recent.encode(encoder, [text])
    assert encoder.calls == [1, 1, 1, 1]


def test_another_encoder_has_its_own() -> None:
    first: Any = TinyEncoder()
    second: Any = TinyEncoder()
    second.digest = "sha256:other"
    recent = RecentEmbeddings(10, Metrics())
    recent.encode(first, ["a"])
    recent.encode(second, ["a"])
    assert second.calls == [1]


def test_nothing_kept_still_encodes() -> None:
    encoder: Any = TinyEncoder()
    recent = RecentEmbeddings(0, Metrics())
    assert recent.encode(encoder, ["a", "a", "b"]).shape == (3, 2)
    recent.encode(encoder, ["a"])
    assert encoder.calls == [2, 1]
