from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from features.schema import FloatArray, Post
from models.share_columns import fixed_columns
from models.textview import word_counts
from training.share import data
from training.share.data import PostRows, blocks, settled

DRAFTS = [Post(text=f"Otwieramy kino numer {n}. Zapraszamy!", platform="x") for n in range(7)]


def lengths(texts: Sequence[str]) -> FloatArray:
    return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def rows_of(drafts: list[Post]) -> PostRows:
    frame = pd.DataFrame({"text": [draft.text for draft in drafts]})
    return blocks(frame, drafts, np.full(len(drafts), "x\0a"), lengths)


def test_posts_read_in_parts_come_out_as_if_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "READ_TOGETHER", 3)
    found = rows_of(DRAFTS)
    assert [post.text for post in found.posts] == [draft.text for draft in DRAFTS]
    assert {post.language for post in found.posts} == {"pl"}
    assert np.array_equal(found.fixed, fixed_columns(found.posts), equal_nan=True)
    counted = word_counts([draft.text for draft in DRAFTS])
    assert np.array_equal(found.counts.toarray(), counted.toarray())


def test_an_encoder_that_fails_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def failing(texts: Sequence[str]) -> FloatArray:
        raise MemoryError(f"{len(texts)} texts")

    def counting(part: list[Post]) -> object:
        read.append(len(part))
        return real(part)

    real = data._read
    monkeypatch.setattr(data, "READ_TOGETHER", 1)
    monkeypatch.setattr(data, "_read", counting)
    many = DRAFTS * 100
    frame = pd.DataFrame({"text": [draft.text for draft in many]})
    with pytest.raises(MemoryError, match="700 texts"):
        blocks(frame, many, np.full(len(many), "x\0a"), failing)
    assert len(read) < len(many)


@pytest.mark.parametrize("platform", ["x", None])
def test_a_count_that_was_taken_early_has_not_settled(platform: str | None) -> None:
    published = pd.Timestamp("2026-03-01", tz="UTC")
    frame = pd.DataFrame(
        {
            "platform": pd.Series([platform] * 3, dtype="str"),
            "shares": [4.0, 4.0, 4.0],
            "published_at": [published] * 3,
            "collected_at": [published + pd.Timedelta(hours=1), published.replace(year=2027), None],
        }
    )
    assert settled(frame).tolist() == [False, True, True]
