from pathlib import Path

import numpy as np
import pytest

from features.text.shape import NAMES, shapes
from models.novelty import (
    QUANTILES,
    WITHIN,
    Novelty,
    Regression,
    expanded,
    standardised,
)


def by_digits() -> Novelty:
    """Log odds of ten for each part of digits; held-out posts had none to a half of them."""
    count = len(NAMES)
    weights = np.zeros(count + count * (count + 1) // 2 + 1)
    weights[NAMES.index("digits")] = 10.0
    return Novelty(
        Regression(np.zeros(count), np.ones(count), weights), np.linspace(0, 5, QUANTILES)
    )


def measured(novelty: Novelty, text: str) -> float:
    return float(novelty.measure([text])[0])


def test_novelty_is_the_part_of_posts_that_look_more_like_posts() -> None:
    assert measured(by_digits(), "We open the old cinema") == 0
    assert measured(by_digits(), "abc123def") == pytest.approx(WITHIN * 2 / 3, abs=1e-4)
    assert WITHIN < measured(by_digits(), "12345678") < 1


def test_what_means_nothing_in_a_script_counts_as_usual() -> None:
    shape = standardised(shapes(["开业大吉"]), np.full(len(NAMES), 0.5), np.ones(len(NAMES)))
    assert (shape[0, NAMES.index("vowels") :] == 0).all()


def test_products_stand_behind_the_columns() -> None:
    assert expanded(np.array([[2.0, 3.0]])).tolist() == [[2, 3, 4, 6, 9]]


def test_comes_back_from_its_file(tmp_path: Path) -> None:
    by_digits().save(tmp_path)
    for text in ("We open the old cinema", "abc123def", "12345678"):
        assert measured(Novelty.load(tmp_path), text) == measured(by_digits(), text)
