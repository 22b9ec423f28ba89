"""Write the champions down as the models that prescore ships.

    python -m training.ship models/starter

`models/starter/build.sh` trains them first.
"""

import os
import shutil
import sys
from pathlib import Path

from models.persistence import save_json
from models.registry import FIGURES, Registry
from models.settings import Home
from models.versions import NAMES

ENCODER = "encoder"


def ship(registry: Registry, target: Path) -> list[Path]:
    """Copy the champion of each kind, and the one encoder that they share, into `target`.

    Parameters
    ----------
    registry
        Where the champions are.
    target
        Gets one folder for each kind, one for the encoder, and the figures that stand beside the
        versions; what is there is replaced.

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
    digests = {version.encoder_digest for version in versions.values()}
    if len(digests) > 1:
        raise ValueError(f"The champions need {len(digests)} encoders; train both on one.")
    sources = {kind: registry.folder(version) for kind, version in versions.items()}
    sources[ENCODER] = registry.encoders.find(digests.pop())
    written = [_replaced(target / name, source) for name, source in sources.items()]
    save_json(target / FIGURES, {kind: version.metrics for kind, version in versions.items()})
    return written


def _replaced(target: Path, source: Path) -> Path:
    beside = target.with_name(f".{target.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(source, beside)
    shutil.rmtree(target, ignore_errors=True)
    return beside.rename(target)


if __name__ == "__main__":
    for folder in ship(Registry(Home.from_environment(os.environ)), Path(sys.argv[1])):
        sys.stdout.write(f"{folder}\n")
