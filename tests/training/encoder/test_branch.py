from pathlib import Path

import numpy as np
import pytest

from features.errors import ModelError
from features.text.cache import EmbeddingCache
from features.text.encoder import BRANCH, MODEL, TOKENIZER, Encoder, read_manifest
from tests.training.small_encoders import TEXTS, branched, small_bert
from training.encoder.base_models import load_base
from training.encoder.export import export_branch, export_encoder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return branched(tmp_path_factory.mktemp("branched"))


def test_trunk_gives_what_it_gave_and_the_branch_stands_beside_it(
    folders: tuple[Path, Path],
) -> None:
    before, whole = map(Encoder.load, folders)
    vectors = whole.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 64)
    np.testing.assert_array_equal(vectors[:, :32], before.encode(TEXTS))
    assert np.linalg.norm(vectors[:, 32:], axis=1) == pytest.approx(1, abs=1e-5)
    assert np.abs(vectors[:, 32:] - vectors[:, :32]).max() > 0.1


def test_branch_gives_what_torch_gives(folders: tuple[Path, Path]) -> None:
    own = load_base(folders[1])
    found = Encoder.load(folders[1]).encode(TEXTS)[:, 32:]
    assert (found * own.embed(TEXTS)).sum(axis=1).min() > 0.999


def test_vector_does_not_depend_on_the_batch(folders: tuple[Path, Path]) -> None:
    encoder = Encoder.load(folders[1])
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)


def test_trunk_goes_by_its_own_digest(folders: tuple[Path, Path]) -> None:
    before, whole = map(Encoder.load, folders)
    assert before.trunk is None
    assert whole.trunk is not None
    assert whole.trunk.digest == whole.trunk_digest == before.digest != whole.digest
    assert whole.of(before.digest).dimension == 32
    assert whole.of(whole.digest) is whole
    np.testing.assert_array_equal(whole.trunk.encode(TEXTS), before.encode(TEXTS))
    with pytest.raises(ModelError, match="Asked for the encoder sha256:00"):
        whole.of("sha256:00")


def test_embeddings_of_the_trunk_that_were_kept_stay_good(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    cache, (before, whole) = EmbeddingCache(tmp_path / "kept.db"), map(Encoder.load, folders)
    kept = cache.encode(before, TEXTS)
    trunk = whole.trunk
    assert trunk is not None
    trunk.encode = None  # type: ignore[assignment, method-assign]
    np.testing.assert_array_equal(cache.encode(trunk, TEXTS), kept)
    assert cache.encode(whole, TEXTS).shape == (len(TEXTS), 64)


def test_weights_are_read_back_with_the_branch_or_without(folders: tuple[Path, Path]) -> None:
    trunk, whole = folders
    digest = Encoder.load(trunk).digest
    same = load_base(whole, digest).embed(TEXTS)
    np.testing.assert_allclose(same, load_base(trunk).embed(TEXTS), atol=1e-6)
    assert np.abs(load_base(whole).embed(TEXTS) - same).max() > 0.1


def test_a_branch_is_taught_on_beside_the_same_trunk(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    trunk, whole = folders
    export_branch(load_base(whole), whole, 1, tmp_path / "again")
    again = Encoder.load(tmp_path / "again")
    assert again.trunk_digest == Encoder.load(trunk).digest
    np.testing.assert_allclose(again.encode(TEXTS), Encoder.load(whole).encode(TEXTS), atol=1e-4)


def test_folder_says_what_it_holds(folders: tuple[Path, Path]) -> None:
    before, after = map(read_manifest, folders)
    assert before["format_version"] == 1
    assert after["format_version"] == 2, "an earlier prescore would read the trunk for the whole"
    assert after["branch"] == {"layers": 1}
    assert after["trunk"] == before
    assert set(after["files"]) == {MODEL, BRANCH, TOKENIZER}


@pytest.mark.parametrize("layers", [0, 2])
def test_branch_must_leave_a_trunk(tmp_path: Path, layers: int) -> None:
    export_encoder(small_bert(), tmp_path / "trunk")
    with pytest.raises(ModelError, match="expected 1 to 1"):
        export_branch(small_bert(), tmp_path / "trunk", layers, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_other_network_cannot_have_a_branch(tiny_encoder_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot have a branch"):
        export_branch(small_bert(), tiny_encoder_folder, 1, tmp_path / "whole")
