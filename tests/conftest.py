"""Parts that several test files share."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from features.text.encoder import FORMAT_VERSION, MANIFEST, MODEL, TOKENIZER, VECTOR, file_digest
from tests.postgres import Postgres, running

TINY_DIMENSION = 8
TINY_WORDS = (
    "joy",
    "happy",
    "great",
    "love",
    "radość",
    "super",
    "kocham",
    "sad",
    "loss",
    "smutek",
    "strata",
    "angry",
    "wstyd",
    "fear",
    "strach",
    "new",
    "sale",
    "win",
    "share",
    "udostępnij",
    "now",
    "today",
    "dziś",
    "the",
    "a",
    "is",
    "we",
    "i",
    "nie",
    "tak",
    "!",
    "?",
    ".",
    ",",
    "http",
    "@user",
    "😀",
    "😡",
)
"""The words of the tiny encoder; whatever else is written is cut into single characters."""

TINY_LETTERS = "abcdefghijklmnopqrstuvwxyząćęłńóśźż0123456789#'-:()/"


@pytest.fixture(scope="session")
def tiny_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real encoder folder, milliseconds to load: a text's vector is the mean of its words'."""
    folder = tmp_path_factory.mktemp("tiny-encoder")
    pieces = ["[PAD]", "[UNK]", *TINY_WORDS, *TINY_LETTERS]
    vocabulary = {piece: place for place, piece in enumerate(dict.fromkeys(pieces))}
    _tiny_tokenizer(vocabulary).save(str(folder / TOKENIZER))
    onnx.save(_tiny_graph([tiny_vector(piece) for piece in vocabulary]), str(folder / MODEL))
    manifest = {
        "format_version": FORMAT_VERSION,
        "name": "tiny",
        "source": "tests",
        "licence": "Apache-2.0",
        "pooling": "mean",
        "prefix": "",
        "max_tokens": 16,
        "dimension": TINY_DIMENSION,
        "precision": "float32",
        "network": {"kind": "bag of words"},
        "files": {name: file_digest(folder / name) for name in (MODEL, TOKENIZER)},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def tiny_vector(piece: str) -> list[float]:
    """The vector of one piece: the first bytes of its hash, from -1 to 1."""
    digest = hashlib.sha256(piece.encode()).digest()
    return [byte / 127.5 - 1 for byte in digest[:TINY_DIMENSION]]


def _tiny_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    # WordPiece with an empty mark for what continues a word: known words, else their letters.
    model = models.WordPiece(
        vocabulary, unk_token="[UNK]", continuing_subword_prefix="", max_input_chars_per_word=100
    )
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


def _tiny_graph(vectors: list[list[float]]) -> onnx.ModelProto:
    constants: dict[str, NDArray[Any]] = {
        "vectors": np.array(vectors, dtype=np.float32),
        "words": np.array([1], dtype=np.int64),
        "columns": np.array([2], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["looked_up"]),
        helper.make_node("Cast", ["attention_mask"], ["kept"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["kept", "columns"], ["column"]),
        helper.make_node("Mul", ["looked_up", "column"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "words"], ["total"], keepdims=0),
        helper.make_node("LpNormalization", ["total"], [VECTOR], axis=-1, p=2),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info(VECTOR, TensorProto.FLOAT, ["batch", TINY_DIMENSION])
    stored = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this run's own."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind; what is promised of one is promised of both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'history.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.url(server.fresh())
