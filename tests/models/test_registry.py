import hashlib
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from features.errors import ConfigError, InputError, ModelError, RegistryError
from features.text.encoder import Encoder, digests_of, manifest_digest
from features.text.encoder import read_manifest as read_encoder
from models import frames, sqlite_file
from models.persistence import new_folder, read_manifest, save_json, write_manifest
from models.registry import EMOTION_NAME, ENCODER_NAME, SHARE_NAME, Registry
from models.settings import Home
from models.shipped import ensure_starter
from models.versions import REASON_TAG, VERDICT_TAG
from tests.postgres import Postgres
from tests.training.small_encoders import branched

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def encoder_folder(folder: Path, weights: str = "weights") -> str:
    """A folder that is an encoder to all but onnxruntime; returns its digest."""
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_text(weights)
    (folder / "tokenizer.json").write_text("{}")
    files = {
        path.name: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.iterdir())
    }
    manifest = {"format_version": 1, "dimension": 4, "prefix": "", "max_tokens": 8, "files": files}
    save_json(folder / "encoder.json", manifest)
    return manifest_digest(manifest)


def model_folder(folder: Path, digest: str, kind: str = "emotion", weights: str = "1 2 3") -> Path:
    with new_folder(folder) as staging:
        (staging / "heads.txt").write_text(weights)
        (staging / "card.md").write_text("# Card")
        save_json(staging / "canary.json", {"text": "hello"})
        write_manifest(staging, kind, now=NOW, encoder_digest=digest)
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An empty MLflow database: migrating one takes a second, copying one nothing."""
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path_factory.mktemp("template"))})
    Registry(home).names()
    return (home.root / "mlflow.db").read_bytes()


@pytest.fixture(scope="module")
def postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same in PostgreSQL."""
    name = postgres.fresh()
    environment = {
        "PRESCORE_HOME": str(tmp_path_factory.mktemp("template")),
        "MLFLOW_TRACKING_URI": postgres.url(name),
    }
    code = "import os; from models.registry import Registry; from models.settings import Home; "
    code += "Registry(Home.from_environment(os.environ)).names()"
    # In a process of its own: PostgreSQL copies no database that somebody holds open.
    command = [sys.executable, "-c", code]
    subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, check=True)
    return name


@pytest.fixture
def embedded(tmp_path: Path, template: bytes) -> Registry:
    """The registry that lives in a file of the state folder."""
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "home")}).prepare()
    (home.root / "mlflow.db").write_bytes(template)
    return Registry(home, starter=tmp_path / "starter")


IN_EITHER = pytest.mark.parametrize("registry", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def registry(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Registry:
    """A registry in SQLite; for tests marked `IN_EITHER`, in a database of either kind."""
    if getattr(request, "param", "sqlite") == "sqlite":
        embedded: Registry = request.getfixturevalue("embedded")
        return embedded
    server: Postgres = request.getfixturevalue("postgres")
    name = server.fresh(request.getfixturevalue("postgres_template"))
    # MLflow keeps its connections for the life of the process, and each test has a database.
    monkeypatch.setenv("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
    environment = {
        "PRESCORE_HOME": str(tmp_path / "home"),
        "MLFLOW_TRACKING_URI": server.url(name),
    }
    return Registry(Home.from_environment(environment).prepare(), starter=tmp_path / "starter")


def environment_of(registry: Registry) -> dict[str, str]:
    """What leads another process to the same registry."""
    state = {
        "PRESCORE_HOME": str(registry.home.root),
        "MLFLOW_TRACKING_URI": registry.home.tracking_uri,
    }
    return {**os.environ, **state}


@pytest.fixture
def digest(tmp_path: Path) -> str:
    return encoder_folder(tmp_path / "starter" / "encoder")


@pytest.fixture
def model(tmp_path: Path, digest: str) -> Path:
    return model_folder(tmp_path / "model", digest)


class Weights(str):
    """Stands for an encoder, which the registry holds weakly."""

    def of(self, digest: str) -> "Weights":
        return self


@pytest.fixture
def loaders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins where weights would be read."""

    def load(folder: Path, kind: str) -> str:
        return f"{kind} {(folder / 'heads.txt').read_text()}"

    monkeypatch.setattr(frames, "load_model", load)
    monkeypatch.setattr(
        Encoder, "load", lambda folder, threads: Weights((folder / "model.onnx").read_text())
    )


@IN_EITHER
def test_register_adds_a_version_without_standing(registry: Registry, model: Path) -> None:
    version = registry.register(
        model, tags={"prescore.gate": "challenger"}, metrics={"mean_pearson": 0.61}
    )

    assert (version.name, version.number, version.kind) == (EMOTION_NAME, "1", "emotion")
    assert version.aliases == ()
    assert version.verdict == "challenger"
    assert version.metrics == {"mean_pearson": 0.61}
    assert registry.versions(EMOTION_NAME) == [version]
    assert registry.names() == [EMOTION_NAME]


@IN_EITHER
def test_encoder_with_a_branch_is_kept_once_for_both(registry: Registry, tmp_path: Path) -> None:
    trunk, whole = branched(tmp_path / "made")
    digests = digests_of(read_encoder(whole))
    registry.register(model_folder(tmp_path / "one", digests[0]), encoder=whole)
    registry.register(model_folder(tmp_path / "two", digests[1], "share"))
    shutil.rmtree(registry.home.encoders)

    assert len(registry.versions(ENCODER_NAME)) == 1
    first, second = (registry.encoder(digest) for digest in digests)
    assert second.digest == first.trunk_digest == Encoder.load(trunk).digest


@IN_EITHER
def test_register_under_another_name_counts_from_one(registry: Registry, model: Path) -> None:
    registry.register(model)
    version = registry.register(model, name="spring-2026")

    assert version.uri == "models:/spring-2026/1"
    assert registry.resolve("models:/spring-2026/1").kind == "emotion"


@pytest.mark.parametrize("name", ["a/b", "it's", "", "x" * 101])
def test_register_refuses_names_that_cannot_be_addressed(
    registry: Registry, model: Path, name: str
) -> None:
    with pytest.raises(ConfigError, match="expected letters"):
        registry.register(model, name=name or "/")


@pytest.mark.parametrize("name", [EMOTION_NAME, ENCODER_NAME, "mine"])
def test_a_name_is_for_one_kind_of_model(
    registry: Registry, model: Path, tmp_path: Path, digest: str, name: str
) -> None:
    registry.register(model, name="mine")
    share = model_folder(tmp_path / "other", digest, "share")
    with pytest.raises(InputError, match=f"{name} is for models of kind '.*'; got 'share'"):
        registry.register(share, name=name)
    assert registry.versions(EMOTION_NAME) == []
    assert len(registry.versions("mine")) == 1


def test_register_keeps_an_encoder_once(registry: Registry, model: Path, digest: str) -> None:
    registry.register(model)
    registry.register(model)

    kept = registry.versions(ENCODER_NAME)
    assert [version.digest for version in kept] == [digest]
    assert len(registry.versions(EMOTION_NAME)) == 2
    assert not list(registry.home.artifacts.glob("prescore-emotion/**/model.onnx"))


def test_register_refuses_a_model_of_another_encoder(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    encoder_folder(tmp_path / "other", "other weights")

    with pytest.raises(ModelError, match="was fitted on encoder"):
        registry.register(model, encoder=tmp_path / "other")
    assert registry.versions(EMOTION_NAME) == []


def test_register_refuses_an_altered_folder(registry: Registry, model: Path) -> None:
    (model / "heads.txt").write_text("4 5 6")

    with pytest.raises(ModelError, match="was altered"):
        registry.register(model)
    assert registry.names() == []


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_register_interrupted_leaves_no_version(
    registry: Registry, model: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    registry.keep_encoder(read_manifest(model))

    def fail(*args: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(registry.store.client, "log_artifacts", fail)
        with pytest.raises((RegistryError, KeyboardInterrupt)) as caught:
            registry.register(model)

    assert registry.versions(EMOTION_NAME) == []
    experiment = registry.store.client.get_experiment_by_name(EMOTION_NAME)
    assert experiment is not None
    (run,) = registry.store.client.search_runs([experiment.experiment_id])
    if isinstance(failure, OSError):
        assert str(caught.value) == "Cannot store model: No space left on device"
        assert run.info.status == "FAILED"
    else:
        assert run.info.status == "KILLED"
    assert registry.register(model).number == "1"


@IN_EITHER
def test_resolve_reads_every_spelling(registry: Registry, model: Path) -> None:
    registry.register(model)
    registry.promote(EMOTION_NAME, "1")

    for address in (
        "models:/prescore-emotion@champion",
        "models:/prescore-emotion/1",
        "prescore-emotion/1",
        "prescore-emotion",
    ):
        assert registry.resolve(address).number == "1"


@IN_EITHER
def test_resolve_says_what_is_missing(registry: Registry, model: Path) -> None:
    with pytest.raises(RegistryError, match="There is no models:/prescore-share@champion"):
        registry.resolve(SHARE_NAME)
    registry.register(model)
    with pytest.raises(RegistryError, match="There is no models:/prescore-emotion/2"):
        registry.resolve("models:/prescore-emotion/2")
    with pytest.raises(RegistryError, match="There is no models:/prescore-emotion@champion"):
        registry.resolve(EMOTION_NAME)


def test_full_disk_while_storing_leaves_no_half_of_a_model(
    registry: Registry, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.keep_encoder(read_manifest(model))
    target = registry.home.artifacts / "half"

    def fail(run_id: str, folder: str, path: str) -> None:
        root = registry.store.client.get_run(run_id).info.artifact_uri.removeprefix("file://")
        (Path(root) / path).mkdir(parents=True)
        (Path(root) / path / "heads.txt").write_text("4")
        raise OSError(28, "No space left on device", folder, None, str(target))

    monkeypatch.setattr(registry.store.client, "log_artifacts", fail)
    with pytest.raises(RegistryError, match=f"Cannot store model: No space .*: {target}$"):
        registry.register(model)

    assert not list(registry.home.artifacts.rglob("heads.txt"))


@pytest.mark.parametrize("address", ["", "models:/", "models:/a@b@c", "a/b/c", "a/x"])
def test_resolve_refuses_what_is_no_address(registry: Registry, address: str) -> None:
    with pytest.raises(ConfigError, match="expected models:/NAME@champion"):
        registry.resolve(address)


@pytest.mark.usefixtures("loaders")
def test_load_returns_model_encoder_card_and_canary(
    registry: Registry, model: Path, digest: str
) -> None:
    registry.register(model)

    loaded = registry.load("prescore-emotion/1")

    assert str(loaded.model) == "emotion 1 2 3"
    assert str(loaded.encoder) == "weights"
    assert loaded.version.encoder_digest == digest
    assert (loaded.folder / "card.md").read_text() == "# Card"
    assert loaded.canary == {"text": "hello"}


@pytest.mark.usefixtures("loaders")
def test_load_after_the_training_folder_is_gone(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    registry.register(model)
    (model / "heads.txt").write_text("overwritten")

    assert str(Registry(registry.home, tmp_path / "none").load("prescore-emotion/1").model) == (
        "emotion 1 2 3"
    )


@pytest.mark.usefixtures("loaders")
def test_load_restores_an_encoder_from_the_registry(
    registry: Registry, model: Path, tmp_path: Path
) -> None:
    registry.register(model)
    elsewhere = Home.from_environment(
        {"PRESCORE_HOME": str(tmp_path / "b"), "MLFLOW_TRACKING_URI": registry.home.tracking_uri}
    )

    loaded = Registry(elsewhere, starter=tmp_path / "none").load("prescore-emotion/1")

    assert str(loaded.encoder) == "weights"


def stored(registry: Registry, name: str) -> Path:
    (path,) = registry.home.artifacts.glob(f"**/{name}")
    return path


@pytest.mark.usefixtures("loaders")
@IN_EITHER
def test_load_notices_an_altered_artifact(registry: Registry, model: Path) -> None:
    registry.register(model)
    stored(registry, "heads.txt").write_text("6 6 6")

    with pytest.raises(ModelError, match=r"heads\.txt was altered"):
        registry.load("prescore-emotion/1")


@pytest.mark.usefixtures("loaders")
def test_load_notices_altered_settings(registry: Registry, model: Path) -> None:
    registry.register(model)
    kept = stored(registry, "manifest.json")
    content = json.loads(kept.read_text())

    save_json(kept, content | {"threshold": 0.9})
    with pytest.raises(ModelError, match=r"manifest\.json was altered"):
        registry.load("prescore-emotion/1")

    del content["seal"]
    save_json(kept, {"threshold": 0.9, **content, "format_version": 2})
    with pytest.raises(ModelError, match=r"is not the model that .* was registered"):
        registry.load("prescore-emotion/1")


@pytest.mark.usefixtures("loaders")
def test_load_says_what_the_encoder_could_not(
    registry: Registry, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path, threads: int) -> None:
        raise ModelError(f"{threads} threads, and the encoder was altered.")

    registry.register(model)
    monkeypatch.setattr(Encoder, "load", fail)

    with pytest.raises(ModelError, match="4 threads, and the encoder was altered"):
        registry.load("prescore-emotion/1", threads=4)


@pytest.mark.usefixtures("loaders")
def test_load_notices_a_swapped_artifact(registry: Registry, model: Path, digest: str) -> None:
    registry.register(model)
    model_folder(stored(registry, "heads.txt").parent, digest, weights="6 6 6")

    with pytest.raises(ModelError, match="is not the model that models:/prescore-emotion/1"):
        registry.load("prescore-emotion/1")


@pytest.mark.usefixtures("loaders")
def test_load_notices_a_missing_artifact(registry: Registry, model: Path) -> None:
    registry.register(model)
    stored(registry, "heads.txt").unlink()

    with pytest.raises(ModelError, match=r"heads\.txt is missing"):
        registry.load("prescore-emotion/1")


def standing(registry: Registry, name: str = EMOTION_NAME) -> dict[str, tuple[str, ...]]:
    return {version.number: version.aliases for version in registry.versions(name)}


@pytest.fixture
def three(registry: Registry) -> Registry:
    """Three versions that are names only: aliases do not ask what a version holds."""
    with registry.store.run(EMOTION_NAME, "three", {}) as run_id:
        for _ in range(3):
            registry.store.create_version(
                EMOTION_NAME, "none", run_id, {"prescore.kind": "emotion"}
            )
    return registry


def test_promote_moves_three_aliases(three: Registry) -> None:
    three.promote(EMOTION_NAME, "1")
    three.challenge(EMOTION_NAME, "2")
    assert standing(three) == {"1": ("champion",), "2": ("challenger",), "3": ()}

    assert three.promote(EMOTION_NAME, "2").aliases == ("champion",)
    assert standing(three) == {"1": ("previous",), "2": ("champion",), "3": ()}


def test_promote_refuses_a_version_of_another_kind_than_the_name(three: Registry) -> None:
    three.promote(EMOTION_NAME, "1")
    with three.store.run(EMOTION_NAME, "share", {}) as run_id:
        three.store.create_version(EMOTION_NAME, "none", run_id, {"prescore.kind": "share"})
    with pytest.raises(InputError, match="is for models of kind 'emotion'; got 'share'"):
        three.promote(EMOTION_NAME, "4")
    assert standing(three) == {"1": ("champion",), "2": (), "3": (), "4": ()}


@IN_EITHER
def test_promote_twice_keeps_the_previous_one(three: Registry) -> None:
    three.promote(EMOTION_NAME, "1")
    three.promote(EMOTION_NAME, "2")
    three.promote(EMOTION_NAME, "2")

    assert standing(three) == {"1": ("previous",), "2": ("champion",), "3": ()}


def test_promote_refuses_a_version_that_is_not_there(three: Registry) -> None:
    three.promote(EMOTION_NAME, "1")

    with pytest.raises(RegistryError, match="There is no models:/prescore-emotion/9"):
        three.promote(EMOTION_NAME, "9")
    assert standing(three)["1"] == ("champion",)


def test_a_version_succeeds_only_whom_it_was_judged_against(three: Registry) -> None:
    one, two, other = (three.resolve(f"prescore-emotion/{number}") for number in (1, 2, 3))
    assert three.succeed(one, other) is None
    assert standing(three) == {"1": (), "2": (), "3": ()}

    three.succeed(one, None)
    assert three.succeed(other, None) is None
    reigns = three.succeed(two, one)
    assert reigns is not None
    assert reigns.aliases == ("champion",)
    assert standing(three) == {"1": ("previous",), "2": ("champion",), "3": ()}


@pytest.mark.parametrize("step", [1, 2])
def test_promote_killed_in_between_leaves_a_champion_and_is_completed(
    three: Registry, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    three.promote(EMOTION_NAME, "1")
    three.challenge(EMOTION_NAME, "2")
    set_alias, calls = three.store.set_alias, 0

    def killed(name: str, alias: str, number: str) -> None:
        nonlocal calls
        calls += 1
        if calls > step:
            raise KeyboardInterrupt
        set_alias(name, alias, number)

    def drop(name: str, alias: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(three.store, "set_alias", killed)
        patch.setattr(three.store, "drop_alias", drop)
        with pytest.raises(KeyboardInterrupt):
            three.promote(EMOTION_NAME, "2")

    assert three.resolve(EMOTION_NAME).number in {"1", "2"}
    three.promote(EMOTION_NAME, "2")
    assert standing(three) == {"1": ("previous",), "2": ("champion",), "3": ()}


def test_rollback_restores_the_previous_champion_once(three: Registry) -> None:
    three.promote(EMOTION_NAME, "1")
    three.promote(EMOTION_NAME, "3")

    assert three.rollback(EMOTION_NAME).number == "1"
    assert standing(three) == {"1": ("champion",), "2": (), "3": ()}
    with pytest.raises(RegistryError, match="has no previous champion"):
        three.rollback(EMOTION_NAME)


def test_rollback_without_versions_is_one_line(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="prescore-share has no previous champion"):
        registry.rollback(SHARE_NAME)


@pytest.fixture
def shipped(registry: Registry, tmp_path: Path, digest: str) -> Registry:
    for kind in ("emotion", "share"):
        model_folder(tmp_path / "starter" / kind, digest, kind)
    return registry


def test_ensure_starter_crowns_the_shipped_models_once(shipped: Registry) -> None:
    added = ensure_starter(shipped)

    assert [version.uri for version in added] == [
        "models:/prescore-emotion/1",
        "models:/prescore-share/1",
    ]
    assert standing(shipped) == {"1": ("champion",)}
    assert standing(shipped, SHARE_NAME) == {"1": ("champion",)}
    assert ensure_starter(shipped) == []
    assert standing(shipped) == {"1": ("champion",)}


def test_a_shipped_champion_tells_what_the_gate_had_against_it(shipped: Registry) -> None:
    objected = read_manifest(shipped.starter / "emotion").digest
    save_json(shipped.starter / "objections.json", {objected: "Not better: by 0.01."})
    emotion, share = ensure_starter(shipped)

    assert (emotion.crowned_by, emotion.objection) == ("prescore", "Not better: by 0.01.")
    # The tiny share model has the same files; what it says of itself tells them apart.
    assert (share.crowned_by, share.objection) == ("prescore", None)
    assert share.reason == "Shipped with prescore."


@pytest.mark.parametrize(
    ("verdict", "who", "objection"),
    [
        ("champion", "gate", None),
        ("challenger", "person", "Not better: by 0.01."),
        (None, "person", None),
    ],
)
def test_a_champion_from_before_it_was_noted_tells_who_made_it_one(
    registry: Registry, model: Path, verdict: str | None, who: str, objection: str | None
) -> None:
    tags = {} if verdict is None else {VERDICT_TAG: verdict, REASON_TAG: "Not better: by 0.01."}
    registry.register(model, tags=tags)
    registry.store.set_alias(EMOTION_NAME, "champion", "1")
    version = registry.resolve(EMOTION_NAME)
    assert (version.crowned_by, version.objection) == (who, objection)


def crowned(registry: Registry) -> dict[str, str | None]:
    return {version.number: version.crowned_by for version in registry.versions(EMOTION_NAME)}


def test_nobody_made_a_version_champion_that_never_was(three: Registry) -> None:
    three.promote(EMOTION_NAME, "1")
    three.challenge(EMOTION_NAME, "2")
    assert crowned(three) == {"1": "person", "2": None, "3": None}


def test_a_version_tells_who_made_it_champion_last(shipped: Registry, model: Path) -> None:
    ensure_starter(shipped)
    shipped.register(model, tags={VERDICT_TAG: "champion"})
    shipped.succeed(shipped.resolve("prescore-emotion/2"), shipped.champion(EMOTION_NAME))
    assert crowned(shipped) == {"1": "prescore", "2": "gate"}

    assert shipped.rollback(EMOTION_NAME).crowned_by == "person"
    assert crowned(shipped) == {"1": "person", "2": "gate"}

    assert shipped.promote(EMOTION_NAME, "2").crowned_by == "person"


def test_to_promote_what_reigns_does_not_change_who_made_it_champion(three: Registry) -> None:
    three.succeed(three.resolve("prescore-emotion/1"), None)
    assert three.promote(EMOTION_NAME, "1").crowned_by == "gate"


def test_a_start_after_the_first_asks_mlflow_nothing(
    shipped: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_starter(shipped)
    again = Registry(shipped.home, shipped.starter)
    monkeypatch.setattr(again, "store", SimpleNamespace(version=None))
    assert ensure_starter(again) == []
    assert again.resolve(f"{SHARE_NAME}@champion").number == "1"


def test_ensure_starter_completes_after_having_been_killed(
    shipped: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(name: str, alias: str, number: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shipped.store, "set_alias", killed)
        with pytest.raises(KeyboardInterrupt):
            ensure_starter(shipped)

    assert len(ensure_starter(shipped)) == 2
    assert standing(shipped) == {"1": ("champion",)}


def test_a_starter_that_lost_its_crown_is_crowned_without_reading_its_files(
    shipped: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_json(shipped.starter / "objections.json", {})
    ensure_starter(shipped)
    shipped.store.drop_alias(SHARE_NAME, "champion")
    monkeypatch.setattr("models.packaging.read_manifest", lambda _folder: pytest.fail("It reads."))

    assert [version.uri for version in ensure_starter(shipped)] == ["models:/prescore-share/1"]


def test_ensure_starter_leaves_own_models_alone(shipped: Registry, model: Path) -> None:
    shipped.register(model)

    assert [version.name for version in ensure_starter(shipped)] == [SHARE_NAME]
    assert standing(shipped) == {"1": ()}


def test_ensure_starter_without_shipped_models_does_nothing(registry: Registry) -> None:
    assert ensure_starter(registry) == []


@IN_EITHER
def test_ensure_starter_by_two_processes_registers_once(shipped: Registry) -> None:
    program = (
        "import os, sys; from pathlib import Path; from models.registry import Registry;"
        "from models.settings import Home; from models.shipped import ensure_starter;"
        "ensure_starter(Registry(Home.from_environment(os.environ), Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", program, str(shipped.starter)]
    where = environment_of(shipped)
    both = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=where) for _ in range(2)
    ]
    told = [process.communicate()[1] for process in both]

    assert told == ["", ""]
    assert standing(shipped) == {"1": ("champion",)}
    assert standing(shipped, SHARE_NAME) == {"1": ("champion",)}


def test_version_holds_code_pins_and_a_signature_but_no_pickle(
    registry: Registry, model: Path
) -> None:
    version = registry.register(model)

    package = Path(version.source.removeprefix("file://"))
    names = {path.name for path in package.rglob("*")}
    assert {"pyfunc.py", "schema.py", "heads.txt"} <= names
    assert not {"python_model.pkl", "__pycache__", "model.onnx", "starter"} & names
    assert "torch" not in (package / "requirements.txt").read_text()
    inputs = json.loads(mlmodel(package)["signature"]["inputs"])
    assert [column["name"] for column in inputs if column["required"]] == ["text"]
    assert len(inputs) == 9


def mlmodel(package: Path) -> dict[str, dict[str, str]]:
    content = yaml.safe_load((package / "MLmodel").read_text())
    assert isinstance(content, dict)
    return content


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "LOCK_SECONDS", 0.05)


@pytest.fixture
def locked(embedded: Registry, model: Path) -> Iterator[Registry]:
    embedded.register(model)
    with closing(sqlite3.connect(embedded.home.root / "mlflow.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield embedded


@pytest.mark.usefixtures("impatient")
def test_locked_registry_is_one_line(locked: Registry, model: Path) -> None:
    with pytest.raises(RegistryError, match="the registry is locked by another process"):
        locked.resolve("prescore-emotion/1")
    with pytest.raises(RegistryError, match="the registry is locked by another process"):
        locked.promote(EMOTION_NAME, "1")
    with pytest.raises(RegistryError, match="the registry is locked by another process"):
        locked.register(model)


@pytest.mark.usefixtures("impatient")
def test_promotions_wait_for_one_another(three: Registry) -> None:
    with closing(sqlite3.connect(three.home.root / "registry.lock")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RegistryError, match="locked by another process"):
            three.promote(EMOTION_NAME, "1")
    assert three.promote(EMOTION_NAME, "1").number == "1"


def test_full_disk_is_not_called_a_lock(three: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, statement: str) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        def close(self) -> None:
            pass

    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kwargs: Full())

    with (
        pytest.raises(RegistryError, match=r"Cannot write to .*registry\.lock: .* disk is full\.$"),
        sqlite_file.exclusively(three.home.root / "registry.lock"),
    ):
        pass


def test_damaged_lock_is_one_line(three: Registry) -> None:
    (three.home.root / "registry.lock").write_text("not a database, " * 100)

    with pytest.raises(RegistryError, match=r"registry\.lock is not a SQLite file"):
        three.promote(EMOTION_NAME, "1")


def test_damaged_registry_is_one_line(tmp_path: Path) -> None:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path)})
    (tmp_path / "mlflow.db").write_text("not a database, " * 100)

    with pytest.raises(RegistryError, match="is not a SQLite file"):
        Registry(home).names()


def test_a_fetch_drops_what_killed_ones_left(registry: Registry) -> None:
    cache = registry.home.encoders / "abc"
    leftover = cache.parent / ".def-killed"
    leftover.mkdir(parents=True)
    os.utime(leftover, (0, 0))

    with pytest.raises(RegistryError, match="Cannot fetch nowhere://abc"):
        registry.store.fetch("nowhere://abc", cache, read_encoder)
    assert list(cache.parent.iterdir()) == []


def test_unreachable_server_is_one_line_without_its_password(tmp_path: Path) -> None:
    home = Home.from_environment(
        {"PRESCORE_HOME": str(tmp_path), "MLFLOW_TRACKING_URI": "http://me:hunter2@127.0.0.1:9"}
    )

    with pytest.raises(RegistryError, match="no answer from") as caught:
        Registry(home).names()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("postgresql://me:hunter2@127.0.0.1:9/x", "Connection refused"),
        ("mysql://me:hunter2@127.0.0.1:9/x", "No module named"),
        ("foo://me:hunter2@127.0.0.1:9/x", "unsupported URI"),
        ("postgresql://me:hunter2@127.0.0.1:nine/x", "invalid literal"),
        ("foo://127.0.0.1:9/x?user=me&password=hunter2", "unsupported URI"),
        ("foo://me:hunter2/@127.0.0.1:9/x", "unsupported URI"),
        ("foo://me:one?hunter2@127.0.0.1:9/x", "unsupported URI"),
        ("foo://127.0.0.1:9/x?password=one@hunter2", "unsupported URI"),
    ],
)
def test_a_place_that_cannot_be_opened_is_one_line_without_its_password(
    uri: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(_seconds: float) -> None:
        pytest.fail("Somebody waits for a server that does not answer.")

    monkeypatch.setattr("time.sleep", wait)
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path), "MLFLOW_TRACKING_URI": uri})

    with pytest.raises(RegistryError, match=f"^Cannot open the registry: .*{why}.*$") as caught:
        Registry(home).resolve(EMOTION_NAME)
    assert "hunter2" not in str(caught.value)


def test_naming_a_version_does_not_import_mlflow() -> None:
    program = "import sys, models.registry; sys.exit('mlflow' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@IN_EITHER
def test_register_killed_outright_leaves_a_whole_registry(registry: Registry, model: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from models.registry import Registry;"
        "from models.settings import Home; from models.mlflow_store import MlflowStore;"
        "MlflowStore.create_version = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
        "Registry(Home.from_environment(os.environ), Path(sys.argv[1]))"
        ".register(Path(sys.argv[2]))"
    )
    registry.register(model)
    command = [sys.executable, "-c", program, str(registry.starter), str(model)]
    killed = subprocess.run(command, check=False, env=environment_of(registry))

    assert killed.returncode == -signal.SIGKILL
    assert [version.number for version in registry.versions(EMOTION_NAME)] == ["1"]
    assert registry.register(model).number == "2"


def test_the_embedded_registry_is_its_owners_alone(tmp_path: Path) -> None:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path)})
    Registry(home).names()
    assert stat.filemode(home.registry_file.stat().st_mode) == "-rw-------"
