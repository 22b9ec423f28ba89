"""Making a Unigram vocabulary smaller: what most of an encoder of a hundred languages weighs.

A Unigram tokenizer needs no merges, so a piece may be left out: the texts that used it are cut
into smaller pieces, which the encoder knows as well. Every single character of our scripts stays,
so that no text in them becomes unknown.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from features.errors import ModelError
from features.text.cleaning import clean

SPACE = "\u2581"
"""How a Unigram vocabulary writes the start of a word."""

CHUNK = 2000

FEW_PIECES = 1_000_000
"""Added to the pieces of a language: keeps a handful of texts from outweighing everything else."""

_OURS = re.compile(
    r"[\u2581\u0000-\u052f\u0590-\u06ff\u1e00-\u2bff\u3000-\u30ff\ufe00-\uffff"
    r"\U0001f000-\U0001faff]+"
)
"""Latin, Greek, Cyrillic, Hebrew, Arabic, signs, kana, emoji. What is written otherwise stays where
it is used: a vocabulary holds 7,700 single Han characters, and half of them nobody writes."""


@dataclass(frozen=True, eq=False)
class Pruned:
    """A smaller tokenizer, and which rows of the old embedding table its pieces are."""

    tokenizer: Tokenizer
    kept: NDArray[np.int64]


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """How often each piece is used, over texts of any number; they are cleaned here."""
    counts: Counter[int] = Counter()
    remaining = iter(texts)
    while cleaned := [clean(text) for text in islice(remaining, CHUNK)]:
        for encoding in tokenizer.encode_batch_fast(cleaned, add_special_tokens=False):
            counts.update(encoding.ids)
    return counts


def choose_pieces(
    tokenizer: Tokenizer, counts: Mapping[str, Counter[int]], size: int
) -> frozenset[int]:
    """Choose the pieces to keep.

    Parameters
    ----------
    tokenizer
        Unigram.
    counts
        From `count_pieces`, by language: a piece counts as often as in the language that uses it
        most, so that a language with few texts keeps its words beside one with many.
    size
        How many pieces, special ones included. Special pieces and the single characters of our
        scripts stay even where they alone are more.

    Returns
    -------
    frozenset of int
        Ids: special pieces, single characters, pieces in order of their use, and, where room is
        left, those of our scripts that the vocabulary itself holds for the most probable.
    """
    vocabulary = _unigram(tokenizer)["vocab"]
    added = {int(item["id"]) for item in _state(tokenizer)["added_tokens"]}
    ours = [place for place, (piece, _) in enumerate(vocabulary) if _OURS.fullmatch(piece)]
    kept = {place for place in ours if len(vocabulary[place][0].removeprefix(SPACE)) <= 1} | added
    by_score = sorted(ours, key=lambda place: -vocabulary[place][1])
    for piece in (*_by_use(counts.values()), *by_score):
        if len(kept) >= size:
            break
        kept.add(piece)
    return frozenset(kept)


def _by_use(counts: Iterable[Counter[int]]) -> list[int]:
    share: dict[int, float] = {}
    for counter in counts:
        total = counter.total() + FEW_PIECES
        for piece, count in counter.items():
            share[piece] = max(share.get(piece, 0.0), count / total)
    return sorted(share, key=lambda piece: (-share[piece], piece))


def prune(tokenizer: Tokenizer, keep: frozenset[int]) -> Pruned:
    """Rewrite a Unigram tokenizer with only the pieces in `keep`, numbered anew in their order.

    Raises
    ------
    ModelError
        If the tokenizer is of another kind: merges or sub-words cannot be left out singly.
    """
    state = _state(tokenizer)
    vocabulary = _unigram(tokenizer)["vocab"]
    kept = sorted(keep)
    number = {old: new for new, old in enumerate(kept)}
    state["model"]["vocab"] = [
        [piece, round(score, 5)] for piece, score in _entries(state, vocabulary, kept)
    ]
    state["model"]["unk_id"] = number[state["model"]["unk_id"]]
    for item in state["added_tokens"]:
        item["id"] = number[item["id"]]
    _renumber(state["post_processor"], number)
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    return Pruned(Tokenizer.from_str(text), np.array(kept, dtype=np.int64))


def _entries(
    state: dict[str, Any], vocabulary: Sequence[tuple[str, float]], kept: Sequence[int]
) -> list[tuple[str, float]]:
    # A special piece may be numbered past the vocabulary; inside, it needs an entry to hold on to.
    extra = {int(item["id"]): (str(item["content"]), 0.0) for item in state["added_tokens"]}
    return [vocabulary[old] if old < len(vocabulary) else extra[old] for old in kept]


def _state(tokenizer: Tokenizer) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(tokenizer.to_str())
    return state


def _unigram(tokenizer: Tokenizer) -> dict[str, Any]:
    model: dict[str, Any] = _state(tokenizer)["model"]
    if model.get("type") != "Unigram":
        raise ModelError(
            f"Only a Unigram vocabulary can be pruned; this one is {model.get('type')}."
            " Export it whole."
        )
    return model


def _renumber(part: Any, number: dict[int, int]) -> None:
    """Renumber the ids that a post-processor adds: `{"ids": [0, …]}`, at any depth."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "ids":
                part[key] = [number[old] for old in value]
            else:
                _renumber(value, number)
    elif isinstance(part, list):
        for value in part:
            _renumber(value, number)
