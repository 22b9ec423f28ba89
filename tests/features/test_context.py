import numpy as np
import pytest

from features.context import NAMES, context
from features.schema import MEDIA_TYPES, PLATFORMS, Post


def row(post: Post) -> dict[str, float]:
    return dict(zip(NAMES, map(float, context([post])[0]), strict=True))


def test_context_marks_one_platform_and_one_media_type() -> None:
    found = row(Post("hi", platform="x", media_type="photo"))
    assert [name for name, number in found.items() if number == 1] == [
        "context_x",
        "context_media_photo",
    ]
    assert found["context_facebook"] == 0


def test_context_of_an_unknown_post_is_missing() -> None:
    assert np.isnan(context([Post("hi")])).all()


@pytest.mark.parametrize(("paid", "expected"), [(True, 1.0), (False, 0.0)])
def test_context_paid(paid: bool, expected: float) -> None:
    assert row(Post("hi", is_paid=paid))["context_paid"] == expected


def test_context_followers_on_a_log_scale() -> None:
    followers = row(Post("hi", followers=99))["context_followers"]
    assert followers == pytest.approx(np.log(100))


def test_context_shape() -> None:
    assert context([]).shape == (0, len(NAMES))
    assert len(NAMES) == len(PLATFORMS) + len(MEDIA_TYPES) + 2
    assert len(set(NAMES)) == len(NAMES)
