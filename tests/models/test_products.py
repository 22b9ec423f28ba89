import numpy as np

from models.products import product


def test_a_row_comes_out_the_same_whatever_stands_beside_it() -> None:
    random = np.random.default_rng(1)
    rows = random.normal(size=(64, 384)).astype(np.float32)
    weights = random.normal(size=(384, 30)).astype(np.float32)
    together = product(rows, weights).astype(np.float32)
    for start, end in [(0, 1), (3, 4), (5, 12), (20, 53)]:
        alone = product(rows[start:end], weights).astype(np.float32)
        assert (alone == together[start:end]).all()


def test_a_product_is_one() -> None:
    assert product(np.array([[1, 2]]), np.array([[3], [4]])).tolist() == [[11.0]]
