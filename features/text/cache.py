"""Embeddings kept between runs, by what was embedded: nothing is ever computed twice.

The key is the hash of the encoder's digest and the cleaned text, so that a vector can be neither
stale nor taken for another encoder's, and the file holds no text.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from features.errors import StoreError
from features.schema import FloatArray
from features.text.cleaning import clean
from features.text.encoder import WINDOW, Encoder, Progress

LOOKUP = 500
"""Keys in one query: below SQLite's limit on variables in every build."""

WAIT_SECONDS = 60.0
"""How long to wait for another process that is writing."""


class EmbeddingCache:
    """A file of embeddings in half precision, shared by every encoder.

    Parameters
    ----------
    path
        An SQLite file; made, with its folder, when first used. It may be deleted at any time.
        Every window of texts is committed on its own: a killed run loses one window at most.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def encode(
        self, encoder: Encoder, texts: Sequence[str], progress: Progress | None = None
    ) -> FloatArray:
        """Embed texts as `Encoder.encode` does, computing only what is not yet kept.

        Parameters
        ----------
        encoder
            Whose vectors are wanted.
        texts
            Raw; they are cleaned here.
        progress
            Called with the number of texts finished since the last call.

        Returns
        -------
        float32 array (n, dimension)
            Rounded to half precision (components within 0.0003), the first time as well, so that
            a run gives the same vectors whether or not they were kept.

        Raises
        ------
        StoreError
            If the file cannot be read or written.
        """
        vectors = np.empty((len(texts), encoder.dimension), dtype=np.float32)
        with self._open() as connection:
            for start in range(0, len(texts), WINDOW):
                window = texts[start : start + WINDOW]
                vectors[start : start + len(window)] = _window(
                    connection, encoder, window, progress
                )
        return vectors

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as connection:
                # With a write-ahead log a killed process leaves a whole file behind.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS embedding"
                    " (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
                )
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The embedding cache {self.path} cannot be used: {error}. It may be deleted."
            ) from error


def _window(
    connection: sqlite3.Connection,
    encoder: Encoder,
    texts: Sequence[str],
    progress: Progress | None,
) -> FloatArray:
    keys = [_key(encoder.digest, text) for text in texts]
    # Only texts whose vectors are missing are encoded, each once.
    found = _read(connection, list(dict.fromkeys(keys)))
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
    if progress is not None and len(missing) < len(texts):
        progress(len(texts) - len(missing))
    if missing:
        fresh = encoder.encode(list(missing.values()), progress).astype(np.float16)
        new = {key: row.tobytes() for key, row in zip(missing, fresh, strict=True)}
        _write(connection, new)
        found |= new
    halves = np.frombuffer(b"".join(found[key] for key in keys), dtype=np.float16)
    return halves.reshape(len(texts), encoder.dimension).astype(np.float32)


def _key(digest: str, text: str) -> bytes:
    return hashlib.sha256(f"{digest}\n{clean(text)}".encode()).digest()


def _read(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), LOOKUP):
        some = keys[start : start + LOOKUP]
        places = ",".join("?" * len(some))
        query = f"SELECT key, vector FROM embedding WHERE key IN ({places})"
        found.update(connection.execute(query, some))
    return found


def _write(connection: sqlite3.Connection, vectors: Mapping[bytes, bytes]) -> None:
    with connection:
        connection.executemany("INSERT OR IGNORE INTO embedding VALUES (?, ?)", vectors.items())
