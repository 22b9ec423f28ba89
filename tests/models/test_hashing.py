"""Hashed counts are scikit-learn's to the last bit; only its checks are left out."""

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from models.hashing import CHARACTERS, SIGNS_AND_WORDS, WORDS, WordPieces, counts, weighted

TEXTS = [
    "Udało się! Dziś otwieramy kino.",
    "",
    "we WE we 😀 😀 it's (new)",
    "a",
    "日本語 と 한국어",
]


def vectorised(kind: str, shortest: int, longest: int, bits: int = 10) -> Any:
    vectoriser = HashingVectorizer(
        analyzer=kind,
        ngram_range=(shortest, longest),
        token_pattern=SIGNS_AND_WORDS,
        n_features=2**bits,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    found = vectoriser.transform(TEXTS)
    found.data = np.log1p(found.data)
    return found


@pytest.mark.parametrize("bits", [10, 15, 18])
@pytest.mark.parametrize(("kind", "lengths"), [(CHARACTERS, (2, 5)), (WORDS, (1, 2))])
def test_counts_are_those_of_the_vectoriser(kind: str, lengths: tuple[int, int], bits: int) -> None:
    found, expected = counts(TEXTS, kind, *lengths, bits=bits), vectorised(kind, *lengths, bits)
    assert np.array_equal(found.toarray(), expected.toarray())
    assert found.dtype == np.float32


def test_weighted_rows_are_those_of_normalize() -> None:
    rows = vectorised(CHARACTERS, 2, 5)
    idf = np.linspace(1, 2, rows.shape[1], dtype=np.float32)
    expected = normalize(rows.multiply(idf).tocsr()).toarray()
    assert np.array_equal(weighted(rows, idf).toarray(), expected)
    assert np.array_equal(rows.toarray(), vectorised(CHARACTERS, 2, 5).toarray())


def test_words_met_before_are_counted_as_the_first_time() -> None:
    pieces = WordPieces(2, 5)
    first = pieces.rows(TEXTS, 10)
    assert np.array_equal(pieces.rows(TEXTS, 10).toarray(), first.toarray())
    again = pieces.rows([f"{text} kino" for text in TEXTS], 10)
    assert (again.toarray() - first.toarray()).min() == 0


def test_words_remembered_are_bounded_and_those_in_use_stay() -> None:
    pieces = WordPieces(2, 5, most=20)
    expected = pieces.rows(["kino"], 10).toarray()
    for start in range(0, 1000, 5):
        pieces.rows(["kino " + " ".join(map(str, range(start, start + 5)))], 10)
        assert "kino" in pieces
    assert len(pieces) <= 40
    pieces.rows([" ".join(map(str, range(1000)))], 10)
    assert len(pieces) <= 40
    assert np.array_equal(pieces.rows(["kino"], 10).toarray(), expected)


def test_a_word_of_a_whole_page_is_not_remembered() -> None:
    pieces = WordPieces(2, 5)
    pieces.rows(["a" * 40_000], 10)
    assert len(pieces) == 0
