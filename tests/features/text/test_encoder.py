import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from features.errors import ModelError
from features.text.encoder import MANIFEST, MODEL, TOKENIZER, Encoder, batches, padded

JOY = "b113405b6f9114b2"
TEXTS = [
    "we love joy !",
    "smutek",
    "",
    "new sale today , share now !",
    "kocham radość , super , tak tak tak !",
    "smutek",
]


@pytest.fixture
def folder(tiny_encoder_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_encoder_folder, tmp_path / "encoder"))


@pytest.fixture(scope="module")
def encoder(tiny_encoder_folder: Path) -> Encoder:
    return Encoder.load(tiny_encoder_folder)


def unit(vector: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(vector / np.linalg.norm(vector))


def test_one_word_is_its_own_vector(encoder: Encoder) -> None:
    # What sha256 of "joy" begins with.
    first = np.array(list(bytes.fromhex(JOY))) / 127.5 - 1
    np.testing.assert_allclose(encoder.encode(["joy"])[0], unit(first), atol=1e-6)


def test_two_words_lie_between_their_vectors(encoder: Encoder) -> None:
    joy, loss, both = encoder.encode(["joy", "loss", "joy loss"])
    assert both @ joy > joy @ loss
    assert both @ loss > joy @ loss


def test_rows_are_unit_float32_in_order(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (6, encoder.dimension)
    assert vectors.dtype == np.float32
    kept = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(np.linalg.norm(vectors[kept], axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors[1], vectors[5])


def test_vector_does_not_depend_on_the_batch(encoder: Encoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-6)


def test_texts_are_cleaned(encoder: Encoder) -> None:
    raw, cleaned = encoder.encode(["joy   https://a.example/b?c", "joy"])
    np.testing.assert_array_equal(raw, cleaned)


def test_what_is_beyond_the_longest_text_is_not_read(encoder: Encoder) -> None:
    long, longer = encoder.encode(["joy " * 16 + "loss", "joy " * 16 + "fear fear fear"])
    np.testing.assert_array_equal(long, longer)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_progress_counts_every_text(encoder: Encoder) -> None:
    seen: list[int] = []
    encoder.encode(TEXTS, seen.append)
    assert sum(seen) == len(TEXTS)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "😀" * 50, "שלום", "x" * 40_000])
def test_odd_text_gives_numbers(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.encode([text])).all()


@pytest.mark.parametrize(
    ("limit", "padding", "expected"),
    [
        (100, 10, [[4], [1], [2, 3, 0, 5]]),
        (100, 50, [[4], [1, 2], [3, 0, 5]]),
        (14, 10, [[4], [1], [2, 3], [0, 5]]),
        (900, 900, [[4, 1, 2, 3], [0, 5]]),
    ],
)
def test_batches_hold_every_row_once_within_the_limits(
    limit: int, padding: int, expected: list[list[int]]
) -> None:
    found = batches([3, 50, 7, 7, 200, 1], limit, padding)
    assert [rows.tolist() for rows in found] == expected


def test_no_rows_make_no_batches() -> None:
    assert list(batches([])) == []


def test_padding_is_masked() -> None:
    ids, mask = padded([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_altered_file_is_refused(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=f"{name} was altered"):
        Encoder.load(folder)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        Encoder.load(folder)


def test_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not an encoder folder"):
        Encoder.load(tmp_path)


def test_later_format_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"format_version": 99}))
    with pytest.raises(ModelError, match=r"format 99.*Upgrade"):
        Encoder.load(folder)


def test_digest_follows_the_manifest_not_its_layout(folder: Path, encoder: Encoder) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=4))
    assert Encoder.load(folder).digest == encoder.digest
    (folder / MANIFEST).write_text(json.dumps(manifest | {"prefix": "query: "}))
    assert Encoder.load(folder).digest != encoder.digest


def test_scoring_never_imports_torch(tiny_encoder_folder: Path) -> None:
    code = (
        "import sys, pathlib; from features.text.encoder import Encoder;"
        "from features.text.cache import EmbeddingCache; from models.encoders import EncoderStore;"
        f"Encoder.load(pathlib.Path({str(tiny_encoder_folder)!r})).encode(['joy']);"
        "assert not {'torch', 'transformers', 'onnx'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
