"""Digests of files: by them models and encoders are known to be whole."""

import hashlib
from pathlib import Path

PIECE = 2**25
"""Bytes read at once. Between pieces a thread waits for every other that runs Python: in the small
pieces of `hashlib.file_digest`, hashing beside imports took fifty times as long."""


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, hexadecimal.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
