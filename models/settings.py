"""Where prescore keeps its state: one folder, one registry, one history store."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from features.errors import ConfigError
from features.private import make_private_folder

HOME_VARIABLE = "PRESCORE_HOME"
TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
DATABASE_VARIABLE = "PRESCORE_DATABASE_URL"
DEFAULT_ROOT = ".prescore"
REGISTRY_FILE = "mlflow.db"


@dataclass(frozen=True, slots=True)
class Home:
    """The places that state lives in; nothing is created until `prepare`.

    Attributes
    ----------
    root
        Absolute path of the state folder.
    tracking_uri
        Where MLflow keeps runs and registered versions.
    database_url
        SQLAlchemy URL of the history store. `repr` shows neither URL: both may hold passwords.
    """

    root: Path
    tracking_uri: str = field(repr=False)
    database_url: str = field(repr=False)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Home":
        """Resolve the places from environment variables; empty ones count as not set.

        Raises
        ------
        ConfigError
            When `PRESCORE_HOME` names a file, or a URL has no scheme or is SQLite's without a file.
        """
        root = _folder(env.get(HOME_VARIABLE, "").strip() or DEFAULT_ROOT)
        return cls(
            root=root,
            tracking_uri=_url(env, TRACKING_VARIABLE) or sqlite_url(root / REGISTRY_FILE),
            database_url=_url(env, DATABASE_VARIABLE) or sqlite_url(root / "history.db"),
        )

    @property
    def artifacts(self) -> Path:
        """Folder of the embedded registry's files."""
        return self.root / "artifacts"

    @property
    def encoders(self) -> Path:
        """Folder of the encoders, each under its digest."""
        return self.root / "encoders"

    @property
    def models(self) -> Path:
        """Folder of model versions fetched from a registry, kept for the next start."""
        return self.root / "models"

    @property
    def embeddings(self) -> Path:
        """File of the embedding cache."""
        return self.root / "embeddings.db"

    @property
    def registry_file(self) -> Path:
        """The embedded registry."""
        return self.root / REGISTRY_FILE

    @property
    def is_embedded(self) -> bool:
        """Whether the registry is the one that lives in `root`."""
        return self.tracking_uri == sqlite_url(self.registry_file)

    def prepare(self) -> "Home":
        """Create the state folder where it is missing, for its owner alone.

        Raises
        ------
        ConfigError
            When the folder cannot be created.
        """
        try:
            make_private_folder(self.root)
        except OSError as err:
            raise ConfigError(
                f"Cannot create {self.root}: {err.strerror}. Set {HOME_VARIABLE} to a folder "
                "that you may write to."
            ) from err
        return self


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy URL of a SQLite file at an absolute path."""
    return f"sqlite:///{path.as_posix()}"


def _folder(value: str) -> Path:
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ConfigError(f"Got {HOME_VARIABLE}={value!r}, which is a file; expected a folder.")
    return path


def _url(env: Mapping[str, str], variable: str) -> str:
    value = env.get(variable, "").strip()
    if value and ":" not in value:
        # The value itself may be a secret put into the wrong variable.
        raise ConfigError(
            f"{variable} is not a URL; expected one such as sqlite:////data/file.db or "
            f"{'http://host:5000' if variable == TRACKING_VARIABLE else 'postgresql://host/name'}."
        )
    if _is_in_memory(value):
        raise ConfigError(
            f"{variable} is a SQLite URL without a file, so whatever is kept would be lost; "
            "expected one such as sqlite:////data/file.db."
        )
    return value


def _is_in_memory(url: str) -> bool:
    """Whether a URL is of a SQLite database that ends with the process, or sooner."""
    if not url.startswith("sqlite"):
        return False
    # Imported for those alone who set such a URL: whoever minds the workers stays small.
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    with suppress(ArgumentError):
        parsed = make_url(url)
        place = (parsed.database or "").removeprefix("file:")
        return place in ("", ":memory:") or parsed.query.get("mode") == "memory"
    return False
