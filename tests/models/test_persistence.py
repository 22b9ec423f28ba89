import gzip
import json
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from features.errors import ModelError
from models.persistence import (
    ABANDONED_SECONDS,
    drop_leftovers,
    load_arrays,
    load_booster,
    load_json,
    new_folder,
    read_manifest,
    save_arrays,
    save_booster,
    save_json,
    why,
    write_manifest,
)

NOW = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with new_folder(tmp_path / "model") as staging:
        (staging / "heads").mkdir()
        (staging / "heads" / "joy.txt").write_text("1 2 3")
        (staging / "card.md").write_text("# Card")
        write_manifest(
            staging, "emotion", now=NOW, encoder_digest="sha256:ab", details={"languages": ["pl"]}
        )
    return tmp_path / "model"


def test_manifest_returns_what_was_written(folder: Path) -> None:
    manifest = read_manifest(folder, "emotion")

    assert manifest.kind == "emotion"
    assert manifest.created == NOW
    assert manifest.encoder_digest == "sha256:ab"
    assert manifest.details == {"languages": ["pl"]}
    assert sorted(manifest.files) == ["card.md", "heads/joy.txt"]


def sealed_again(folder: Path, languages: str) -> str:
    """The digest of a folder after it was sealed anew."""
    details = {"languages": [languages]}
    return write_manifest(
        folder, "emotion", now=NOW, encoder_digest="sha256:ab", details=details
    ).digest


def test_manifest_digest_is_of_files_and_settings(folder: Path) -> None:
    before = read_manifest(folder).digest

    assert sealed_again(folder, "pl") == before
    assert sealed_again(folder, "en") != before
    (folder / "card.md").write_text("# Another card")
    assert sealed_again(folder, "pl") != before


def test_manifest_returns_details_as_a_reader_finds_them(tmp_path: Path) -> None:
    written = write_manifest(tmp_path, "share", now=NOW, details={"hours": {10: (1, 2), 9: (3,)}})

    assert written.details == {"hours": {"10": [1, 2], "9": [3]}}
    assert read_manifest(tmp_path) == written


ALTERED: dict[str, dict[str, Any]] = {
    "a setting": {"languages": ["pl", "en"]},
    "its age": {"created": "2020-01-01T00:00:00+00:00"},
    "a new setting": {"threshold": 0.1},
    "an older format": {"languages": ["pl", "en"], "format_version": 2},
    "no seal": {"seal": None},
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_manifest_notices_that_it_was_altered(folder: Path, change: dict[str, Any]) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(content | change))

    with pytest.raises(ModelError, match=r"manifest\.json was altered"):
        read_manifest(folder)


def unsealed(folder: Path) -> None:
    """Make a manifest as it was written before it sealed itself."""
    content = json.loads((folder / "manifest.json").read_text())
    del content["seal"]
    (folder / "manifest.json").write_text(json.dumps(content | {"format_version": 2}))


def test_manifest_of_before_the_seal_is_read_as_ever(folder: Path) -> None:
    unsealed(folder)

    manifest = read_manifest(folder)
    assert (manifest.format_version, manifest.seal) == (2, None)
    files = "".join(f"{name}\0{value}\n" for name, value in manifest.files.items())
    assert manifest.digest == f"sha256:{sha256(files.encode()).hexdigest()}"


def test_manifest_notices_an_altered_file(folder: Path) -> None:
    (folder / "heads" / "joy.txt").write_text("1 2 4")

    with pytest.raises(ModelError, match=r"joy\.txt was altered"):
        read_manifest(folder)


def test_manifest_notices_a_missing_file(folder: Path) -> None:
    (folder / "card.md").unlink()

    with pytest.raises(ModelError, match=r"card\.md is missing"):
        read_manifest(folder)


def test_manifest_refuses_another_kind(folder: Path) -> None:
    with pytest.raises(ModelError, match="kind 'emotion'; expected 'share'"):
        read_manifest(folder, "share")


def test_manifest_refuses_a_newer_format(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(content | {"format_version": 99}))

    with pytest.raises(ModelError, match="Upgrade prescore"):
        read_manifest(folder)


def test_manifest_refuses_files_outside_the_folder(folder: Path) -> None:
    unsealed(folder)
    content = json.loads((folder / "manifest.json").read_text())
    content["files"]["../secret"] = "0"
    (folder / "manifest.json").write_text(json.dumps(content))

    with pytest.raises(ModelError, match="outside its folder"):
        read_manifest(folder)


def test_manifest_refuses_a_list_of_its_pairs(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(list(content.items())))

    with pytest.raises(ModelError, match="not a prescore manifest"):
        read_manifest(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kind": "emotion", "created": "x"}'])
def test_manifest_refuses_what_is_none(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)

    with pytest.raises(ModelError, match="not a prescore manifest"):
        read_manifest(folder)


def test_manifest_of_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No model in"):
        read_manifest(tmp_path / "none")


def test_new_folder_leaves_nothing_when_interrupted(tmp_path: Path) -> None:
    def write_half() -> None:
        with new_folder(tmp_path / "model") as staging:
            (staging / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()

    assert list(tmp_path.iterdir()) == []


def test_new_folder_replaces_an_old_one(folder: Path) -> None:
    with new_folder(folder) as staging:
        (staging / "new").touch()

    assert [path.name for path in folder.iterdir()] == ["new"]
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_new_folder_keeps_the_old_one_when_interrupted(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_folder(folder):
        raise KeyboardInterrupt

    assert read_manifest(folder).kind == "emotion"


def test_new_folder_turns_a_full_disk_into_one_line(tmp_path: Path) -> None:
    def write() -> None:
        with new_folder(tmp_path / "model"):
            raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match=r"Cannot write .*model: No space left"):
        write()

    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_killed_writers_are_dropped(folder: Path) -> None:
    staging = folder.parent / ".model-x1"
    (staging / "encoder").mkdir(parents=True)
    (staging / "encoder" / "half").touch()
    (folder.parent / ".file").touch()
    last = max(path.stat().st_mtime for path in (staging, *staging.rglob("*")))

    drop_leftovers(folder.parent, _at(last + ABANDONED_SECONDS - 1))
    assert staging.exists()

    drop_leftovers(folder.parent, _at(last + ABANDONED_SECONDS + 1))
    assert sorted(path.name for path in folder.parent.iterdir()) == [".file", "model"]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_there_are_no_leftovers_where_there_is_no_folder(tmp_path: Path) -> None:
    drop_leftovers(tmp_path / "none", NOW)


def test_booster_survives_as_packed_text(tmp_path: Path) -> None:
    inputs = np.arange(100.0).reshape(-1, 1)
    booster = lightgbm.train(
        {"verbose": -1, "num_threads": 1},
        lightgbm.Dataset(inputs, inputs[:, 0]),
        num_boost_round=5,
    )

    path = tmp_path / "model.txt.gz"
    save_booster(booster, path)
    text = gzip.decompress(path.read_bytes()).decode()
    assert text.startswith("tree\n")
    np.testing.assert_array_equal(load_booster(path).predict(inputs), booster.predict(inputs))
    first = path.read_bytes()
    save_booster(booster, path)
    assert path.read_bytes() == first

    path.unlink()
    (tmp_path / "model.txt").write_text(text)  # as earlier versions of prescore wrote it
    np.testing.assert_array_equal(load_booster(path).predict(inputs), booster.predict(inputs))


@pytest.mark.parametrize("content", [b"hello", gzip.compress(b"hello"), gzip.compress(b"h")[:-9]])
def test_booster_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.txt.gz").write_bytes(content)

    with pytest.raises(ModelError, match="not a readable LightGBM model"):
        load_booster(tmp_path / "model.txt.gz")


def test_arrays_survive(tmp_path: Path) -> None:
    save_arrays(tmp_path / "a.npz", {"q": np.array([0.5, 1.5]), "names": np.array(["a", "bb"])})

    arrays = load_arrays(tmp_path / "a.npz")

    assert arrays["q"].tolist() == [0.5, 1.5]
    assert arrays["names"].tolist() == ["a", "bb"]


def test_arrays_of_objects_are_refused_both_ways(tmp_path: Path) -> None:
    objects = np.array([{}], dtype=object)
    with pytest.raises(ModelError, match="'x' holds objects"):
        save_arrays(tmp_path / "a.npz", {"x": objects})

    np.savez(tmp_path / "b.npz", x=objects)
    with pytest.raises(ModelError, match="not a readable npz"):
        load_arrays(tmp_path / "b.npz")


def test_arrays_that_were_damaged_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_arrays(path, {"x": np.arange(1000.0)})
    content = bytearray(path.read_bytes())
    for place in range(100, 140):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a readable npz"):
        load_arrays(path)


def test_json_survives_and_refuses_nan(tmp_path: Path) -> None:
    save_json(tmp_path / "a.json", {"zażółć": 1})
    assert load_json(tmp_path / "a.json") == {"zażółć": 1}

    with pytest.raises(ValueError, match="not JSON compliant"):
        save_json(tmp_path / "b.json", float("nan"))
    with pytest.raises(ModelError, match="not a readable JSON"):
        load_json(tmp_path / "b.json")


def test_why_names_the_first_of_many_failures(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a").symlink_to("nowhere")

    with pytest.raises(shutil.Error) as caught:
        shutil.copytree(tmp_path / "from", tmp_path / "to")
    assert why(caught.value) == "[Errno 2] No such file or directory"
    assert why(OSError(28, "No space left on device")) == "No space left on device"
