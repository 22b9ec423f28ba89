from pathlib import Path

import numpy as np

from features.schema import FloatArray
from models.novelty import Novelty


def cloud(seed: int, n: int = 400) -> FloatArray:
    """Points around the first axis."""
    draw = np.random.default_rng(seed).normal(0, 0.1, (n, 6))
    draw[:, 0] += 1
    rows = draw / np.linalg.norm(draw, axis=1, keepdims=True)
    return np.asarray(rows, dtype=np.float32)


def fitted() -> Novelty:
    return Novelty.fit(cloud(1), cloud(2), seed=0)


def test_posts_like_the_training_posts_are_spread_evenly() -> None:
    found = fitted().measure(cloud(3))
    assert 0.4 < np.median(found) < 0.6
    assert (found >= 0.999).mean() < 0.02


def test_a_stranger_is_novel() -> None:
    stranger = np.array([[0, 0, 0, 0, 0, 1]], dtype=np.float32)
    assert fitted().measure(stranger)[0] == 1


def test_comes_back_from_its_file(tmp_path: Path) -> None:
    novelty = fitted()
    novelty.save(tmp_path / "n.npz")
    np.testing.assert_allclose(
        Novelty.load(tmp_path / "n.npz").measure(cloud(3)), novelty.measure(cloud(3)), atol=1e-6
    )
