from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from features.schema import FloatArray
from models.hashing import WORDS, counts
from tests.training.tables import comparisons_table, posts_table
from training.share.data import pair_rows, post_rows
from training.share.stuffing import stuffed, with_stuffed_pairs, with_stuffed_posts


def encode(texts: Sequence[str]) -> FloatArray:
    """Eight hashed words a text."""
    return np.asarray(counts(list(texts), WORDS, 1, 1, 3).toarray(), dtype=np.float32)


def test_stuffing_changes_texts_and_is_repeatable() -> None:
    texts = [f"We won the match number {n}, everyone." for n in range(20)]
    drawn = [
        [stuffed(text, "pl", np.random.default_rng(n)) for n, text in enumerate(texts)]
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert all(one != other for one, other in zip(texts, drawn[0], strict=True))


def test_copies_of_posts_keep_result_account_and_history(tmp_path: Path) -> None:
    frame = posts_table(tmp_path, accounts=6).frame
    rows = post_rows(frame, np.arange(len(frame)), encode, None, seed=0)
    both = with_stuffed_posts(rows, encode, share=0.25, seed=0)
    n, copies = len(rows), round(0.25 * len(rows))
    assert len(both) == n + copies
    assert both.embeddings.shape[0] == both.counts.shape[0] == both.fixed.shape[0] == n + copies
    originals = {post.text: row for row, post in enumerate(rows.posts)}
    assert [post.text for post in both.posts[:n]] == [post.text for post in rows.posts]
    pasted = both.take(np.arange(n, n + copies))
    assert not {post.text for post in pasted.posts} & set(originals)
    assert set(pasted.keys) <= set(rows.keys)
    kept = np.isin(pasted.outcome, rows.outcome) | np.isnan(pasted.outcome)
    assert kept.all()


def test_no_copies_when_none_are_asked_for(tmp_path: Path) -> None:
    frame = posts_table(tmp_path, accounts=6).frame
    rows = post_rows(frame, np.arange(len(frame)), encode, None, seed=0)
    assert with_stuffed_posts(rows, encode, share=0.0, seed=0) is rows


def test_of_a_pair_one_side_is_stuffed_and_who_won_stays(tmp_path: Path) -> None:
    pairs = pair_rows(comparisons_table(tmp_path, rows=200).frame, encode)
    both = with_stuffed_pairs(pairs, encode, share=0.5, seed=0)
    n = len(pairs)
    copies = np.arange(n, len(both))
    assert len(copies) == pytest.approx(100, abs=25)
    known = [{post.text for post in side.posts} for side in (pairs.first, pairs.second)]
    touched = [
        [side.posts[row].text not in texts for row in copies]
        for side, texts in zip((both.first, both.second), known, strict=True)
    ]
    assert all(one != other for one, other in zip(*touched, strict=True))
    assert 0.3 < np.mean(touched[0]) < 0.7
    assert set(both.groups[copies]) <= set(pairs.groups)
    assert both.won[copies].mean() == pytest.approx(pairs.won.mean(), abs=0.15)
