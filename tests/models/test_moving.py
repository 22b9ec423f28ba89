import shutil
from pathlib import Path

from mlflow import MlflowClient

from models.registry import Registry
from models.settings import Home
from tests.models.test_registry import encoder_folder, model_folder


def home_at(root: Path) -> Home:
    return Home.from_environment({"PRESCORE_HOME": str(root)}).prepare()


def registered(tmp_path: Path) -> Home:
    """A state folder with one version, whose files only it has."""
    home = home_at(tmp_path / "before")
    registry = Registry(home, starter=tmp_path / "none")
    digest = encoder_folder(tmp_path / "encoder")
    folder = model_folder(tmp_path / "model", digest)
    registry.register(folder, encoder=tmp_path / "encoder")
    return home


def test_a_moved_home_finds_its_files_and_keeps_new_ones(tmp_path: Path) -> None:
    before = registered(tmp_path)
    moved = home_at(Path(shutil.move(before.root, tmp_path / "a folder" / "after")))
    registry = Registry(moved, starter=tmp_path / "none")
    version = registry.resolve("prescore-emotion/1")
    assert registry.folder(version).is_relative_to(moved.root)
    registry.register(registry.folder(version))
    assert not before.root.exists()
    client = MlflowClient(moved.tracking_uri, moved.tracking_uri)
    places = [client.get_run(run_id).info.artifact_uri for run_id in _runs(registry)]
    assert all(place.startswith(moved.artifacts.as_uri()) for place in places)


def test_a_copied_home_works_on_its_own_files(tmp_path: Path) -> None:
    before = registered(tmp_path)
    shutil.copytree(before.root, tmp_path / "copy")
    copy = Registry(home_at(tmp_path / "copy"), starter=tmp_path / "none")
    assert copy.folder(copy.resolve("prescore-emotion/1")).is_relative_to(tmp_path / "copy")
    original = Registry(before, starter=tmp_path / "none")
    assert original.folder(original.resolve("prescore-emotion/1")).is_relative_to(before.root)


def _runs(registry: Registry) -> list[str]:
    return [str(version.run_id) for version in registry.versions("prescore-emotion")]
