"""Copies of posts and comparisons with stuffing pasted on, and the result of the original.

They teach the share model that emoji, hashtags, capitals, pleas and lost word order change nothing:
whoever pastes them on a finished draft is not shared more for it. The gate measures with other
stuffing (`training.probes.tricks`).
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import vstack

from training.probes.reading import probe_texts
from training.share.data import Encode, PairRows, PostRows, blocks

MOST = 8
"""Signs, tags or pleas pasted on at once."""

WAYS = ("signs", "tags", "pleas", "pleas", "capitals", "exclamations", "shuffled")


def stuffed(text: str, language: str | None, draw: np.random.Generator) -> str:
    """Return a text stuffed in one to three ways.

    Parameters
    ----------
    text
        To be stuffed.
    language
        In which it may plead; English where there are no pleas in it.
    draw
        Chooses ways, signs and their number.
    """
    for way in draw.choice(WAYS, draw.integers(1, 4)):
        text = _stuffed(text, str(way), language, draw)
    return text


def _stuffed(text: str, way: str, language: str | None, draw: np.random.Generator) -> str:
    if way == "capitals":
        return text.upper()
    if way == "exclamations":
        return text.rstrip(".!?…") + "!" * int(draw.integers(1, 2 * MOST))
    if way == "shuffled":
        return " ".join(draw.permutation(text.split()).tolist())
    kinds = probe_texts("stuffing")
    pleas = kinds["pleas"].get(language or "", kinds["pleas"]["en"])
    pasted = pleas if way == "pleas" else kinds[way]
    added = " ".join(draw.choice(pasted, draw.integers(1, MOST)).tolist())
    return f"{text} {added}" if draw.random() < 0.8 else f"{added} {text}"


def with_stuffed_posts(rows: PostRows, encode: Encode, share: float, seed: int) -> PostRows:
    """Return posts with stuffed copies of a part of them behind; see the module.

    Parameters
    ----------
    rows
        n posts.
    encode
        Texts to embeddings.
    share
        How many copies, of the n posts.
    seed
        Draws posts and stuffing.
    """
    draw = np.random.default_rng(seed)
    chosen = np.sort(draw.permutation(len(rows))[: round(share * len(rows))])
    if not len(chosen):
        return rows
    part = rows.take(chosen)
    copies = _copies(part, encode, draw)
    kept = ("states", "recalled", "outcome", "unclipped", "weights")
    copies = replace(copies, **{name: getattr(part, name) for name in kept})
    # The clock of some posts was hidden; it stays so.
    fixed = np.where(np.isnan(part.fixed), part.fixed, copies.fixed)
    return joined(rows, replace(copies, fixed=fixed))


def with_stuffed_pairs(pairs: PairRows, encode: Encode, share: float, seed: int) -> PairRows:
    """Return comparisons with copies behind of which one side, drawn by lot, is stuffed."""
    draw = np.random.default_rng(seed + 1)
    mask = draw.random(len(pairs)) < share
    if not mask.any():
        return pairs
    part = pairs.take(mask)
    side = draw.random(len(part)) < 0.5
    first, second = (
        _one_side(part.first, side, encode, draw),
        _one_side(part.second, ~side, encode, draw),
    )
    return PairRows(
        joined(pairs.first, first),
        joined(pairs.second, second),
        np.concatenate([pairs.won, part.won]),
        np.concatenate([pairs.groups, part.groups]),
        np.concatenate([pairs.platforms, part.platforms]),
        np.concatenate([pairs.weights, part.weights]),
        np.concatenate([pairs.weeks, part.weeks]),
        np.concatenate([pairs.taught, part.taught]),
    )


def _one_side(
    rows: PostRows, chosen: NDArray[np.bool_], encode: Encode, draw: np.random.Generator
) -> PostRows:
    """Return the rows with the chosen ones stuffed."""
    if not chosen.any():
        return rows
    both = joined(rows, _copies(rows.take(chosen), encode, draw))
    places = np.arange(len(rows))
    places[chosen] = len(rows) + np.arange(int(chosen.sum()))
    return both.take(places)


def _copies(rows: PostRows, encode: Encode, draw: np.random.Generator) -> PostRows:
    posts = [replace(post, text=stuffed(post.text, post.language, draw)) for post in rows.posts]
    return blocks(rows.frame, posts, rows.keys, encode)


def joined(first: PostRows, second: PostRows) -> PostRows:
    """Return the rows of both, one after the other."""
    arrays = (
        "embeddings",
        "fixed",
        "states",
        "recalled",
        "outcome",
        "unclipped",
        "weights",
        "keys",
    )
    together = {
        name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in arrays
    }
    return replace(
        first,
        frame=pd.concat([first.frame, second.frame]),
        posts=[*first.posts, *second.posts],
        counts=vstack([first.counts, second.counts]).tocsr(),
        **together,
    )
