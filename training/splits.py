"""Which rows are held out: decided by a hash of the row's own key, never by its position.

The *vault* holds the same accounts, groups and texts out of every training: of the heads, of the
encoder's fine-tuning, of later versions. A champion and its challenger can then be compared on rows
that neither has seen. One exception: a share training on few accounts learns from the earlier posts
of all of them (`training.share.holdout`). Beside such a champion, a version that holds out whole
accounts is judged on posts from after that training alone.

What is fitted on the vault is few numbers and said where it is measured: blends, scales and
intervals of emotions, cross-fitted, and the worth of a lead between wordings.
"""

import unicodedata
from collections.abc import Iterable
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]

VAULT_SHARE = 0.1
VAULT_SALT = "prescore vault 1"
"""Changing it reshuffles every vault and makes earlier versions incomparable."""

TAUGHT_SHARE = 0.75
TAUGHT_SALT = "prescore taught 1"


def text_key(text: str) -> str:
    """Return what two texts share when they differ only in case, width or spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def hash_shares(keys: Iterable[str], salt: str) -> NDArray[np.float64]:
    """Return one number in [0, 1) for each key, evenly spread and always the same.

    Parameters
    ----------
    keys
        n keys; equal keys get equal numbers.
    salt
        Different salts give unrelated numbers.

    Returns
    -------
    ndarray of shape (n,)
    """
    seen: dict[str, float] = {}
    shares = []
    for key in keys:
        if key not in seen:
            digest = sha256(f"{salt}\0{key}".encode("utf-8", "surrogatepass")).digest()
            seen[key] = int.from_bytes(digest[:6], "big") / 2**48
        shares.append(seen[key])
    return np.array(shares, dtype=np.float64)


def vault(keys: Iterable[str], share: float = VAULT_SHARE) -> BoolArray:
    """Return True for the rows that no training may see.

    Parameters
    ----------
    keys
        n keys: the account of a post, the group of a comparison, the `text_key` of a labelled text.
    share
        Part of the keys to hold out, 0..1. A larger share keeps every row of a smaller one.

    Returns
    -------
    ndarray of shape (n,)
    """
    return hash_shares(keys, VAULT_SALT) < share


def taught(keys: Iterable[str], share: float = TAUGHT_SHARE) -> BoolArray:
    """Return True for the groups of comparisons that an encoder may be taught.

    The others are for what is fitted on its embeddings: the encoder remembers some of what it was
    taught, so that there its opinion would be trusted further than it deserves.

    Returns
    -------
    ndarray of shape (n,)
    """
    return hash_shares(keys, TAUGHT_SALT) < share


def group_folds(keys: Iterable[str], seed: int, folds: int) -> NDArray[np.intp]:
    """Return the fold, 0..folds-1, of each row; equal keys share a fold.

    Returns
    -------
    ndarray of shape (n,)
    """
    return (hash_shares(keys, f"prescore folds {seed}") * folds).astype(np.intp)
