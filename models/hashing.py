"""Hashed pieces of texts as scikit-learn counts them, without its checks of every call.

A single draft spends longer in the checks of `HashingVectorizer.transform` and `normalize` than in
their work, and most words of a text have been hashed for the text before. The work is theirs all
the same: the same analyser, the same hash, the same sums.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.schema import FloatArray

Sparse = Any
"""scipy.sparse.csr_matrix; scipy carries no types."""

Hashes = NDArray[np.int32]
"""Of the runs of a word, as often as each occurs."""

Analyse = Callable[[str], Iterable[str]]
CHARACTERS = "char_wb"
WORDS = "word"
SIGNS_AND_WORDS = r"(?u)\w+|[^\w\s]"
MOST_WORDS = 20_000
"""In a generation: of 8,000 posts of many accounts, half the work of hashing anew is left."""

WIDEST = 20
"""Bits that words are hashed to."""

LONGEST_WORD = 40
"""Characters; longer ones hardly come twice."""


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
    if kind == CHARACTERS:
        found = _word_pieces(shortest, longest).rows(texts, bits)
    else:
        analyse, hasher = _parts(kind, shortest, longest, bits)
        found = _hashed(hasher, map(analyse, texts))
    found.data = np.log1p(found.data)
    return found


class WordPieces:
    """Counts the runs of characters within words, remembering the runs of words met before.

    Two generations of words are kept: when the young one is full it becomes the old one, and what
    the old one held is forgotten unless it was met since.

    Parameters
    ----------
    shortest, longest
        Characters in a run.
    most
        Words in a generation.
    """

    def __init__(self, shortest: int, longest: int, most: int = MOST_WORDS) -> None:
        self._analyse, self._hasher = _parts(CHARACTERS, shortest, longest, WIDEST)
        self._most = most
        self._young: dict[str, Hashes] = {}
        self._old: dict[str, Hashes] = {}

    def rows(self, texts: Sequence[str], bits: int) -> Sparse:
        """Return counts, csr float32 of shape (n, 2**bits); at most `WIDEST` bits.

        Words that one caller met are hashed for all: a slot of few bits is that of many, cut short.
        """
        from scipy.sparse import csr_matrix

        words = [text.lower().split() for text in texts]
        hashes = self._hashes(set(chain.from_iterable(words)))
        runs = [hashes[word] for row in words for word in row]
        ends = np.cumsum([0, *map(len, runs)])
        indptr = ends[np.cumsum([0, *map(len, words)])]
        indices = np.concatenate(runs) if runs else np.empty(0, np.int32)
        indices &= 2**bits - 1
        ones = np.ones(len(indices), np.float32)
        found = csr_matrix((ones, indices, indptr), (len(texts), 2**bits))
        found.sum_duplicates()
        return found

    def __len__(self) -> int:
        """How many words are remembered."""
        return len(self._young) + len(self._old)

    def __contains__(self, word: str) -> bool:
        """Whether a word is remembered."""
        return word in self._young or word in self._old

    def _hashes(self, words: set[str]) -> dict[str, Hashes]:
        young, old = self._young, self._old
        found = {word: young[word] for word in words if word in young}
        met = {word: old[word] for word in words if word in old and word not in found}
        fresh = self._hash([word for word in words if word not in found and word not in met])
        short = ((word, new) for word, new in fresh.items() if len(word) <= LONGEST_WORD)
        kept = dict(islice(chain(met.items(), short), self._most))
        if len(young) + len(kept) > self._most:
            self._young, self._old = kept, young
        else:
            young.update(kept)
        return found | met | fresh

    def _hash(self, words: Sequence[str]) -> dict[str, Hashes]:
        if not words:
            return {}
        rows = _hashed(self._hasher, map(self._analyse, words))
        counted = zip(
            np.split(rows.indices, rows.indptr[1:-1]),
            np.split(rows.data, rows.indptr[1:-1]),
            strict=True,
        )
        return {
            word: np.repeat(hashes, times.astype(np.intp))
            for word, (hashes, times) in zip(words, counted, strict=True)
        }


def _hashed(hasher: Any, pieces: Iterable[Iterable[str]]) -> Sparse:
    from sklearn import config_context

    with config_context(skip_parameter_validation=True):
        return hasher.transform(pieces)


@cache
def _word_pieces(shortest: int, longest: int) -> WordPieces:
    return WordPieces(shortest, longest)


@cache
def _parts(kind: str, shortest: int, longest: int, bits: int) -> tuple[Analyse, Any]:
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.feature_extraction.text import HashingVectorizer

    vectoriser = HashingVectorizer(
        analyzer=kind, ngram_range=(shortest, longest), token_pattern=SIGNS_AND_WORDS
    )
    hasher = FeatureHasher(2**bits, input_type="string", dtype=np.float32, alternate_sign=False)
    return vectoriser.build_analyzer(), hasher


def unit_runs(texts: Sequence[str], shortest: int, longest: int, bits: int) -> Sparse:
    """Return log1p counts of runs of characters within words, each row of unit length.

    Parameters
    ----------
    texts, shortest, longest, bits
        As of `counts`.
    """
    ones = np.ones(2**bits, np.float32)
    return weighted(counts(texts, CHARACTERS, shortest, longest, bits), ones)


def weighted(counted: Sparse, idf: FloatArray) -> Sparse:
    """Return counts times `idf`, each row of unit length.

    Parameters
    ----------
    counted
        From `counts`, (n, 2**bits).
    idf
        Shape (2**bits,): what is rare weighs more.
    """
    from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

    rows = counted.copy()
    rows.data *= idf[rows.indices]
    inplace_csr_row_normalize_l2(rows)
    return rows
