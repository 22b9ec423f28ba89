import os
import shutil
from pathlib import Path

import pytest

from features.errors import ModelError
from features.text.encoder import MANIFEST, MODEL, Encoder
from models.encoders import EncoderStore
from models.persistence import new_folder
from tests.training.small_encoders import branched


@pytest.fixture
def digest(tiny_encoder_folder: Path) -> str:
    return Encoder.load(tiny_encoder_folder).digest


def test_added_encoder_is_found_under_its_digest(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str
) -> None:
    store = EncoderStore([tmp_path / "encoders"])
    assert store.add(tiny_encoder_folder) == [digest]
    assert store.find(digest) == tmp_path / "encoders" / digest.removeprefix("sha256:")
    assert Encoder.load(store.find(digest)).digest == digest


def test_adding_twice_keeps_one_copy(tiny_encoder_folder: Path, tmp_path: Path) -> None:
    store = EncoderStore([tmp_path])
    store.add(tiny_encoder_folder)
    store.add(tiny_encoder_folder)
    assert len(list(tmp_path.iterdir())) == 1


def test_shipped_encoder_is_found_without_a_copy(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str
) -> None:
    store = EncoderStore([tmp_path / "encoders", tiny_encoder_folder])
    assert store.find(digest) == tiny_encoder_folder
    assert not (tmp_path / "encoders").exists()


def test_unknown_encoder_is_fetched_once(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str
) -> None:
    asked: list[str] = []

    def fetch(wanted: str) -> Path:
        asked.append(wanted)
        return tiny_encoder_folder

    store = EncoderStore([tmp_path / "encoders"], fetch)
    assert store.find(digest) == store.find(digest)
    assert asked == [digest]


def test_fetched_encoder_must_be_the_one_asked_for(
    tiny_encoder_folder: Path, tmp_path: Path
) -> None:
    store = EncoderStore([tmp_path], lambda wanted: tiny_encoder_folder)
    with pytest.raises(ModelError, match="Asked for the encoder sha256:00"):
        store.find("sha256:00")


def test_unknown_encoder_without_fetch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No encoder sha256:00"):
        EncoderStore([tmp_path]).find("sha256:00")


def test_altered_folder_is_not_added(tiny_encoder_folder: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(tiny_encoder_folder, tmp_path / "broken"))
    (broken / MODEL).write_bytes(b"")
    with pytest.raises(ModelError, match="altered"):
        EncoderStore([tmp_path / "encoders"]).add(broken)
    assert not (tmp_path / "encoders").exists()


def test_place_that_cannot_be_written_is_named(tiny_encoder_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "encoders").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="cannot be kept"):
        EncoderStore([tmp_path / "encoders"]).add(tiny_encoder_folder)


def test_full_disk_is_named(
    tiny_encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise shutil.Error([(str(source), str(target), "[Errno 28] No space left on device: 'x'")])

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(ModelError, match="No space left on device"):
        EncoderStore([tmp_path]).add(tiny_encoder_folder)


def test_leftover_of_a_killed_copy_is_no_encoder(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str
) -> None:
    half = tmp_path / ".adding-x" / "encoder"
    half.mkdir(parents=True)
    shutil.copy(tiny_encoder_folder / MANIFEST, half)
    store = EncoderStore([tmp_path])
    with pytest.raises(ModelError, match="No encoder"):
        store.find(digest)
    store.add(tiny_encoder_folder)
    assert Encoder.load(store.find(digest)).digest == digest


def test_a_half_fetched_encoder_is_fetched_again(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str
) -> None:
    place = tmp_path / digest.removeprefix("sha256:")
    with new_folder(place) as staging:
        shutil.copy(tiny_encoder_folder / MANIFEST, staging)
        store = EncoderStore([tmp_path], lambda wanted: tiny_encoder_folder)
        assert store.find(digest) == place
        assert Encoder.load(place).digest == digest
        shutil.copytree(tiny_encoder_folder, staging, dirs_exist_ok=True)
    assert Encoder.load(store.find(digest)).digest == digest


def test_leftovers_of_killed_copies_are_dropped(tiny_encoder_folder: Path, tmp_path: Path) -> None:
    old, young = tmp_path / ".adding-old", tmp_path / ".adding-young"
    for leftover in (old, young):
        shutil.copytree(tiny_encoder_folder, leftover / "encoder")
    for path in (old, *old.rglob("*")):
        os.utime(path, (0, 0))
    EncoderStore([tmp_path]).add(tiny_encoder_folder)
    assert not old.exists()
    assert young.exists()


def test_trunk_is_found_in_the_folder_of_its_branch(tmp_path: Path) -> None:
    trunk, whole = branched(tmp_path / "made")
    digest = Encoder.load(trunk).digest
    store = EncoderStore([tmp_path / "encoders", whole])
    assert store.find(digest) == whole
    kept = EncoderStore([tmp_path / "encoders"])
    first, second = kept.add(whole)
    assert second == digest
    assert kept.find(second) == kept.find(first)
    fetching = EncoderStore([tmp_path / "other"], lambda wanted: whole)
    assert fetching.find(digest).name == first.removeprefix("sha256:")


def test_an_unusable_folder_beside_hides_no_other(tmp_path: Path) -> None:
    trunk, whole = branched(tmp_path / "made")
    store = EncoderStore([tmp_path / "encoders", whole])
    (tmp_path / "encoders" / "0000").mkdir(parents=True)
    (tmp_path / "encoders" / "0000" / MANIFEST).write_text("{}")
    assert store.find(Encoder.load(trunk).digest) == whole


@pytest.mark.parametrize(("name", "content"), [(MANIFEST, '{"trunc'), (MODEL, "")])
def test_a_damaged_copy_hides_no_whole_one_and_is_replaced(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str, name: str, content: str
) -> None:
    store = EncoderStore([tmp_path / "encoders", tiny_encoder_folder])
    store.add(tiny_encoder_folder)
    place = store.find(digest)
    (place / name).write_text(content)
    assert store.find(digest) == (tiny_encoder_folder if name == MANIFEST else place)
    assert store.add(tiny_encoder_folder) == [digest]
    assert store.find(digest) == place
    assert Encoder.load(place).digest == digest
    assert list((tmp_path / "encoders").iterdir()) == [place]


def test_a_fetched_encoder_replaces_a_damaged_copy(
    tiny_encoder_folder: Path, tmp_path: Path, digest: str
) -> None:
    store = EncoderStore([tmp_path], lambda wanted: tiny_encoder_folder)
    place = store.find(digest)
    (place / MANIFEST).write_text("")
    assert Encoder.load(store.find(digest)).digest == digest
