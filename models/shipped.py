"""The models that prescore ships: registered, and champions, where nothing else is."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import RegistryError
from models import packaging
from models.versions import (
    CHALLENGER,
    CHAMPION,
    NAMES,
    PRESCORE,
    REASON_TAG,
    STARTER_TAG,
    VERDICT_TAG,
    Address,
    Version,
)

if TYPE_CHECKING:
    from models.registry import Registry

SHIPPED = "Shipped with prescore."


def ensure_starter(registry: "Registry") -> list[Version]:
    """Register the shipped models as champions where nothing is registered yet.

    May be called by several processes at once, and again after having been killed.

    Returns
    -------
    list of the versions that were made champions
    """
    folders = {NAMES[kind]: registry.starter / kind for kind in NAMES}
    shipped = {name: folder for name, folder in folders.items() if folder.is_dir()}
    if not shipped or registry.seen.knows([Address(name, CHAMPION) for name in shipped]):
        return []
    with registry.exclusively():
        crowned = [
            _crown(registry, name, folder)
            for name, folder in shipped.items()
            if _is_needed(registry, name)
        ]
    # Asked once now, the next start need not ask; a person may have taken a crown away.
    with suppress(RegistryError):
        for name in shipped:
            registry.resolve(str(Address(name, CHAMPION)))
    return crowned


def _is_needed(registry: "Registry", name: str) -> bool:
    found = registry.versions(name)
    orphaned = all(STARTER_TAG in v.tags and CHAMPION not in v.aliases for v in found)
    return not found or orphaned


def _crown(registry: "Registry", name: str, folder: Path) -> Version:
    found = registry.versions(name)
    version = found[-1] if found else _registered(registry, name, folder)
    registry.crown(version, PRESCORE)
    return registry.resolve(version.uri)


def _registered(registry: "Registry", name: str, folder: Path) -> Version:
    objection = packaging.objection_to(folder)
    tags = {
        STARTER_TAG: "true",
        VERDICT_TAG: CHALLENGER if objection else CHAMPION,
        REASON_TAG: objection or SHIPPED,
    }
    return registry.register(folder, name=name, tags=tags, metrics=packaging.figures_of(folder))
