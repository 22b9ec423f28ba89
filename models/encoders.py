"""Where encoders are kept: one folder for each digest, so that none is stored twice or replaced.

A folder with a branch is kept under the digest of the whole, and found by its trunk's as well.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from features.errors import ModelError
from features.text.encoder import MANIFEST, digests_of, read_manifest
from models.persistence import drop_leftovers, why

Fetch = Callable[[str], Path]
"""Says where the encoder of a digest lies, after bringing it there, from the registry say."""


class EncoderStore:
    """Encoders by digest, over several places.

    Parameters
    ----------
    roots
        Each an encoder folder or a folder of such. The first is written to, and made when first
        needed; the others, what was shipped for instance, are only read.
    fetch
        Asked for what is in none of them; raises `PrescoreError` where it has none either.
    """

    def __init__(self, roots: Sequence[Path], fetch: Fetch | None = None) -> None:
        self.roots = tuple(roots)
        self.fetch = fetch

    def find(self, digest: str) -> Path:
        """Return the folder that holds the encoder of this digest, fetching it if need be.

        Its files are checked when it is loaded, and here where it was fetched.

        Raises
        ------
        ModelError
            If it is nowhere, or what was fetched is another one.
        """
        for root in self.roots:
            for folder in (root / _name(digest), root):
                if digest in _digests(folder):
                    return folder
            if (branched := _inside(root, digest)) is not None:
                return branched
        if self.fetch is None:
            raise ModelError(f"No encoder {digest} in {', '.join(map(str, self.roots))}.")
        found = self.add(self.fetch(digest))
        if digest not in found:
            raise ModelError(f"Asked for the encoder {digest}; what came is {found[0]}.")
        return self.roots[0] / _name(found[0])

    def add(self, folder: Path) -> list[str]:
        """Keep a copy of an encoder folder; its digest is returned, and that of its trunk if any.

        A copy that was damaged since is replaced.

        Safe against being killed and against others who add the same: the copy appears whole.

        Raises
        ------
        ModelError
            If the folder is not a whole encoder, or cannot be copied.
        """
        digests = digests_of(read_manifest(folder))
        place = self.roots[0] / _name(digests[0])
        if _digests(place, verify=True) != digests:
            try:
                _copy(folder, place)
            except OSError as error:
                raise ModelError(
                    f"The encoder cannot be kept in {self.roots[0]}: {why(error)}."
                ) from error
        return digests


def _copy(folder: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    drop_leftovers(place.parent, datetime.now(UTC))
    damaged = place.exists()
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".adding-") as staging:
        copy = Path(staging) / "encoder"
        shutil.copytree(folder, copy)
        try:
            if damaged:
                place.rename(Path(staging) / "damaged")
            copy.rename(place)
        except OSError:
            # Whoever added the same encoder meanwhile has left the same files.
            if not (place / MANIFEST).is_file():
                raise


def _inside(root: Path, digest: str) -> Path | None:
    """Return a folder of another encoder that holds this one as its trunk."""
    # Hidden folders are still being written, or were when their writer was killed.
    folders = (path.parent for path in sorted(root.glob(f"[!.]*/{MANIFEST}")))
    return next((folder for folder in folders if digest in _digests(folder)), None)


def _digests(folder: Path, verify: bool = False) -> list[str]:
    """Return what a folder holds; an unusable one holds nothing, and hides no other."""
    with suppress(ModelError):
        return digests_of(read_manifest(folder, verify))
    return []


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")
