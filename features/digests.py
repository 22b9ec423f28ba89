"""Digests of files and settings: by them models and encoders are known to be whole."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def sha256_of_json(content: Mapping[str, Any]) -> str:
    """Return the sha256 of canonical JSON, hexadecimal: spacing and order make no difference."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
