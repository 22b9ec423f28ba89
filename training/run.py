"""What every training command does around its training: judge, tell, register.

A version is registered last, in one step, when everything about it is known: interrupted anywhere
before, nothing is left but a run marked as killed.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.account.store import HistoryStore
from features.digests import sha256_of
from features.errors import TrainingError
from features.text.cache import EmbeddingCache
from features.text.encoder import Encoder
from models import canary
from models.persistence import (
    new_folder,
    read_manifest,
    save_json,
    write_manifest,
)
from models.record import CARD, COMPARISONS, HISTORY, REPORT, TABLES
from models.registry import CANARY, Registry
from models.versions import NAMES, Loaded, Version, check_fits
from training.embedding import Embedder
from training.judging.gate import Verdict
from training.judging.gate_settings import GateSettings, Kind
from training.judging.reports import Report, jsonable
from training.record.card import Card, DataSet, Origin, counted, render
from training.tracking import TrackedRun
from training.trained import Trained

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from models.emotion import EmotionModel
    from models.share import ShareModel

Progress = Callable[[str, int, int], None]
"""Told (what is going on, done, in all)."""


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
    cache
        Embeddings kept between runs; None keeps none.
    progress
        Told (what is going on, done, in all).
    terms
        Licence and attribution of a table, by file name, for the card.
    tell
        Told, in a sentence, what a person should know beside the result.
    """

    registry: Registry
    gate: GateSettings
    command: str
    now: datetime
    seed: int = 0
    name: str | None = None
    cache: EmbeddingCache | None = None
    progress: Progress | None = None
    terms: Mapping[str, str] = field(default_factory=dict)
    tell: Callable[[str], None] | None = None

    def target(self, kind: Kind) -> str:
        """Return the name that the version is registered under."""
        return self.name or NAMES[kind]

    def embed(self, what: str, texts: int) -> Embedder:
        """Return how to embed some texts, telling `progress` how far it got."""
        if self.progress is None:
            return Embedder(self.cache)
        listen, done = self.progress, 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            listen(what, done, texts)

        return Embedder(self.cache, count)


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """Rows to learn from, and where they came from.

    Attributes
    ----------
    name
        Of the file, without folders; or `HISTORY`.
    frame
        Canonical columns.
    digest
        sha256 of the file, or of the rows where there is none.
    """

    name: str
    frame: pd.DataFrame
    digest: str

    @classmethod
    def of_file(cls, path: Path, frame: pd.DataFrame) -> "TrainingTable":
        """Return what was read from a file.

        Raises
        ------
        OSError
            When the file is gone.
        """
        return cls(path.name, frame, sha256_of(path))

    @classmethod
    def of_history(cls, store: HistoryStore) -> "TrainingTable":
        """Return all posts of the history store.

        Raises
        ------
        TrainingError
            When there are none.
        StoreError
            When it cannot be read.
        """
        frame = store.posts()
        if frame.empty:
            raise TrainingError(
                "The history store holds no posts to learn from: import some with "
                "`prescore import`, or give --posts alone."
            )
        rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
        return cls(HISTORY, frame, sha256(rows.tobytes()).hexdigest())


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
    note
        What must be known to read them; empty where nothing is unusual.
    """

    version: Version
    verdict: Verdict
    report: Report
    note: str = ""

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
            "note": self.note,
        }


def data_sets(tables: Sequence[TrainingTable], job: Job) -> list[DataSet]:
    """Describe tables by name, size and digest; their folders stay out of the card."""
    return [
        DataSet(
            table.name,
            len(table.frame),
            table.digest,
            job.terms.get(table.name, ""),
            comparisons="winner" in table.frame,
        )
        for table in tables
    ]


def champion(job: Job, kind: Kind) -> Loaded | None:
    """Load the reigning version of the name that is trained for, or None where there is none.

    Raises
    ------
    InputError
        When the name is for models of another kind.
    """
    target = job.target(kind)
    check_fits(target, kind, job.registry.versions(target))
    reigning = job.registry.champion(target)
    return job.registry.load(reigning.uri) if reigning else None


def rival_name(loaded: Loaded) -> str:
    """Return how sentences call the champion."""
    return f"the champion, version {loaded.version.number}"


@dataclass(frozen=True, eq=False)
class Attempt:
    """A trained model on its way into the registry.

    Attributes
    ----------
    job
        What was asked for.
    run
        The open MLflow run.
    data
        The tables that it learnt from.
    reigning
        The champion of the name, or None.
    trained
        The model folder and the held-out rows.
    model, encoder
        As loaded from the folder: what is judged is what will be registered.
    work
        An empty folder to work in, gone afterwards.
    """

    job: Job
    run: TrackedRun
    data: Sequence[DataSet]
    reigning: Loaded | None
    trained: Trained
    model: "EmotionModel | ShareModel"
    encoder: Encoder
    work: Path

    @property
    def origin(self) -> Origin:
        """How the model was made, for its card."""
        return Origin(
            command=self.job.command,
            created=self.job.now.isoformat(timespec="seconds"),
            data=tuple(self.data),
            encoder=self.encoder.digest,
            parameters=tuple((name, str(value)) for name, value in self.trained.params.items()),
        )


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found out about a trained model.

    Attributes
    ----------
    report
        As `prescore evaluate` gives it, on the held-out rows.
    verdict
        Of the gate.
    card
        For the version.
    figures
        By name.
    headline
        The few figures that stand beside the version in a list.
    """

    report: Report
    verdict: Verdict
    card: Card
    figures: Mapping[str, "Figure"]
    headline: Mapping[str, float]


def finish(attempt: Attempt, findings: Findings) -> Summary:
    """Log what was found, seal the model with its card, and register it: the last step of all.

    Raises
    ------
    RegistryError, ModelError
        When the registry cannot be written.
    """
    run = attempt.run
    run.log_metrics(findings.report)
    run.log_files(
        figures=findings.figures,
        texts={CARD: render(findings.card)},
        reports={"held_out": findings.report},
    )
    folder = seal(
        attempt.trained.folder,
        attempt.work / "sealed",
        findings,
        attempt.model,
        attempt.encoder,
    )
    version, verdict = run.register(
        folder,
        findings.verdict,
        judged_against=None if attempt.reigning is None else attempt.reigning.version,
        name=attempt.job.name,
        encoder=attempt.trained.encoder_folder,
        metrics={name: value for name, value in findings.headline.items() if isfinite(value)},
    )
    return Summary(version, verdict, findings.report, attempt.trained.note)


def seal(
    folder: Path,
    target: Path,
    findings: Findings,
    model: "EmotionModel | ShareModel",
    encoder: Encoder,
) -> Path:
    """Copy a trained model folder to `target`, with card, report and canary, and seal it anew.

    Raises
    ------
    ModelError
        When the folder is incomplete, or `target` cannot be written.
    """
    manifest = read_manifest(folder)
    with new_folder(target) as place:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        (place / CARD).write_text(render(findings.card), encoding="utf-8")
        data = findings.card.origin.data
        save_json(place / TABLES, {table.digest: table.name for table in data})
        save_json(place / COMPARISONS, [table.digest for table in data if table.comparisons])
        save_json(place / REPORT, jsonable(findings.report))
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
    rows = counted(sum(part.rows for part in parts), "row")
    return f"{rows} of {counted(len(parts), 'table')}"
