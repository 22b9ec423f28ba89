"""The columns of the share model: which they are, to which family they belong, how they are made.

Families are what a person is told the reasons in; each column belongs to exactly one.
"""

from collections.abc import Sequence

import numpy as np

from features import clock, context
from features.account import history
from features.catalogue import RECALL, guard
from features.errors import LeakageError
from features.schema import FloatArray, Post
from features.text import surface
from features.text.cleaning import plain

TEXT = "text"
"""Family of the embedding and of everything read off the words."""

FORMAT = "format"
"""Family of the media type: unlike the rest of the context, it can be chosen anew for a post."""

RECALLED = "recall"
"""Family of what the account's own posts tell of posts like it."""

FIXED_NAMES: tuple[str, ...] = (*surface.NAMES, *clock.NAMES, *context.NAMES)
FAMILIES: tuple[str, ...] = (
    TEXT,
    surface.SURFACE,
    clock.CLOCK,
    context.CONTEXT,
    FORMAT,
    history.HISTORY,
    RECALLED,
)
SURFACE_AT = slice(0, len(surface.NAMES))
CLOCK_AT = slice(SURFACE_AT.stop, SURFACE_AT.stop + len(clock.NAMES))
CONTEXT_AT = slice(CLOCK_AT.stop, CLOCK_AT.stop + len(context.NAMES))


def fixed_columns(posts: Sequence[Post]) -> FloatArray:
    """Surface, clock and context of drafts: what needs neither an encoder nor a history.

    Returns
    -------
    ndarray of shape (n, len(FIXED_NAMES))
    """
    return np.hstack(
        [
            surface.surface([plain(post.text) for post in posts]),
            clock.clock(
                [post.published_at for post in posts],
                [post.timezone for post in posts],
                [post.language for post in posts],
            ),
            context.context(posts),
        ]
    ).astype(np.float32)


def assemble(
    embeddings: FloatArray,
    views: FloatArray,
    fixed: FloatArray,
    states: FloatArray,
    recalled: FloatArray,
) -> FloatArray:
    """All columns of the trees, in the order of `families_of`.

    Returns
    -------
    ndarray of shape (n, d + v + len(FIXED_NAMES) + len(features.account.history.NAMES) + 2)
    """
    blocks = [embeddings, views, fixed, states, recalled]
    return np.hstack(blocks).astype(np.float32, copy=False)


def names_of(dimension: int, views: Sequence[str]) -> tuple[str, ...]:
    """The catalogue's name of each column of `assemble`.

    Parameters
    ----------
    dimension
        Length of an embedding.
    views
        Names of the columns of the text view.
    """
    return (
        *(f"embedding_{place}" for place in range(dimension)),
        *(f"view_{name}" for name in views),
        *FIXED_NAMES,
        *history.NAMES,
        *(column.name for column in RECALL),
    )


def check_inputs(columns: FloatArray, dimension: int, views: Sequence[str]) -> None:
    """Let only columns of `assemble` pass that the catalogue says are known before publishing.

    Raises
    ------
    LeakageError
        When one is known only afterwards, or has no name in the catalogue.
    """
    names = names_of(dimension, views)
    guard(names)
    if columns.shape[1] != len(names):
        raise LeakageError(
            f"Got {columns.shape[1]} input columns, of which {len(names)} have a name; "
            "name each in the COLUMNS of its feature module, which says when it becomes known."
        )


def families_of(dimension: int, views: int) -> tuple[str, ...]:
    """The family of each column of `assemble`.

    Parameters
    ----------
    dimension
        Length of an embedding.
    views
        Columns of the text view.
    """
    return (
        *[TEXT] * (dimension + views),
        *[surface.SURFACE] * len(surface.NAMES),
        *[clock.CLOCK] * len(clock.NAMES),
        *(FORMAT if name in context.MEDIA_NAMES else context.CONTEXT for name in context.NAMES),
        *[history.HISTORY] * len(history.NAMES),
        *[RECALLED] * len(RECALL),
    )


def drift_columns(fixed: FloatArray, states: FloatArray) -> FloatArray:
    """What an account's next usual post is told from: the context, the history.

    Returns
    -------
    ndarray of shape (n, len(context.NAMES) + len(features.account.history.NAMES))
    """
    return np.hstack([fixed[:, CONTEXT_AT], states]).astype(np.float32)


def error_columns(
    score: FloatArray, fixed: FloatArray, states: FloatArray, recalled: FloatArray
) -> FloatArray:
    """What the expected size of the error is told from: score, context, history, and recall.

    Returns
    -------
    ndarray of shape (n, 1 + len(context.NAMES) + len(features.account.history.NAMES) + 2)
    """
    known = drift_columns(fixed, states)
    return np.hstack([score[:, None].astype(np.float32), known, recalled.astype(np.float32)])
