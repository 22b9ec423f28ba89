"""MLflow as prescore uses it: the one file of `models/` that imports MLflow.

MLflow costs a second and a half and 100 MB to import, so each import of it sits in a function:
naming a version or asking for `--help` pays nothing.
"""

import logging
import os
import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sqlalchemy.exc import SQLAlchemyError

from features.database import knock
from features.errors import NotInRegistryError, RegistryError
from features.private import make_private_file
from models import packaging, sqlite_file
from models.moving import mend_places
from models.persistence import drop_leftovers, new_folder, why
from models.settings import Home
from models.sqlite_file import check_sqlite, locked, sqlite_path, sqlite_trouble
from models.versions import KIND_TAG, Address, Version

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature

QUIET = {
    # Nothing leaves the machine.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # MLflow's own default knocks at an unreachable server for four minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    # Bars for a few copied files would break `--json` and the service's log.
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # With a server, MLflow prints links among what a command prints.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
DATABASE_SERVERS = ("postgresql", "mysql", "mssql")
PARENT_RUN_VARIABLE = "MLFLOW_RUN_ID"
PARENT_RUN_TAG = "mlflow.parentRunId"


def quiet_mlflow() -> None:
    """Import MLflow without telemetry, and without its notes on standard error.

    Variables that a person has set stay as they are. Whatever goes wrong inside MLflow is raised,
    so its log would only repeat it, as a traceback.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow  # noqa: F401

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def current_tracking_uri() -> str:
    """Return the place that MLflow itself is working with in this process."""
    quiet_mlflow()
    from mlflow import get_tracking_uri

    return str(get_tracking_uri())


class MlflowStore:
    """Runs, their files, versions and aliases; every failure is a `RegistryError` of one line.

    Nothing is opened or created before the first use.
    """

    def __init__(self, home: Home) -> None:
        self.home = home

    @cached_property
    def client(self) -> "MlflowClient":
        """The client of the tracking server and of the registry, which are one place.

        Raises
        ------
        RegistryError
            When the place cannot be opened.
        """
        self.home.prepare()
        path = sqlite_path(self.home.tracking_uri)
        if self.home.is_embedded and path is not None and path.exists():
            try:
                mend_places(self.home, path, sqlite_file.LOCK_SECONDS)
            except sqlite3.DatabaseError as err:
                doing = "open the registry"
                raise RegistryError(sqlite_trouble(doing, path, err)) from err
        if self.home.is_embedded:
            make_private_file(self.home.registry_file)
        quiet_mlflow()
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        try:
            if self.home.tracking_uri.startswith(DATABASE_SERVERS):
                # Where no PostgreSQL answers, MLflow goes on trying for two minutes.
                knock(self.home.tracking_uri)
            return MlflowClient(self.home.tracking_uri, self.home.tracking_uri)
        except (MlflowException, ImportError, OSError, SQLAlchemyError, ValueError) as err:
            raise RegistryError(self._explain("open the registry", err)) from err

    @contextmanager
    def calling(self, doing: str, missing: str = "") -> Iterator["MlflowClient"]:
        """Yield the client; turn what fails into one line.

        Parameters
        ----------
        doing
            What is tried, to follow "Cannot".
        missing
            What to say when the thing asked for does not exist.

        Raises
        ------
        NotInRegistryError
            When the registry lacks the thing.
        RegistryError
            When the registry is locked, unreachable, damaged or full.
        """
        check_sqlite(self.home.tracking_uri, doing)
        client = self.client
        from mlflow.exceptions import MlflowException

        try:
            yield client
        except MlflowException as err:
            if missing and err.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise NotInRegistryError(missing) from err
            raise RegistryError(self._explain(doing, err)) from err
        except (OSError, SQLAlchemyError) as err:
            raise RegistryError(self._explain(doing, err)) from err

    def _explain(self, doing: str, err: Exception) -> str:
        text = str(err).strip()
        if "locked" in text:
            return locked(doing)
        if "Max retries exceeded" in text or "Failed to establish" in text:
            return _no_secrets(f"Cannot {doing}: no answer from {self.home.tracking_uri}.")
        if isinstance(err, OSError):
            # Of a copy that failed, the second is where it was going.
            place = err.filename2 or err.filename
            text = f"{why(err)}: {place}" if place else why(err)
        return _no_secrets(f"Cannot {doing}: {text.splitlines()[0]}")[:400]

    # Runs and their files

    @contextmanager
    def run(self, experiment: str, title: str, tags: Mapping[str, str]) -> Iterator[str]:
        """Open a run and yield its id; it ends as FINISHED, FAILED or KILLED, as the block does."""
        with self.calling("start a run") as client:
            info = client.create_run(
                self._experiment(experiment), run_name=title, tags={**tags, **self._parent()}
            ).info
        try:
            yield info.run_id
        except BaseException as err:
            status = "FAILED" if isinstance(err, Exception) else "KILLED"
            # A registry that fails to close the run must not hide why the run failed.
            with suppress(RegistryError):
                self._close(info.run_id, status)
            raise
        self._close(info.run_id, "FINISHED")

    def _close(self, run_id: str, status: str) -> None:
        with self.calling("close the run") as client:
            client.set_terminated(run_id, status)

    def _experiment(self, name: str) -> str:
        client = self.client
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        # A bare database has no place for files but the caller's working folder: ours is better.
        embedded = self.home.tracking_uri.startswith(("sqlite:", *DATABASE_SERVERS))
        place = (self.home.artifacts / name).as_uri() if embedded else None
        return str(client.create_experiment(name, artifact_location=place))

    def _parent(self) -> dict[str, str]:
        """Under `mlflow run`, hang the run below the one that MLflow opened."""
        run_id = os.environ.get(PARENT_RUN_VARIABLE)
        from mlflow.exceptions import MlflowException

        try:
            return {PARENT_RUN_TAG: self.client.get_run(run_id).info.run_id} if run_id else {}
        except MlflowException:
            # It belongs to another tracking server.
            return {}

    def put(self, run_id: str, folder: Path, path: str | None = None) -> str:
        """Copy a folder into a run's files and return where it lies; all of it or nothing."""
        with self.calling(f"store {path or 'files'}") as client:
            root = str(client.get_run(run_id).info.artifact_uri)
            place = f"{root}/{path}" if path else root
            try:
                client.log_artifacts(run_id, str(folder), path)
            except BaseException:
                # Half of a model is of no use, and on a full disk it stands in the way.
                local = _local_path(place) if path else None
                if local is not None:
                    shutil.rmtree(local, ignore_errors=True)
                raise
        return place

    def fetch(self, source: str, cache: Path, check: Callable[[Path], object]) -> Path:
        """Return a local folder with what lies at `source`, fetched once where it is remote.

        Parameters
        ----------
        source
            A folder or a URL.
        cache
            Where to keep what is remote, in a folder that is prescore's alone; what is local is
            returned as it lies.
        check
            Raises when a fetched folder is not whole: it is then not kept.
        """
        local = _local_path(source)
        if local is not None:
            return local
        if not cache.is_dir():
            drop_leftovers(cache.parent, datetime.now(UTC))
            with self.calling(f"fetch {source}"), new_folder(cache) as staging:
                from mlflow.store.artifact import artifact_repository_registry as repositories

                repository = repositories.get_artifact_repository(source, self.home.tracking_uri)
                repository.download_artifacts("", str(staging))
                check(staging)
        return cache

    def run_files(self, run_id: str, path: str) -> list[str]:
        """Return the names of the files that a run kept in one of its folders, sorted."""
        with self.calling("list the files of a run", f"There is no run {run_id}.") as client:
            found = client.list_artifacts(run_id, path)
        return sorted(item.path.rsplit("/", 1)[-1] for item in found if not item.is_dir)

    def run_file(self, run_id: str, path: str) -> bytes:
        """Return the content of one file that a run kept."""
        missing = f"Run {run_id} kept no {path}."
        with (
            self.calling("read a file of a run", missing) as client,
            tempfile.TemporaryDirectory() as staging,
        ):
            return Path(client.download_artifacts(run_id, path, staging)).read_bytes()

    # Versions and aliases

    def names(self) -> list[str]:
        """Return the names that hold emotion or share models, sorted."""
        with self.calling("list the models") as client:
            found = client.search_registered_models(max_results=1000)
        return sorted(model.name for model in found if KIND_TAG in model.tags)

    def versions(self, name: str) -> list[Version]:
        """Return every version of a name, newest first; empty when there are none."""
        with self.calling(f"list the versions of {name}") as client:
            found = client.search_model_versions(f"name='{name}'", max_results=10_000)
            aliases = client.get_registered_model(name).aliases if found else {}
        versions = [_version(item, aliases) for item in found]
        return sorted(versions, key=lambda version: -int(version.number))

    def version(self, address: Address) -> Version:
        """Return the version that an address stands for now."""
        missing = f"There is no {address}. `prescore models` lists what there is."
        with self.calling(f"find {address}", missing) as client:
            found = (
                client.get_model_version_by_alias(address.name, address.alias)
                if address.alias
                else client.get_model_version(address.name, address.number or "")
            )
            return _version(found, client.get_registered_model(address.name).aliases)

    def create_version(
        self, name: str, source: str, run_id: str, tags: Mapping[str, str]
    ) -> Version:
        """Add a version with its tags, in one transaction."""
        with self.calling(f"register {name}") as client:
            if not client.search_registered_models(f"name='{name}'"):
                kind = {KIND_TAG: tags[KIND_TAG]} if KIND_TAG in tags else {}
                client.create_registered_model(name, kind)
            return _version(client.create_model_version(name, source, run_id, dict(tags)), {})

    def set_tag(self, name: str, number: str, tag: str, value: str) -> None:
        """Note something with a version, in one transaction."""
        with self.calling(f"note {tag} with version {number} of {name}") as client:
            client.set_model_version_tag(name, number, tag, value)

    def set_alias(self, name: str, alias: str, number: str) -> None:
        """Point an alias at a version, in one transaction."""
        with self.calling(f"make version {number} of {name} the {alias}") as client:
            client.set_registered_model_alias(name, alias, number)

    def drop_alias(self, name: str, alias: str) -> None:
        """Take an alias away; nothing happens where there is none."""
        with self.calling(f"drop the alias {alias} of {name}") as client:
            client.delete_registered_model_alias(name, alias)


def save_pyfunc(model: Path, target: Path, columns: Mapping[str, Any]) -> None:
    """Wrap a model folder for MLflow: a loader module in the version's own code, and no pickle.

    Parameters
    ----------
    model
        A model folder; it is kept under its own name in `target/data`.
    target
        The folder to be made.
    columns
        `inputs` (name -> required), `outputs` (name -> type) and `example` (rows).
    """
    quiet_mlflow()
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as staging:
        # MLflow warns of how it itself uses pydantic and pandas.
        warnings.simplefilter("ignore")
        import pandas as pd
        from mlflow.pyfunc import save_model

        save_model(
            path=str(target),
            loader_module="models.pyfunc",
            data_path=str(model),
            code_paths=[str(path) for path in packaging.copy_code(Path(staging))],
            signature=_signature(columns),
            input_example=pd.DataFrame(columns["example"]),
            pip_requirements=packaging.requirements(),
        )


def _signature(columns: Mapping[str, Any]) -> "ModelSignature":
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema, TensorSpec
    from mlflow.types.schema import AnyType

    # Only the text has a type: a column of times, ids or empty cells arrives in a dozen types,
    # and our own reader says more clearly than a schema what is wrong with one.
    anything = AnyType()
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec("string", name) if required else ColSpec(anything, name, required=False)
        for name, required in columns["inputs"].items()
    ]
    outputs: list[ColSpec | TensorSpec] = [
        ColSpec(kind, name) for name, kind in columns["outputs"].items()
    ]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _version(item: "ModelVersion", aliases: Mapping[str, str]) -> Version:
    number = str(item.version)
    return Version(
        name=item.name,
        number=number,
        kind=item.tags.get(KIND_TAG, ""),
        aliases=tuple(sorted(a for a, n in aliases.items() if str(n) == number)),
        tags=dict(item.tags),
        run_id=item.run_id or None,
        created=datetime.fromtimestamp(item.creation_timestamp / 1000, UTC),
        source=item.source or "",
    )


def _local_path(source: str) -> Path | None:
    place = urlsplit(source)
    if place.scheme not in ("", "file"):
        return None
    return Path(url2pathname(place.path) if place.scheme else source)


def _no_secrets(text: str) -> str:
    """Hide what may hold a password in the URLs of a text: all before the host, and the query."""
    # Where an @ follows a ?, it cannot be told which of the two holds it.
    text = re.sub(r"//[^@\s]*\?\S*@\S*", "//…", text)
    text = re.sub(r"//[^?\s]*@", "//…@", text)
    return re.sub(r"(//[^?\s]*)\?\S*", r"\1?…", text)
