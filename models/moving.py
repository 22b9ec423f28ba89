"""A state folder that was moved: MLflow writes absolute places into its database.

Files move with the folder, places do not. They are put right before the registry is opened, all in
one transaction, for the embedded registry only.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from models.settings import Home

PLACES = {
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "model_versions": ("source", "storage_location"),
    "logged_models": ("artifact_location",),
}
"""Where MLflow 3 keeps places."""


def mend_places(home: Home, database: Path, timeout: float) -> bool:
    """Point MLflow's places to where the state folder lies now; tell whether that was needed.

    Parameters
    ----------
    home
        The state folder as it is addressed now.
    database
        Its embedded registry.
    timeout
        Seconds to wait for another process that writes.

    Raises
    ------
    sqlite3.Error
        When the database is locked or is none.
    """
    now = home.artifacts.as_uri()
    with closing(sqlite3.connect(database, timeout=timeout)) as connection:
        if not _tables(connection) >= PLACES.keys():
            return False
        found = connection.execute("SELECT name, artifact_location FROM experiments").fetchall()
        olds = {_root(name, place) for name, place in found if (home.artifacts / name).is_dir()}
        olds -= {None, now}
        with connection:
            for old in olds:
                _replace(connection, f"{old}/", f"{now}/")
    return bool(olds)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def _root(experiment: str, place: str) -> str | None:
    """The folder of files that an experiment's place points into, where it is one of ours."""
    end = f"/artifacts/{experiment}"
    ours = place.startswith("file:") and place.endswith(end)
    return place[: -len(experiment) - 1] if ours else None


def _replace(connection: sqlite3.Connection, old: str, new: str) -> None:
    for table, columns in PLACES.items():
        for column in columns:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE substr({column}, 1, ?) = ?",
                (new, len(old) + 1, len(old), old),
            )
