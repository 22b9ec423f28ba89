"""The command as people run it: a process of its own, on real models, store and registry."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from features.text.encoder import Encoder
from models.registry import Registry
from models.settings import Home
from models.versions import SHARE_NAME
from tests.serving.serving_here import read_until_ready
from tests.serving.tiny_models import emotion_folder, share_folder
from tests.training.tables import comparisons_table, posts_table

POLISH = "Udało się! Otwieramy dziś kino na Starówce, kocham to miasto."
ENGLISH = "We are so happy, the old cinema is new again today!"
TRAINING_ONLY = ("torch", "sentence_transformers", "transformers", "onnx")
AS_COMMAND = (
    "import sys; from cli.main import app\n"
    "try: app()\n"
    f"finally: print([name for name in {TRAINING_ONLY!r} if name in sys.modules], file=sys.stderr)"
)
Prescore = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tiny_encoder_folder: Path) -> Home:
    """A state folder with a tiny champion of each kind."""
    root = tmp_path_factory.mktemp("whole")
    home = Home.from_environment({"PRESCORE_HOME": str(root / "home")}).prepare()
    encoder = Encoder.load(tiny_encoder_folder)
    registry = Registry(home, starter=root / "none")
    for folder in (emotion_folder(root / "e", encoder), share_folder(root / "s", encoder)):
        version = registry.register(folder, encoder=tiny_encoder_folder)
        registry.promote(version.name, version.number)
    return home


@pytest.fixture(scope="module")
def environment(home: Home) -> dict[str, str]:
    state = ("PRESCORE_HOME", "PRESCORE_DATABASE_URL", "MLFLOW_TRACKING_URI")
    rest = {name: value for name, value in os.environ.items() if name not in state}
    return rest | {"PRESCORE_HOME": str(home.root), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def prescore(environment: dict[str, str], tmp_path: Path) -> Prescore:
    def call(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", AS_COMMAND, *words],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
            check=False,
        )

    return call


def test_score_reads_a_pipe_and_loads_no_training_library(prescore: Prescore) -> None:
    drafts = "\n".join(json.dumps({"text": text}) for text in (POLISH, ENGLISH, "ok"))
    done = prescore("score", "-", "--platform", "facebook", stdin=drafts)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["language"] for answer in answers[:2]] == ["pl", "en"]
    assert [answer["status"] for answer in answers] == ["ok", "ok", "abstained"]


def test_train_on_one_file_and_evaluate_on_another(prescore: Prescore, tmp_path: Path) -> None:
    posts = tmp_path / posts_table(tmp_path, accounts=60).name
    others = tmp_path / posts_table(tmp_path, accounts=12, seed=5).name
    pairs = tmp_path / comparisons_table(tmp_path, rows=200).name
    tables = ["--posts", str(posts), "--comparisons", str(pairs)]
    trained = prescore(
        "train", "share", *tables, "--name", "mine", "--seed", "1", "--json", "t.json"
    )
    assert trained.returncode == 0, trained.stderr
    summary = json.loads((tmp_path / "t.json").read_text())
    assert (summary["name"], summary["version"]) == ("mine", "1")
    assert summary["reasons"]
    assert "mine version 1 is the" in trained.stdout
    assert "Traceback" not in trained.stderr
    assert str(tmp_path) not in trained.stderr

    wanted = ["--model", "models:/mine/1", "--json", "e.json"]
    evaluated = prescore("evaluate", "share", "--posts", str(others), *wanted)
    assert evaluated.returncode == 0, evaluated.stderr
    report = json.loads((tmp_path / "e.json").read_text())
    assert {"n", "accounts", "within_account_spearman", "pair_accuracy_2x", "coverage_90"} <= (
        report["posts"].keys()
    )


def statuses(registry: Registry, name: str) -> list[str]:
    client = registry.store.client
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    return [run.info.status for run in client.search_runs([experiment.experiment_id])]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_train_stopped_by_a_signal_registers_nothing(
    home: Home, environment: dict[str, str], tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    posts = tmp_path / posts_table(tmp_path, accounts=60).name
    words = ["train", "share", "--posts", str(posts), "--name", "stopped"]
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        # Started in the background, the tests themselves may be deaf to Ctrl-C, and pass it on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(sent)
        _, rest = process.communicate()
    assert process.returncode == code, first + rest
    assert rest.splitlines()[-1] == "Stopped. Nothing was left half done."
    registry = Registry(home)
    assert registry.versions("stopped") == []
    assert "RUNNING" not in statuses(registry, SHARE_NAME)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_and_stops_quietly(
    environment: dict[str, str], tmp_path: Path, sent: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", AS_COMMAND, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as process:
        assert process.stderr is not None
        address, said = read_until_ready(process.stderr)
        body = json.dumps({"text": POLISH}).encode()
        request = Request(f"{address}/v1/score", body, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=60) as response:
                answer = json.load(response)
        finally:  # or a failure would wait for the service for ever
            process.send_signal(sent)
        said += process.stderr.read()
    assert answer["status"] == "ok"
    assert process.returncode == 0, said
    stopped, written = said.splitlines()[-2:]
    assert stopped.endswith("Stopped: the work in hand was finished.")
    assert written == "[]"
    assert "Traceback" not in said
