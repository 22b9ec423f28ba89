"""How fitted models are kept: a folder of native files and a manifest that seals them.

A model folder is complete or absent, never half-written, and loading one runs no pickled code.
"""

import gzip
import hashlib
import json
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from features.digests import sha256_of, sha256_of_json
from features.errors import ModelError

if TYPE_CHECKING:
    from lightgbm import Booster

MANIFEST = "manifest.json"
SEAL = "seal"
FORMAT_VERSION = 5
"""In the first, trees were written as plain text; before the third, the seal held the files alone;
before the fourth, blends of emotions doubted nothing; before the fifth, share models had no second
opinion, and novelty was told by a regression. All are still read."""

SEALED_VERSION = 3

ABANDONED_SECONDS = 3600.0
"""A download or a copy under way writes much more often."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder holds.

    Attributes
    ----------
    kind
        `emotion` or `share`.
    created
        When the model was fitted.
    encoder_digest
        Digest of the encoder that its embeddings must come from.
    files
        Relative posix path -> sha256, hexadecimal, of every other file in the folder.
    details
        Whatever else the model says about itself, JSON values only.
    seal
        sha256, hexadecimal, of all the rest of the manifest; None before `SEALED_VERSION`.
    """

    kind: str
    created: datetime
    encoder_digest: str | None
    files: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    seal: str | None = None

    @property
    def digest(self) -> str:
        """One sha256 over all file digests and the seal: equal folders have equal digests."""
        parts = {**self.files, MANIFEST: self.seal} if self.seal else self.files
        lines = "".join(f"{name}\0{value}\n" for name, value in sorted(parts.items()))
        return "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` only when the block ends well.

    An existing `target` is replaced by two renames: killed exactly between them, `target` is
    missing; it is never half-written.

    Raises
    ------
    ModelError
        When the disk is full or the place cannot be written to.
    """
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        yield staging
        staging.chmod(0o755)
        _swap(staging, target)
    except OSError as err:
        raise ModelError(f"Cannot write {target}: {why(err)}.") from err
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def drop_leftovers(place: Path, now: datetime) -> None:
    """Delete hidden folders in which nothing was written of late: their writers were killed.

    Parameters
    ----------
    place
        A folder that is prescore's alone; it may be missing.
    now
        The time now, with its zone.
    """
    for folder in place.glob(".*/"):
        # Whoever still writes there may finish while we look.
        with suppress(OSError):
            if now.timestamp() - _last_written(folder) > ABANDONED_SECONDS:
                shutil.rmtree(folder)


def _last_written(folder: Path) -> float:
    return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))


def why(err: OSError) -> str:
    """Return what the system said, in a few words; of many files that failed, of the first."""
    if isinstance(err, shutil.Error) and isinstance(err.args[0], list):
        return str(err.args[0][0][-1]).partition(": ")[0]
    return err.strerror or str(err)


def _swap(staging: Path, target: Path) -> None:
    if not target.exists():
        staging.replace(target)
        return
    # A folder cannot replace a full one in one step: the old one steps aside and is then dropped.
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent)) / "old"
    target.replace(aside)
    try:
        staging.replace(target)
    except OSError:
        aside.replace(target)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


def write_manifest(
    folder: Path,
    kind: str,
    *,
    now: datetime,
    encoder_digest: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Manifest:
    """Seal every file now in `folder`, and what the manifest itself says; call it last.

    Parameters
    ----------
    folder
        A complete model folder.
    kind
        `emotion` or `share`.
    now
        Time of fitting, with a time zone.
    encoder_digest
        Digest of the encoder that the model was fitted on.
    details
        Further JSON values, kept as `Manifest.details`.
    """
    files = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }
    content = {
        **(details or {}),
        "kind": kind,
        "format_version": FORMAT_VERSION,
        "created": now.isoformat(),
        "encoder_digest": encoder_digest,
        "files": files,
    }
    # Sealed is what a reader will find: a key that is a number, say, is a string by then.
    written = json.loads(json.dumps(content, allow_nan=False))
    sealed = {**written, SEAL: _seal_of(written)}
    save_json(folder / MANIFEST, sealed)
    return _parse(folder / MANIFEST, sealed)


def read_manifest(folder: Path, kind: str | None = None) -> Manifest:
    """Read a manifest, and verify it and every file that it lists.

    Parameters
    ----------
    folder
        A model folder.
    kind
        The kind that is expected; `None` takes any.

    Raises
    ------
    ModelError
        When the folder is missing, incomplete, altered, of another kind or from a newer prescore.
    """
    path = folder / MANIFEST
    content = _content(path)
    manifest = _parse(path, content)
    if manifest.format_version > FORMAT_VERSION:
        raise ModelError(
            f"{folder} is in format {manifest.format_version}; this prescore reads up to "
            f"{FORMAT_VERSION}. Upgrade prescore."
        )
    if kind is not None and manifest.kind != kind:
        raise ModelError(f"{folder} holds a model of kind {manifest.kind!r}; expected {kind!r}.")
    if _is_sealed(manifest) and manifest.seal != _seal_of(content):
        raise ModelError(
            f"{path} was altered: it is not what its seal was made of. "
            "Fetch or train the model again."
        )
    for name, digest in manifest.files.items():
        _verify(folder, name, digest)
    return manifest


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ModelError(f"No model in {path.parent}: {MANIFEST} cannot be read.") from err
    except ValueError as err:
        raise ModelError(f"{path} is not a prescore manifest.") from err
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a prescore manifest.")
    return content


def _parse(path: Path, content: Mapping[str, Any]) -> Manifest:
    try:
        details = dict(content)
        return Manifest(
            kind=str(details.pop("kind")),
            created=datetime.fromisoformat(details.pop("created")),
            encoder_digest=details.pop("encoder_digest"),
            files=dict(details.pop("files")),
            format_version=int(details.pop("format_version")),
            seal=details.pop(SEAL, None),
            details=details,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise ModelError(f"{path} is not a prescore manifest.") from err


def _is_sealed(manifest: Manifest) -> bool:
    """Whether there has to be a seal that fits: also where an older format was written in."""
    return manifest.seal is not None or manifest.format_version >= SEALED_VERSION


def _seal_of(content: Mapping[str, Any]) -> str:
    return sha256_of_json({name: value for name, value in content.items() if name != SEAL})


def _verify(folder: Path, name: str, digest: str) -> None:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"{folder / MANIFEST} lists a file outside its folder.")
    try:
        found = sha256_of(path)
    except OSError as err:
        raise ModelError(f"{path} is missing. Fetch or train the model again.") from err
    if found != digest:
        raise ModelError(
            f"{path} was altered: its sha256 is not the one in {MANIFEST}. "
            "Fetch or train the model again."
        )


def save_booster(booster: "Booster", path: Path) -> None:
    """Write a LightGBM booster as its own text format, gzipped, up to its best iteration.

    The text packs to two fifths. Equal boosters give equal files.
    """
    packed = gzip.compress(booster.model_to_string().encode("utf-8"), mtime=0)
    path.write_bytes(packed)


def load_booster(path: Path) -> "Booster":
    """Read a booster of `save_booster`.

    Parameters
    ----------
    path
        `NAME.txt.gz`. Before there was such a file, versions were written as a plain `NAME.txt`,
        which is read where it is all there is.

    Raises
    ------
    ModelError
        When the file is no LightGBM model.
    """
    from lightgbm import Booster
    from lightgbm.basic import LightGBMError

    plain = path.with_suffix("")
    try:
        if plain.exists() and not path.exists():
            return Booster(model_str=plain.read_text(encoding="utf-8"))
        return Booster(model_str=gzip.decompress(path.read_bytes()).decode("utf-8"))
    except (OSError, EOFError, ValueError, zlib.error, LightGBMError) as err:
        raise ModelError(f"{path} is not a readable LightGBM model.") from err


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as npz, packed; object arrays are refused, as they would be pickled.

    Raises
    ------
    ModelError
        When an array holds Python objects.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ModelError(f"Array {name!r} holds objects; expected numbers or fixed strings.")
    with path.open("wb") as stream:
        np.savez_compressed(stream, **dict(arrays))  # type: ignore[arg-type]


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of `save_arrays`.

    Raises
    ------
    ModelError
        When the file is no npz file or holds pickled objects.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            return {name: content[name] for name in content.files}
    except (OSError, ValueError, BadZipFile, zlib.error, EOFError, AttributeError) as err:
        raise ModelError(f"{path} is not a readable npz file.") from err


def save_json(path: Path, content: Any) -> None:
    """Write a JSON document; NaN is refused, as JSON has none."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8")


def load_json(path: Path) -> Any:
    """Read a JSON document.

    Raises
    ------
    ModelError
        When the file is missing or no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise ModelError(f"{path} is not a readable JSON file.") from err
