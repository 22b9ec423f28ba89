import numpy as np
import pytest

from models.views import LinearHeads
from training.emotion.even import even_heads

RNG = np.random.default_rng(0)
MEANING, GENDER, NOTHING = np.eye(3, dtype=np.float32)


def heads() -> LinearHeads:
    """Joy reads the meaning of a text, and who it is about as well."""
    weights = (2 * MEANING + GENDER)[:, None].astype(np.float32)
    return LinearHeads(("emotion/joy",), weights, np.zeros(1, np.float32), np.array([False]))


def texts(n: int = 500) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Embeddings that vary in meaning, and a little in gender."""
    drawn = RNG.normal(0, 1, (n, 1)) * MEANING + RNG.normal(0, 0.3, (n, 1)) * GENDER + 0.2
    return np.asarray(drawn, dtype=np.float32)


def test_even_heads_forget_who_and_keep_what() -> None:
    ordinary = texts()
    first = texts(200)
    second = first + GENDER
    found = even_heads(heads(), ordinary, first, second, strength=4.0)
    before = np.abs(heads()(first) - heads()(second)).mean()
    after = np.abs(found(first) - found(second)).mean()
    assert before == pytest.approx(1.0)
    assert after < 0.1
    assert found.weights[0, 0] == pytest.approx(2.0, abs=0.05)
    assert found(ordinary).mean() == pytest.approx(heads()(ordinary).mean(), abs=1e-4)


def test_a_stronger_penalty_is_more_even() -> None:
    first = texts(200)
    gaps = []
    for strength in (0.0, 0.25, 1.0, 4.0):
        found = even_heads(heads(), texts(), first, first + GENDER, strength)
        gaps.append(float(np.abs(found(first) - found(first + GENDER)).mean()))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] == pytest.approx(1.0, abs=1e-3)


def test_even_heads_read_no_columns_that_they_did_not_read() -> None:
    both = heads().beside(heads().within(3, 0), "start-")
    wide = both.within(6, 0).beside(heads().within(6, 3), "own-")
    ordinary, first = np.hstack([texts(), texts()]), np.hstack([texts(200), texts(200)])
    second = first + np.hstack([GENDER, GENDER])
    found = even_heads(wide, ordinary, first, second, strength=4.0)
    assert not found.weights[3:, :2].any()
    assert not found.weights[:3, 2].any()
    assert np.abs(found(first) - found(second)).max() < 0.1
