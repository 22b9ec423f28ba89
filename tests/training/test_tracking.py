import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from features.errors import RegistryError
from models.persistence import new_folder, write_manifest
from models.registry import Registry
from models.settings import Home
from training.judging.bootstrap import Estimate
from training.judging.gate import OVERTAKEN, Verdict
from training.record.card import DataSet
from training.tracking import Tracker, close_dead_runs, flatten

DATA = (DataSet("posts.csv", 120, "ab" * 32), DataSet("more.csv", 3, "cd" * 32))


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path_factory.mktemp("home"))})
    return Tracker(Registry(home))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with new_folder(tmp_path / "model") as staging:
        (staging / "heads.txt").write_text("1 2 3")
        write_manifest(
            staging, "share", now=datetime(2026, 5, 1, tzinfo=UTC), encoder_digest="sha256:ab"
        )
    return tmp_path / "model"


def test_run_leaves_parameters_data_metrics_and_documents(tracker: Tracker) -> None:
    with tracker.run("share", "spring", seed=7, params={"trees": 20}, data=DATA) as run:
        run.log_metrics({"spearman": Estimate(0.4, 0.3, 0.5, 12)})
        run.log_metrics({"median": {"spearman": 0.1}}, prefix="baselines")
        run.log_files(
            figures={"calibration": Figure()},
            texts={"card.md": "# Card"},
            reports={"report": {"n": 3, "r": float("nan")}},
        )

    client = tracker.registry.store.client
    found = client.get_run(run.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.params == {
        "trees": "20",
        "seed": "7",
        "data.0": f"posts.csv (120 rows, sha256 {'ab' * 32})",
        "data.1": f"more.csv (3 rows, sha256 {'cd' * 32})",
    }
    assert found.data.metrics == {
        "spearman": 0.4,
        "spearman.low": 0.3,
        "spearman.high": 0.5,
        "baselines.median.spearman": 0.1,
    }
    assert found.inputs is not None
    assert [entry.dataset.name for entry in found.inputs.dataset_inputs] == [
        "posts.csv",
        "more.csv",
    ]
    assert {item.path for item in client.list_artifacts(run.run_id)} == {
        "card.md",
        "plots",
        "report.json",
    }


@pytest.mark.parametrize(
    ("failure", "status"), [(ValueError("no"), "FAILED"), (KeyboardInterrupt(), "KILLED")]
)
def test_run_that_ends_badly_says_so(tracker: Tracker, failure: BaseException, status: str) -> None:
    run_ids = []

    def fail() -> None:
        with tracker.run("share", "bad", seed=0, params={}, data=()) as run:
            run_ids.append(run.run_id)
            raise failure

    with pytest.raises(type(failure)):
        fail()

    assert tracker.registry.store.client.get_run(run_ids[0]).info.status == status


@pytest.mark.parametrize(("champion", "standing"), [(True, "champion"), (False, "challenger")])
def test_register_gives_the_standing_that_the_gate_decided(
    tracker: Tracker, folder: Path, monkeypatch: pytest.MonkeyPatch, champion: bool, standing: str
) -> None:
    monkeypatch.setattr(Registry, "keep_encoder", lambda *_: None)
    verdict = Verdict(champion, ("Better on held-out rows.", "Coverage is fine."), ())

    with tracker.run("share", "gate", seed=0, params={}, data=()) as run:
        version, told = run.register(folder, verdict, name=standing, metrics={"spearman": 0.41})

    assert told == verdict
    assert version.aliases == (standing,)
    assert version.verdict == standing
    assert version.reason == "Better on held-out rows. Coverage is fine."
    assert version.metrics == {"spearman": 0.41}
    assert version.run_id == run.run_id


def test_of_two_trainings_that_overlap_the_second_to_end_challenges_the_first(
    tracker: Tracker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "keep_encoder", lambda *_: None)
    verdict = Verdict(True, ("Better on held-out rows.",), ())

    with tracker.run("share", "two", seed=0, params={}, data=()) as run:
        first, _ = run.register(folder, verdict, name="two")
        second, told = run.register(folder, verdict, name="two")

    assert not told.champion
    assert (first.aliases, second.aliases) == (("champion",), ("challenger",))
    assert second.objection == OVERTAKEN
    reigning = tracker.registry.champion("two")
    assert reigning is not None
    assert reigning.number == first.number


def test_register_that_fails_leaves_no_version_and_a_failed_run(
    tracker: Tracker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "keep_encoder", lambda *_: None)
    run_ids = []

    def fail() -> None:
        with tracker.run("share", "full", seed=0, params={}, data=()) as run:
            run_ids.append(run.run_id)
            client = tracker.registry.store.client

            def full(*args: object) -> None:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(client, "log_artifacts", full)
            run.register(folder, Verdict(True, (), ()), name="full")

    with pytest.raises(RegistryError, match="Cannot store model: No space left on device"):
        fail()

    assert tracker.registry.versions("full") == []
    assert tracker.registry.store.client.get_run(run_ids[0]).info.status == "FAILED"


def test_a_killed_run_is_closed_by_the_next_one(tracker: Tracker) -> None:
    store = tracker.registry.store
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with tracker.run("share", "alive", seed=0, params={}, data=()) as alive:
        tags = {"prescore.pid": str(gone.pid), "prescore.host": os.uname().nodename}
        experiment = store.client.get_run(alive.run_id).info.experiment_id
        dead = store.client.create_run(experiment, tags=tags).info.run_id

        assert close_dead_runs(store, "prescore-share") == 1
        assert store.client.get_run(dead).info.status == "KILLED"
        assert store.client.get_run(alive.run_id).info.status == "RUNNING"


def test_run_under_mlflow_run_hangs_below_it(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tracker.run("share", "outer", seed=0, params={}, data=()) as outer:
        monkeypatch.setenv("MLFLOW_RUN_ID", outer.run_id)
        with tracker.run("share", "inner", seed=0, params={}, data=()) as inner:
            pass

    tags = tracker.registry.store.client.get_run(inner.run_id).data.tags
    assert tags["mlflow.parentRunId"] == outer.run_id


def test_run_ignores_a_parent_of_another_server(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)

    with tracker.run("share", "orphan", seed=0, params={}, data=()) as run:
        pass

    assert "mlflow.parentRunId" not in tracker.registry.store.client.get_run(run.run_id).data.tags


def test_flatten_names_numbers_by_their_path() -> None:
    report = {
        "n": 3,
        "joy": {"pearson": 0.5, "ci": {"pearson": [0.4, 0.6]}},
        "empty": float("nan"),
        "none": None,
        "note": "text",
        "flag": True,
    }

    assert flatten(report, "test") == {
        "test.n": 3.0,
        "test.joy.pearson": 0.5,
        "test.joy.pearson.low": 0.4,
        "test.joy.pearson.high": 0.6,
        "test.flag": 1.0,
    }
