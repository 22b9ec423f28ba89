"""Hashed pieces of texts as scikit-learn counts them, without its checks of every call.

A single draft spends longer in the checks of `HashingVectorizer.transform` and `normalize` than in
their work. The work is theirs all the same: the same analyser, the same hash, the same sums.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

Sparse = Any
"""scipy.sparse.csr_matrix; scipy carries no types."""

Analyse = Callable[[str], Iterable[str]]
CHARACTERS = "char_wb"
WORDS = "word"
SIGNS_AND_WORDS = r"(?u)\w+|[^\w\s]"


def counts(texts: Sequence[str], kind: str, shortest: int, longest: int, bits: int) -> Sparse:
    """Return log1p counts of hashed pieces, csr float32 of shape (n, 2**bits).

    Parameters
    ----------
    texts
        As they are to be read.
    kind
        `CHARACTERS`, runs of them within a word, or `WORDS`.
    shortest, longest
        Characters or words in a piece.
    bits
        Of the hash.
    """
    from sklearn import config_context

    analyse, hasher = _parts(kind, shortest, longest, bits)
    with config_context(skip_parameter_validation=True):
        found = hasher.transform(map(analyse, texts))
    found.data = np.log1p(found.data)
    return found


@cache
def _parts(kind: str, shortest: int, longest: int, bits: int) -> tuple[Analyse, Any]:
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.feature_extraction.text import HashingVectorizer

    vectoriser = HashingVectorizer(
        analyzer=kind, ngram_range=(shortest, longest), token_pattern=SIGNS_AND_WORDS
    )
    hasher = FeatureHasher(2**bits, input_type="string", dtype=np.float32, alternate_sign=False)
    return vectoriser.build_analyzer(), hasher


def unit_rows(rows: Sparse) -> Sparse:
    """Scale each row to unit length, in place, as `sklearn.preprocessing.normalize` does."""
    from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

    inplace_csr_row_normalize_l2(rows)
    return rows
