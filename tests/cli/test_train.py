import json
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.versions import Version
from tests.cli.conftest import Run
from training.judging.gate import Verdict
from training.run import Job, Summary, TrainingTable

pytestmark = pytest.mark.usefixtures("tiny")

ROOT = Path(__file__).parent.parent.parent
RATED = "text,language,joy\nWhat a lovely day,en,0.9\nI lost my keys,en,0\n"
POSTS = "post_id,account_id,platform,text,published_at,shares\n1,me,x,Hello,2024-01-01T10:00Z,5\n"
PAIRS = "text_a,text_b,winner,group_id\nOne,Two,a,g\n"
ESTIMATE = {"pearson": 0.7, "n": 9, "ci": {"pearson": [0.6, 0.8]}}
EMOTION_REPORT = {"metrics": {"joy": ESTIMATE}, "mean_pearson": 0.7, "n": 9, "baselines": {}}
SHARE_REPORT = {"posts": {"within_account_spearman": 0.4, "n": 9, "baselines": {}}}


class Recorder:
    """Stands where training would start; keeps what it was told."""

    def __init__(self, kind: str, report: dict[str, Any], champion: bool) -> None:
        made = datetime(2026, 1, 1, tzinfo=UTC)
        name = f"prescore-{kind}"
        self.version = Version(name, "4", kind, ("champion",), {}, "run", made)
        self.report = report
        self.verdict = Verdict(champion, ("It is not clearly better.",), ())
        self.tables: list[list[TrainingTable]] = []
        self.job: Job | None = None
        self.options: Any = None
        self.beside: Any = None
        self.rated: Sequence[TrainingTable] = ()

    def __call__(
        self, *told: Any, beside: Any = None, rated: Sequence[TrainingTable] = ()
    ) -> Summary:
        self.beside, self.rated = beside, rated
        *tables, self.job, self.options = told
        self.tables = [list(part) for part in tables]
        assert self.job.progress is not None
        self.job.progress("reading", 1, 2)
        return Summary(self.version, self.verdict, self.report)


def record(
    monkeypatch: pytest.MonkeyPatch, kind: str, report: dict[str, Any], champion: bool = False
) -> Recorder:
    recorder = Recorder(kind, report, champion)
    monkeypatch.setattr(f"training.{kind}.run.run_train_{kind}", recorder)
    return recorder


def names(tables: Sequence[TrainingTable]) -> list[str]:
    return [table.name for table in tables]


def test_train_emotion(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    (tmp_path / "rated.csv").write_text(RATED)
    words = ["--seed", "7", "--name", "mine", "--no-finetune", "--terms", "rated.csv=CC BY 4.0"]
    result = run("train", "emotion", "rated.csv", *words, "--json", "out.json")
    assert result.exit_code == 0, result.output
    assert recorder.job is not None
    assert (recorder.job.seed, recorder.options.seed, recorder.job.name) == (7, 7, "mine")
    assert not recorder.options.finetune
    assert recorder.job.terms == {"rated.csv": "CC BY 4.0"}
    assert "prescore train emotion rated.csv" in recorder.job.command
    assert recorder.tables[0][0].frame["joy"].tolist() == [0.9, 0.0]
    assert "prescore-emotion version 4 is the challenger now." in result.stdout
    assert "It is not clearly better." in result.stdout
    assert "0.700 (0.600–0.800)" in result.stdout
    assert json.loads((tmp_path / "out.json").read_text())["uri"] == "models:/prescore-emotion/4"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("emotion", ["rated.csv"]), ("share", ["--posts=posts.csv", "--comparisons=pairs.csv"])],
)
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--skip-bad-rows", "--encoding=utf-8", "--sheet=Last year", "--day-first"],
        ["--month-first", "--naive-zone=Europe/Warsaw"],
        ["--terms=posts.csv=CC BY 4.0", "--terms=rated.csv=our own", "--name=mine"],
    ],
)
def test_the_command_on_the_card_is_the_whole_command(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    words: list[str],
    options: list[str],
) -> None:
    recorder = record(monkeypatch, kind, EMOTION_REPORT if kind == "emotion" else SHARE_REPORT)
    for file, content in (("rated.csv", RATED), ("posts.csv", POSTS), ("pairs.csv", PAIRS)):
        (tmp_path / file).write_text(content)
    given = ["train", kind, *words, *options, "--seed=3"]
    result = run(*given)
    assert result.exit_code == 0, result.output
    assert recorder.job is not None
    assert shlex.split(recorder.job.command) == ["prescore", *given]


def test_the_command_on_the_card_names_no_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    home = tmp_path / "secret"
    home.mkdir()
    (home / "rated.csv").write_text(RATED)
    words = ["--encoder", f"{home}/encoder/", "--auxiliary", str(home / "rated.csv")]
    words += ["--terms", f"{home}/rated.csv=CC BY 4.0"]
    result = run("train", "emotion", str(home / "rated.csv"), *words)
    assert result.exit_code == 0, result.output
    assert recorder.options.encoder == f"{home}/encoder/"
    assert recorder.job is not None
    assert "--encoder=encoder" in recorder.job.command
    assert "secret" not in recorder.job.command


def test_the_encoder_may_learn_from_posts_and_comparisons_beside_emotions(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    for name, content in (("rated.csv", RATED), ("a.csv", POSTS), ("pairs.csv", PAIRS)):
        (tmp_path / name).write_text(content)
    words = ["--posts", "a.csv", "--comparisons", "pairs.csv"]
    result = run("train", "emotion", "rated.csv", *words)
    assert result.exit_code == 0, result.output
    assert names(recorder.beside.posts) == ["a.csv"]
    assert names(recorder.beside.comparisons) == ["pairs.csv"]
    assert recorder.job is not None
    assert "--posts=a.csv --comparisons=pairs.csv" in recorder.job.command
    refused = run("train", "emotion", "rated.csv", *words, "--no-finetune")
    assert refused.exit_code == 2


def test_auxiliary_is_a_folder_of_a_set_or_a_table_that_teaches_and_never_judges(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    for name in ("rated.csv", "silver.csv"):
        (tmp_path / name).write_text(RATED)
    (tmp_path / "xed").mkdir()
    words = ["--auxiliary", "silver.csv", "--auxiliary", "xed"]
    result = run("train", "emotion", "rated.csv", *words)
    assert result.exit_code == 0, result.output
    assert names(recorder.rated) == ["silver.csv"]
    assert [path.name for path in recorder.options.auxiliaries] == ["xed"]
    assert recorder.job is not None
    assert "--auxiliary=silver.csv --auxiliary=xed" in recorder.job.command
    missing = run("train", "emotion", "rated.csv", "--auxiliary", "away.csv")
    assert missing.exit_code == 2
    assert "away.csv" in missing.output


def test_several_runs_need_fine_tuning(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("train", "emotion", "rated.csv", "--runs", "3")
    assert result.exit_code == 0, result.output
    assert recorder.options.runs == 3
    assert recorder.job is not None
    assert "--runs=3" in recorder.job.command
    refused = run("train", "emotion", "rated.csv", "--runs", "3", "--no-finetune")
    assert refused.exit_code == 2
    assert "no runs" in refused.output


def test_own_layers_need_fine_tuning_on_emotions_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    for name, content in (("rated.csv", RATED), ("posts.csv", POSTS)):
        (tmp_path / name).write_text(content)
    result = run("train", "emotion", "rated.csv", "--own-layers", "2")
    assert result.exit_code == 0, result.output
    assert recorder.options.own_layers == 2
    assert recorder.job is not None
    assert "--own-layers=2" in recorder.job.command
    refused = run("train", "emotion", "rated.csv", "--own-layers", "2", "--no-finetune")
    assert refused.exit_code == 2
    assert "no layers of its own" in " ".join(refused.output.split())
    refused = run("train", "emotion", "rated.csv", "--own-layers", "2", "--posts", "posts.csv")
    assert refused.exit_code == 2
    assert "learn nothing from posts" in " ".join(refused.output.split())


def test_train_share(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(monkeypatch, "share", SHARE_REPORT, champion=True)
    for name, content in (("a.csv", POSTS), ("b.csv", POSTS), ("pairs.csv", PAIRS)):
        (tmp_path / name).write_text(content)
    words = ["--posts", "a.csv", "--posts", "b.csv", "--comparisons", "pairs.csv"]
    result = run("train", "share", *words, "--json", "-")
    assert result.exit_code == 0, result.output
    assert [names(part) for part in recorder.tables] == [["a.csv", "b.csv"], ["pairs.csv"]]
    assert json.loads(result.stdout)["champion"] is True
    shown = run("train", "share", *words)
    assert "prescore-share version 4 is the champion now." in shown.stdout
    assert "reading (2)" in shown.stderr


def test_train_share_learns_from_the_history_store_alone_or_beside_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "share", SHARE_REPORT)
    (tmp_path / "old.csv").write_text(POSTS)
    (tmp_path / "new.csv").write_text(POSTS.replace("1,me", "2,me"))
    assert run("import", "old.csv").exit_code == 0
    result = run("train", "share", "--history")
    assert result.exit_code == 0, result.output
    assert "the history store: read 1 post." in result.stderr
    assert [names(part) for part in recorder.tables] == [["the history store"], []]
    assert recorder.job is not None
    assert "prescore train share --history --seed=0" in recorder.job.command
    result = run("train", "share", "--posts", "new.csv", "--history")
    assert result.exit_code == 0, result.output
    new, kept = recorder.tables[0]
    assert [table.frame["post_id"].tolist() for table in (new, kept)] == [["2"], ["1"]]
    assert new.frame.dtypes.equals(kept.frame.dtypes)


def test_train_share_says_that_the_history_store_is_empty(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "share", SHARE_REPORT)
    result = run("train", "share", "--history")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The history store holds no posts to learn from: ")
    assert recorder.job is None


def test_what_a_person_should_know_is_told_beside_the_result(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)

    def train(*told: Any, **more: Any) -> Summary:
        _, job, _ = told
        job.tell("It starts anew.")
        return recorder(*told, **more)

    monkeypatch.setattr("training.emotion.run.run_train_emotion", train)
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("train", "emotion", "rated.csv", "--json", "-")
    assert "It starts anew.\n" in result.stderr
    assert json.loads(result.stdout)["version"] == "4"


def test_train_stopped_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*told: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.emotion.run.run_train_emotion", stop)
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("train", "emotion", "rated.csv")
    assert (result.exit_code, result.stdout) == (130, "")


def test_train_names_bad_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rated.csv").write_text(RATED + "Too much joy,en,1.3\n")
    result = run("train", "emotion", "rated.csv")
    assert result.exit_code == 1
    assert "row 4, column joy" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["emotion"],
        ["share"],
        ["emotion", "rated.csv", "--terms", "no sign"],
        ["emotion", "rated.csv", "--seed", "-1"],
        ["share", "--posts", "rated.csv", "--seed", str(2**31)],
    ],
)
def test_train_wrong_usage(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    record(monkeypatch, "emotion", EMOTION_REPORT)
    (tmp_path / "rated.csv").write_text(RATED)
    assert run("train", *words).exit_code == 2


def test_train_emotion_says_what_to_install_as_the_readme_does(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "training.emotion.run", None)
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("train", "emotion", "rated.csv")
    assert result.exit_code == 1
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = re.search("which is not installed. Run: (.+)", result.stderr)
    assert said is not None
    assert said[1] in readme


@pytest.mark.parametrize(
    ("target", "said"),
    [("missing/out.json", "No such file or directory"), ("folder", "Is a directory")],
)
def test_json_that_cannot_be_written_is_told_before_the_training(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, said: str
) -> None:
    recorder = record(monkeypatch, "emotion", EMOTION_REPORT)
    (tmp_path / "rated.csv").write_text(RATED)
    (tmp_path / "folder").mkdir()
    result = run("train", "emotion", "rated.csv", "--json", target)
    assert (result.exit_code, result.stderr) == (1, f"Error: {said} ({target}).\n")
    assert recorder.job is None


def test_the_verdict_is_told_where_its_json_cannot_be_written_after_all(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record(monkeypatch, "share", SHARE_REPORT)

    def train(*told: Any, **more: Any) -> Summary:
        (tmp_path / "out").rmdir()
        return recorder(*told, **more)

    monkeypatch.setattr("training.share.run.run_train_share", train)
    (tmp_path / "a.csv").write_text(POSTS)
    (tmp_path / "out").mkdir()
    result = run("train", "share", "--posts", "a.csv", "--json", "out/out.json")
    assert result.exit_code == 1
    assert "prescore-share version 4 is the challenger now." in result.stdout
    assert result.stderr.endswith("Error: No such file or directory (out/out.json).\n")
