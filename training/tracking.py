"""What a training run leaves behind in MLflow: the one file of `training/` that imports it."""

import math
import os
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.mlflow_store import MlflowStore
from models.persistence import save_json
from models.registry import Registry
from models.versions import (
    CHALLENGER,
    CHAMPION,
    NAMES,
    REASON_TAG,
    VERDICT_TAG,
    Version,
)
from training.judging.bootstrap import Estimate
from training.judging.gate import Verdict, overtaken
from training.judging.reports import jsonable
from training.record.card import DataSet
from training.record.plots import save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROCESS_TAG, HOST_TAG = "prescore.pid", "prescore.host"
PARAMS_AT_ONCE, METRICS_AT_ONCE = 100, 1000
"""MLflow's limits of one batch."""
LONGEST_PARAM, LONGEST_TAG = 6000, 5000
DATASET_DIGEST = 36
"""MLflow keeps so many characters of a data set's digest; the parameters keep all of it."""


@dataclass(frozen=True, slots=True)
class Tracker:
    """Opens runs in the registry's tracking server."""

    registry: Registry

    @contextmanager
    def run(
        self,
        kind: str,
        title: str,
        *,
        seed: int,
        params: Mapping[str, object],
        data: Sequence[DataSet],
    ) -> Iterator["TrackedRun"]:
        """Open a run; it ends as FINISHED, FAILED or KILLED, as the block does.

        Parameters
        ----------
        kind
            `emotion` or `share`.
        title
            What the run is called in a list of runs.
        seed
            Of all randomness in the run.
        params
            Settings, by name.
        data
            The tables that it learns from.

        Raises
        ------
        RegistryError
            When the tracking server cannot be written.
        """
        store = self.registry.store
        experiment = NAMES[kind]
        close_dead_runs(store, experiment)
        owner = {PROCESS_TAG: str(os.getpid()), HOST_TAG: socket.gethostname()}
        with store.run(experiment, title, owner) as run_id:
            run = TrackedRun(self.registry, run_id)
            run.log_params({**params, "seed": seed})
            run.log_data(data)
            yield run


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """One open run."""

    registry: Registry
    run_id: str

    def log_params(self, params: Mapping[str, object]) -> None:
        """Log settings; one that was logged before must not change."""
        from mlflow.entities import Param

        entries = [Param(key, str(value)[:LONGEST_PARAM]) for key, value in params.items()]
        for start in range(0, len(entries), PARAMS_AT_ONCE):
            with self.registry.store.calling("log parameters") as client:
                client.log_batch(self.run_id, params=entries[start : start + PARAMS_AT_ONCE])

    def log_data(self, data: Sequence[DataSet]) -> None:
        """Log which tables the run learnt from: names and digests, never a row."""
        from mlflow.entities import Dataset, DatasetInput

        inputs = [
            DatasetInput(
                Dataset(
                    name=part.name,
                    digest=part.digest.removeprefix("sha256:")[:DATASET_DIGEST],
                    source_type="file",
                    source=part.name,
                    profile=f'{{"num_rows": {part.rows}}}',
                )
            )
            for part in data
        ]
        self.log_params({f"data.{index}": _told(part) for index, part in enumerate(data)})
        with self.registry.store.calling("log the data sets") as client:
            client.log_inputs(self.run_id, inputs)

    def log_metrics(self, report: Mapping[str, Any], prefix: str = "") -> None:
        """Log every number of a nested report; intervals become `NAME.low` and `NAME.high`.

        Parameters
        ----------
        report
            Names to numbers, estimates, or further reports.
        prefix
            Put before each name, such as `baselines`.
        """
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        entries = [Metric(key, value, now, 0) for key, value in flatten(report, prefix).items()]
        for start in range(0, len(entries), METRICS_AT_ONCE):
            with self.registry.store.calling("log metrics") as client:
                client.log_batch(self.run_id, metrics=entries[start : start + METRICS_AT_ONCE])

    def log_files(
        self,
        *,
        figures: Mapping[str, "Figure"] | None = None,
        texts: Mapping[str, str] | None = None,
        reports: Mapping[str, Any] | None = None,
    ) -> None:
        """Log documents beside the model.

        Parameters
        ----------
        figures
            Name -> figure, kept as `plots/NAME.png`.
        texts
            File name -> text, such as `card.md`.
        reports
            Name -> nested report, kept as `NAME.json`.
        """
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            for name, figure in (figures or {}).items():
                (folder / "plots").mkdir(exist_ok=True)
                save(figure, folder / "plots" / f"{name}.png")
            for name, text in (texts or {}).items():
                (folder / name).write_text(text, encoding="utf-8")
            for name, report in (reports or {}).items():
                save_json(folder / f"{name}.json", jsonable(report))
            self.registry.store.put(self.run_id, folder)

    def register(
        self,
        folder: Path,
        verdict: Verdict,
        *,
        judged_against: Version | None = None,
        name: str | None = None,
        encoder: Path | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> tuple[Version, Verdict]:
        """Register the run's model and give it the standing that the gate decided.

        Parameters
        ----------
        folder
            A complete model folder.
        verdict
            Of the gate: the version becomes champion or challenger, and the reasons stay with it.
        judged_against
            The champion that the gate compared it with; None where nobody reigned.
        name
            What to register under; by default the name of its kind.
        encoder
            Folder of a new encoder that the model was fitted on.
        metrics
            Headline figures, shown with the version.

        Returns
        -------
        The version, and the verdict that stands: another training may have ended in between.

        Raises
        ------
        ModelError, RegistryError
            See `Registry.register`.
        """
        tags = _tags(verdict)
        version = self.registry.register(
            folder, name=name, run_id=self.run_id, encoder=encoder, tags=tags, metrics=metrics
        )
        if verdict.champion:
            if reigns := self.registry.succeed(version, judged_against):
                return reigns, verdict
            verdict = overtaken(verdict)
            for tag, value in _tags(verdict).items():
                self.registry.store.set_tag(version.name, version.number, tag, value)
        return self.registry.challenge(version.name, version.number), verdict


def _tags(verdict: Verdict) -> dict[str, str]:
    standing = CHAMPION if verdict.champion else CHALLENGER
    return {VERDICT_TAG: standing, REASON_TAG: " ".join(verdict.reasons)[:LONGEST_TAG]}


def flatten(report: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Return the finite numbers of a nested report under dotted names.

    Examples
    --------
    >>> flatten({"joy": {"pearson": 0.5, "n": 7, "ci": {"pearson": [0.4, 0.6]}}, "note": "x"})
    {'joy.pearson': 0.5, 'joy.n': 7.0, 'joy.pearson.low': 0.4, 'joy.pearson.high': 0.6}
    """
    found: dict[str, float] = {}
    for name, value in report.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Estimate):
            found |= flatten(
                {path: value.value, f"{path}.low": value.low, f"{path}.high": value.high}
            )
        elif name == "ci" and isinstance(value, Mapping):
            bounds = {f"{key}": {"low": low, "high": high} for key, (low, high) in value.items()}
            found |= flatten(bounds, prefix)
        elif isinstance(value, Mapping):
            found |= flatten(value, path)
        elif isinstance(value, int | float) and math.isfinite(value):
            found[path] = float(value)
    return found


def close_dead_runs(store: MlflowStore, experiment: str) -> int:
    """Mark as KILLED the runs whose process on this machine is gone, and return how many.

    A process that is killed outright cannot say so itself.
    """
    with store.calling("look for dead runs") as client:
        found = client.get_experiment_by_name(experiment)
        if found is None:
            return 0
        query = f"attributes.status = 'RUNNING' and tags.`{HOST_TAG}` = '{socket.gethostname()}'"
        runs = client.search_runs([found.experiment_id], query)
        dead = [run for run in runs if not _alive(run.data.tags[PROCESS_TAG])]
        for run in dead:
            client.set_terminated(run.info.run_id, "KILLED")
    return len(dead)


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _told(part: DataSet) -> str:
    return f"{part.name} ({part.rows} rows, sha256 {part.digest.removeprefix('sha256:')})"
