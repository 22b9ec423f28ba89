"""What every training command does around its training: judge, tell, register.

A version is registered last, in one step, when everything about it is known: interrupted anywhere
before, nothing is left but a run marked as killed.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.encoder import Encoder
from models import canary
from models.persistence import (
    file_digest,
    new_folder,
    read_manifest,
    save_json,
    write_manifest,
)
from models.registry import CANARY, Registry
from models.versions import NAMES, Loaded, Version
from training.card import Card, DataSet, render
from training.embedding import EMBED, Embedder
from training.gate import GateSettings, Kind, Verdict
from training.reports import Report, jsonable

if TYPE_CHECKING:
    from models.emotion import EmotionModel
    from models.share import ShareModel

CARD = "card.md"


@dataclass(frozen=True, slots=True)
class Job:
    """What a training run is told besides its tables.

    Attributes
    ----------
    registry
        Where the version goes, and where the champion is.
    gate
        When the version may become champion by itself.
    command
        The exact command, for the card.
    now
        Time of the run, with its zone.
    seed
        Of all randomness.
    name
        What to register under; None for the name of the kind.
    embed
        How texts become vectors.
    terms
        Licence and attribution of a table, by file name, for the card.
    """

    registry: Registry
    gate: GateSettings
    command: str
    now: datetime
    seed: int = 0
    name: str | None = None
    embed: Embedder = EMBED
    terms: Mapping[str, str] = field(default_factory=dict)

    def target(self, kind: Kind) -> str:
        """Return the name that the version is registered under."""
        return self.name or NAMES[kind]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a training command prints.

    Attributes
    ----------
    version
        As registered, with the alias that it was given.
    verdict
        What the gate decided, and why.
    report
        Figures on the held-out rows, as `prescore evaluate` gives them.
    """

    version: Version
    verdict: Verdict
    report: Report

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON values."""
        version = self.version
        return {
            "name": version.name,
            "version": version.number,
            "uri": version.uri,
            "aliases": list(version.aliases),
            "run_id": version.run_id,
            "champion": self.verdict.champion,
            "reasons": list(self.verdict.reasons),
            "checks": [
                {"name": check.name, "passed": check.passed, "sentence": check.sentence}
                for check in self.verdict.checks
            ],
            "held_out": jsonable(self.report),
        }


def data_set(path: Path, rows: int, terms: Mapping[str, str]) -> DataSet:
    """Describe a table by its name, size and digest; its folder stays out of the card."""
    return DataSet(path.name, rows, file_digest(path), terms.get(path.name, ""))


def champion(job: Job, kind: Kind) -> Loaded | None:
    """Load the reigning version of the name that is trained for, or None where there is none."""
    reigning = job.registry.champion(job.target(kind))
    return job.registry.load(reigning.uri) if reigning else None


def rival_name(loaded: Loaded) -> str:
    """Return how sentences call the champion."""
    return f"the champion, version {loaded.version.number}"


def seal(
    folder: Path,
    target: Path,
    card: Card,
    model: "EmotionModel | ShareModel",
    encoder: Encoder,
) -> Path:
    """Copy a trained model folder to `target`, with its card and its canary, and seal it anew.

    Raises
    ------
    ModelError
        When the folder is incomplete, or `target` cannot be written.
    """
    manifest = read_manifest(folder)
    with new_folder(target) as place:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        (place / CARD).write_text(render(card), encoding="utf-8")
        save_json(place / CANARY, canary.record(model, encoder, manifest.kind))
        write_manifest(
            place,
            manifest.kind,
            now=manifest.created,
            encoder_digest=manifest.encoder_digest,
            details=manifest.details,
        )
    return target


def together(parts: Sequence[DataSet]) -> str:
    """Return how many rows of how many tables, for a title."""
    files = "1 table" if len(parts) == 1 else f"{len(parts)} tables"
    return f"{sum(part.rows for part in parts):,} rows of {files}"
