"""Where and how a post goes out: platform, media type, paid or organic, size of the audience."""

from collections.abc import Sequence

import numpy as np

from features.columns import Column
from features.schema import MEDIA_TYPES, PLATFORMS, FloatArray, Post

CONTEXT = "context"

COLUMNS: tuple[Column, ...] = (
    *(
        Column(f"context_{name}", CONTEXT, f"goes out on {name}", "yes = 1", "0, 1")
        for name in PLATFORMS
    ),
    *(
        Column(f"context_media_{name}", CONTEXT, f"media type is {name}", "yes = 1", "0, 1")
        for name in MEDIA_TYPES
    ),
    Column("context_paid", CONTEXT, "paid reach rather than organic", "yes = 1", "0, 1"),
    Column("context_followers", CONTEXT, "followers of the account", "log1p followers", "0.."),
)
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
MEDIA_NAMES: tuple[str, ...] = tuple(f"context_media_{name}" for name in MEDIA_TYPES)

_PLATFORM_AT = {name: place for place, name in enumerate(PLATFORMS)}
_MEDIA_AT = {name: len(PLATFORMS) + place for place, name in enumerate(MEDIA_TYPES)}
_PAID, _FOLLOWERS = NAMES.index("context_paid"), NAMES.index("context_followers")


def context(posts: Sequence[Post]) -> FloatArray:
    """Encode what is known of each post besides its text, time and account.

    Parameters
    ----------
    posts
        n posts with canonical platform and media type.

    Returns
    -------
    ndarray of shape (n, len(NAMES))
        An unknown platform or media type is a NaN in all of its columns, and so is whatever else
        is not known.
    """
    rows = np.full((len(posts), len(NAMES)), np.nan, dtype=np.float32)
    platforms, media = slice(0, len(PLATFORMS)), slice(len(PLATFORMS), _PAID)
    for row, post in zip(rows, posts, strict=True):
        if post.platform in _PLATFORM_AT:
            row[platforms] = 0
            row[_PLATFORM_AT[post.platform]] = 1
        if post.media_type in _MEDIA_AT:
            row[media] = 0
            row[_MEDIA_AT[post.media_type]] = 1
        if post.is_paid is not None:
            row[_PAID] = post.is_paid
        if post.followers is not None and post.followers >= 0:
            row[_FOLLOWERS] = np.log1p(post.followers)
    return rows
