"""Versions of the models: registering, loading, and who reigns.

The MLflow side of it is `models.mlflow_store`; nothing here imports MLflow.
"""

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from features.errors import ModelError, NotInRegistryError, RegistryError
from models import frames, packaging
from models.encoders import EncoderStore
from models.mlflow_store import MlflowStore, current_tracking_uri, save_pyfunc
from models.persistence import Manifest, load_json, read_manifest
from models.seen import Seen
from models.settings import Home
from models.sqlite_file import exclusively
from models.versions import (
    CHALLENGER,
    CHAMPION,
    CROWNED_TAG,
    DIGEST_TAG,
    EMOTION_NAME,
    ENCODER_NAME,
    ENCODER_TAG,
    GATE,
    KIND_TAG,
    METRIC_PREFIX,
    NAMES,
    PERSON,
    PREVIOUS,
    SHARE_NAME,
    TRUNK_TAG,
    Address,
    Loaded,
    Version,
    check_fits,
    check_name,
)

if TYPE_CHECKING:
    from features.text.encoder import Encoder

__all__ = ["EMOTION_NAME", "ENCODER_NAME", "SHARE_NAME", "Loaded", "Registry", "Version"]

MODEL_PATH = "model"
ENCODER_PATH = "encoder"
CANARY = "canary.json"
SEEN = "registry-seen.json"


class Registry:
    """Registered versions, their aliases and their files.

    Parameters
    ----------
    home
        Where the state lives. Nothing is opened or created before the first use.
    starter
        Folder of the shipped models.
    """

    def __init__(self, home: Home, starter: Path = packaging.STARTER) -> None:
        self.home = home
        self.starter = starter
        self.store = MlflowStore(home)
        self.seen = Seen(home.registry_file if home.is_embedded else None, home.root / SEEN)
        self.encoders = EncoderStore(
            (home.encoders, starter / ENCODER_PATH), fetch=self._fetch_encoder
        )
        # Weakly: an encoder that no version in use needs any more is let go of.
        self._loaded_encoders: WeakValueDictionary[tuple[Path, int], Encoder] = (
            WeakValueDictionary()
        )

    @classmethod
    def of_mlflow(cls, env: Mapping[str, str]) -> "Registry":
        """Return the registry that MLflow itself is working with in this process."""
        return cls(replace(Home.from_environment(env), tracking_uri=current_tracking_uri()))

    # Asking

    def names(self) -> list[str]:
        """Return the names under which emotion and share models are registered, sorted."""
        return self.store.names()

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a name, newest first; empty when there are none."""
        return self.store.versions(check_name(name))

    def resolve(self, address: str) -> Version:
        """Return the version that `models:/NAME@alias`, `NAME/3` or `NAME` stands for now.

        Raises
        ------
        ConfigError
            When the address cannot be read.
        NotInRegistryError
            When there is no such version.
        RegistryError
            When the registry cannot be reached.
        """
        return self.seen.answer(Address.parse(address), self.store.version)

    def champion(self, name: str) -> Version | None:
        """Return the reigning version of a name, or None where there is none."""
        return self._holder(name, CHAMPION)

    def _holder(self, name: str, alias: str) -> Version | None:
        return next((found for found in self.versions(name) if alias in found.aliases), None)

    # Loading

    def load(self, address: str, threads: int = 1) -> Loaded:
        """Load the version that an address stands for now, and the encoder it was fitted on.

        Parameters
        ----------
        address
            See `resolve`.
        threads
            Threads of the encoder.

        Raises
        ------
        ConfigError, RegistryError
            See `resolve`.
        ModelError
            When a file of the version or its encoder is missing or altered.
        """
        version = self.resolve(address)
        folder = self.folder(version)
        canary = folder / CANARY
        place = self.encoders.find(version.encoder_digest)
        with ThreadPoolExecutor(1) as aside:
            # That is not Python's work: meanwhile it imports the libraries of the model.
            encoder = aside.submit(self._encoder, place, version.encoder_digest, threads)
            model = frames.load_model(folder, version.kind)
        return Loaded(
            version=version,
            model=model,
            encoder=encoder.result(),
            folder=folder,
            canary=load_json(canary) if canary.exists() else None,
        )

    def folder(self, version: Version) -> Path:
        """Return the model folder of a version, verified file by file.

        Raises
        ------
        ModelError
            When a file is missing or altered.
        RegistryError
            When the files cannot be fetched, or prescore did not register them.
        """
        if not version.kind or not version.digest:
            raise RegistryError(f"{version.uri} was not registered by prescore.")
        cache = self.home.models / version.digest.removeprefix("sha256:")
        place = self.store.fetch(_inside(version.source), cache, read_manifest)
        if read_manifest(place, version.kind).digest != version.digest:
            raise ModelError(f"{place} is not the model that {version.uri} was registered with.")
        return place

    def encoder(self, digest: str, threads: int = 1) -> "Encoder":
        """Return an encoder by its digest; it is loaded once per registry object.

        Raises
        ------
        ModelError
            When no place has it, or it was altered.
        """
        return self._encoder(self.encoders.find(digest), digest, threads)

    def _encoder(self, place: Path, digest: str, threads: int) -> "Encoder":
        from features.text.encoder import Encoder

        # Of a folder with a branch both encoders are loaded together, whichever is asked for.
        key = (place, threads)
        encoder = self._loaded_encoders.get(key)
        if encoder is None:
            encoder = Encoder.load(place, threads)
            self._loaded_encoders[key] = encoder
        return encoder.of(digest)

    def _encoder_version(self, digest: str) -> Version | None:
        kept = self.store.versions(ENCODER_NAME)
        tags = (DIGEST_TAG, TRUNK_TAG)
        return next((version for version in kept if digest in map(version.tags.get, tags)), None)

    def _fetch_encoder(self, digest: str) -> Path:
        from features.text.encoder import read_manifest as check

        version = self._encoder_version(digest)
        if version is None:
            raise ModelError(f"No encoder {digest}, neither here nor in the registry.")
        cache = self.home.encoders / version.digest.removeprefix("sha256:")
        return self.store.fetch(version.source, cache, check)

    # Registering

    def register(
        self,
        folder: Path,
        *,
        name: str | None = None,
        run_id: str | None = None,
        encoder: Path | None = None,
        tags: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Version:
        """Register a model folder as a new version, with no alias yet.

        The version is created last, in one transaction, when all of its files are in place and
        verified: interrupted at any moment, there is a whole version or none.

        Parameters
        ----------
        folder
            A complete model folder.
        name
            What to register under; by default the name of its kind.
        run_id
            The run that made it; without one, a run is made to hold the files.
        encoder
            Folder of a new encoder that the model was fitted on.
        tags
            Kept with the version, such as the verdict of the gate.
        metrics
            Headline figures, kept with the version.

        Raises
        ------
        ModelError
            When the folder or the encoder is incomplete or altered.
        InputError
            When the name is for models of another kind.
        RegistryError
            When the registry cannot be written.
        """
        manifest = read_manifest(folder)
        target = check_name(name or NAMES[manifest.kind])
        check_fits(target, manifest.kind, self.versions(target))
        self.keep_encoder(manifest, encoder)
        described = {
            **(tags or {}),
            **{METRIC_PREFIX + key: f"{value:.6g}" for key, value in (metrics or {}).items()},
            KIND_TAG: manifest.kind,
            DIGEST_TAG: manifest.digest,
            ENCODER_TAG: manifest.encoder_digest or "",
        }
        if run_id is not None:
            return self._add(target, folder, manifest, run_id, described)
        with self.store.run(NAMES[manifest.kind], f"register {target}", {}) as own_run:
            return self._add(target, folder, manifest, own_run, described)

    def _add(
        self, name: str, folder: Path, manifest: Manifest, run_id: str, tags: Mapping[str, str]
    ) -> Version:
        with tempfile.TemporaryDirectory() as temporary:
            package = Path(temporary) / "package"
            model = packaging.copy_model(folder, manifest, Path(temporary) / MODEL_PATH)
            save_pyfunc(model, package, frames.schema(manifest.kind))
            source = self.store.put(run_id, package, MODEL_PATH)
            stored = self.store.fetch(_inside(source), Path(temporary) / "stored", read_manifest)
            if read_manifest(stored, manifest.kind).digest != manifest.digest:
                raise RegistryError(f"{name} did not arrive whole in the registry. Try again.")
        return self.store.create_version(name, source, run_id, tags)

    def keep_encoder(self, manifest: Manifest, folder: Path | None = None) -> None:
        """See to it that the encoder of a model is in the registry, once.

        Raises
        ------
        ModelError
            When `folder` holds another encoder than the model was fitted on, or there is none.
        """
        wanted = manifest.encoder_digest or ""
        found = self.encoders.add(folder) if folder else [wanted]
        if wanted not in found:
            raise ModelError(f"The model was fitted on encoder {wanted}; got {found[0]}.")
        if self._encoder_version(wanted) is None:
            from features.text.encoder import digests_of
            from features.text.encoder import read_manifest as encoder_manifest

            place = self.encoders.find(wanted)
            digests = digests_of(encoder_manifest(place, verify=False))
            with self.store.run(ENCODER_NAME, f"keep {wanted}", {}) as run_id:
                source = self.store.put(run_id, place, ENCODER_PATH)
                tags = dict(zip((DIGEST_TAG, TRUNK_TAG), digests, strict=False))
                self.store.create_version(ENCODER_NAME, source, run_id, tags)

    # Reigning

    def challenge(self, name: str, number: str) -> Version:
        """Name a version the challenger."""
        version = self.resolve(f"{name}/{number}")
        self.store.set_alias(name, CHALLENGER, version.number)
        return self.resolve(version.uri)

    def promote(self, name: str, number: str) -> Version:
        """Make a version the champion, as a person's decision.

        The champion so far becomes `previous`.

        Readers see the old champion or the new one, never none: the alias flips in one
        transaction, after `previous` is set. Killed in between, the same call completes it.

        Parameters
        ----------
        name, number
            Of the version. One that reigns already stays as it was crowned.

        Raises
        ------
        NotInRegistryError
            When there is no such version.
        InputError
            When it is of another kind than the name is for.
        RegistryError
            When the registry cannot be written.
        """
        with self.exclusively():
            version = self.resolve(f"{name}/{number}")
            check_fits(name, version.kind, self.versions(name))
            return self._succeed(version, self.champion(name), PERSON)

    def succeed(self, version: Version, judged_against: Version | None) -> Version | None:
        """Make a version the champion, as `promote` does but as the gate's decision.

        Parameters
        ----------
        version
            Of a kind that its name is for.
        judged_against
            The champion that it was found better than; None where nobody reigned.

        Returns
        -------
        The version as it reigns; None where by now it would succeed another champion.

        Raises
        ------
        RegistryError
            When the registry cannot be written.
        """
        with self.exclusively():
            reigning = self.champion(version.name)
            if (reigning and reigning.number) != (judged_against and judged_against.number):
                return None
            return self._succeed(version, reigning, GATE)

    def _succeed(self, version: Version, reigning: Version | None, by: str) -> Version:
        if reigning is None or reigning.number != version.number:
            if reigning is not None:
                self.store.set_alias(version.name, PREVIOUS, reigning.number)
            self.crown(version, by)
        return self._drop_lesser(version)

    def rollback(self, name: str) -> Version:
        """Make the previous champion the champion again, as a person's decision.

        Raises
        ------
        NotInRegistryError
            When there is no previous champion.
        RegistryError
            When the registry cannot be written.
        """
        with self.exclusively():
            earlier = self._holder(name, PREVIOUS)
            if earlier is None or CHAMPION in earlier.aliases:
                raise NotInRegistryError(
                    f"{name} has no previous champion. Promote a version by its number instead."
                )
            self.crown(earlier, PERSON)
            return self._drop_lesser(earlier)

    def crown(self, version: Version, by: str) -> None:
        """Make a version the champion, whatever reigned before.

        Parameters
        ----------
        version
            Registered.
        by
            Who does it: `gate`, `person` or `prescore`.
        """
        # Who sees a version reign also finds who made it so: that is noted first.
        self.store.set_tag(version.name, version.number, CROWNED_TAG, by)
        self.store.set_alias(version.name, CHAMPION, version.number)

    def _drop_lesser(self, champion: Version) -> Version:
        """Leave a champion no other standing beside its own."""
        for alias in (CHALLENGER, PREVIOUS):
            if alias in self.resolve(champion.uri).aliases:
                self.store.drop_alias(champion.name, alias)
        return self.resolve(champion.uri)

    def exclusively(self) -> AbstractContextManager[None]:
        """Keep other processes from changing who reigns, while the block lasts."""
        return exclusively(self.home.prepare().root / "registry.lock")


def _inside(source: str) -> str:
    """Where the model folder lies in a version as MLflow packs it."""
    return f"{source}/data/{MODEL_PATH}"
