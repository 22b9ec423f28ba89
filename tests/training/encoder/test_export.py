from pathlib import Path

import numpy as np
import pytest
from torch import nn
from transformers import DistilBertConfig, DistilBertModel

from features.errors import ModelError
from features.schema import FloatArray
from features.text.encoder import MODEL, TOKENIZER, Encoder, read_manifest
from tests.training.small_encoders import TEXTS, small_bert, small_tokenizer
from training.encoder.base_models import load_base, with_vocabulary
from training.encoder.export import export_encoder
from training.encoder.sentence_encoder import EncoderInfo, SentenceEncoder


def cosines(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray((first * second).sum(axis=1))


def small_distilbert() -> SentenceEncoder:
    """Of another kind than BERT, with a dense layer after the pooling."""
    tokenizer = small_tokenizer()
    config = DistilBertConfig(
        vocab_size=tokenizer.get_vocab_size(), dim=32, n_layers=1, n_heads=2, hidden_dim=64
    )
    info = EncoderInfo("other", "tests", "Apache-2.0", max_tokens=20)
    head = nn.Sequential(nn.Linear(32, 8), nn.Tanh())
    return SentenceEncoder(DistilBertModel(config), tokenizer, info, 8, head).eval()


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_float_export_gives_what_torch_gives(tmp_path: Path, pooling: str) -> None:
    encoder = small_bert(pooling)
    digest = export_encoder(encoder, tmp_path / "out", quantise=False)
    exported = Encoder.load(tmp_path / "out")
    assert exported.digest == digest
    np.testing.assert_allclose(exported.encode(TEXTS), encoder.embed(TEXTS), atol=1e-5)


def test_int8_export_stays_close(tmp_path: Path) -> None:
    encoder = small_bert()
    export_encoder(encoder, tmp_path / "out")
    found = Encoder.load(tmp_path / "out").encode(TEXTS)
    assert cosines(found, encoder.embed(TEXTS)).min() > 0.999


def test_int8_vector_does_not_depend_on_the_batch(tmp_path: Path) -> None:
    export_encoder(small_bert(), tmp_path / "out")
    encoder = Encoder.load(tmp_path / "out")
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)


@pytest.mark.parametrize("quantise", [False, True])
def test_exported_weights_can_be_read_back(tmp_path: Path, quantise: bool) -> None:
    encoder = small_bert()
    export_encoder(encoder, tmp_path / "out", quantise=quantise)
    again = load_base(tmp_path / "out")
    assert again.info == encoder.info
    # What int8 lost, it lost once: the weights read back are those that were stored.
    precision = 0.999 if quantise else 0.999999
    assert cosines(again.embed(TEXTS), encoder.embed(TEXTS)).min() > precision
    export_encoder(again, tmp_path / "twice", quantise=quantise)
    np.testing.assert_allclose(
        Encoder.load(tmp_path / "twice").encode(TEXTS),
        Encoder.load(tmp_path / "out").encode(TEXTS),
        atol=1e-4,
    )


def test_pruned_export_knows_the_kept_words_as_before(tmp_path: Path) -> None:
    encoder = small_bert()
    lost = encoder.tokenizer.token_to_id("\u2581smutek")
    keep = frozenset(range(encoder.tokenizer.get_vocab_size())) - {lost}
    export_encoder(encoder, tmp_path / "out", vocabulary=keep, quantise=False)
    exported = Encoder.load(tmp_path / "out")
    same = [text for text in TEXTS if "smutek" not in text]
    np.testing.assert_allclose(exported.encode(same), encoder.embed(same), atol=1e-5)
    assert cosines(exported.encode(["smutek"]), encoder.embed(["smutek"])).max() < 0.999
    np.testing.assert_allclose(
        exported.encode(TEXTS), with_vocabulary(encoder, keep).embed(TEXTS), atol=1e-5
    )


@pytest.mark.parametrize("quantise", [False, True])
def test_other_network_is_traced(tmp_path: Path, quantise: bool) -> None:
    encoder = small_distilbert()
    export_encoder(encoder, tmp_path / "out", quantise=quantise)
    found = Encoder.load(tmp_path / "out").encode(TEXTS)
    assert found.shape == (len(TEXTS), 8)
    precision = 0.999 if quantise else 0.999999
    assert cosines(found, encoder.embed(TEXTS)).min() > precision
    with pytest.raises(ModelError, match="does not hold a BERT encoder"):
        load_base(tmp_path / "out")


def test_vocabulary_of_other_network_cannot_be_pruned(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Only the vocabulary of a BERT"):
        export_encoder(small_distilbert(), tmp_path / "out", vocabulary=frozenset({0}))
    assert not list(tmp_path.iterdir())


def test_manifest_says_what_is_needed_to_use_it(tmp_path: Path) -> None:
    export_encoder(small_bert(), tmp_path / "out")
    manifest = read_manifest(tmp_path / "out")
    assert manifest["prefix"] == "to "
    assert manifest["max_tokens"] == 20
    assert manifest["licence"] == "Apache-2.0"
    assert manifest["precision"] == "int8"
    assert set(manifest["files"]) == {MODEL, TOKENIZER}


def test_existing_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists already"):
        export_encoder(small_bert(), tmp_path)
