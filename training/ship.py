"""Write the champions down as the models that prescore ships.

    python -m training.ship models/starter

`models/starter/build.sh` trains them first.
"""

import os
import re
import shutil
import sys
from collections.abc import Set
from pathlib import Path

from features.text.encoder import digests_of, read_manifest
from models.packaging import FIGURES, OBJECTIONS
from models.persistence import save_json
from models.registry import Registry
from models.settings import Home
from models.versions import CHALLENGER, NAMES

ENCODER = "encoder"
NUMBERED = re.compile(r"\bthe champion, version [^\s(,.;]+")
"""How the gate names a champion: by a number that means another version in another registry."""


def ship(registry: Registry, target: Path) -> list[Path]:
    """Copy the champion of each kind, and the one encoder that has both of theirs, into `target`.

    Parameters
    ----------
    registry
        Where the champions are.
    target
        Gets one folder for each kind, one for the encoder, and the figures and the gate's
        objections that stand beside the versions; what is there is replaced.

    Returns
    -------
    list of Path
        The folders written.

    Raises
    ------
    ValueError
        If the champions need different encoders: only one is shipped.
    RegistryError, ModelError
        If a champion is missing or altered.
    """
    versions = {kind: registry.resolve(name) for kind, name in NAMES.items()}
    sources = {kind: registry.folder(version) for kind, version in versions.items()}
    sources[ENCODER] = _encoder(registry, {one.encoder_digest for one in versions.values()})
    written = [_replaced(target / name, source) for name, source in sources.items()]
    save_json(target / FIGURES, {kind: version.metrics for kind, version in versions.items()})
    against = (version for version in versions.values() if version.verdict == CHALLENGER)
    save_json(target / OBJECTIONS, {one.digest: told_elsewhere(one.reason) for one in against})
    return written


def told_elsewhere(reason: str) -> str:
    """Return what the gate said of a version, without the numbers of the registry it stood in.

    Examples
    --------
    >>> told_elsewhere("Better: mean pearson 0.71 against 0.70 of the champion, version 2 (gain …")
    'Better: mean pearson 0.71 against 0.70 of the champion before it (gain …'
    """
    return NUMBERED.sub("the champion before it", reason)


def _encoder(registry: Registry, digests: Set[str]) -> Path:
    for digest in digests:
        folder = registry.encoders.find(digest)
        if digests <= set(digests_of(read_manifest(folder))):
            return folder
    raise ValueError(f"The champions need {len(digests)} encoders; train both on one.")


def _replaced(target: Path, source: Path) -> Path:
    beside = target.with_name(f".{target.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(source, beside)
    shutil.rmtree(target, ignore_errors=True)
    return beside.rename(target)


if __name__ == "__main__":
    for folder in ship(Registry(Home.from_environment(os.environ)), Path(sys.argv[1])):
        sys.stdout.write(f"{folder}\n")
