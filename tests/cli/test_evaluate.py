import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from models.record import HISTORY, Lessons
from models.versions import Loaded
from tests.cli.conftest import Run, TinyRegistry
from training.splits import vault

pytestmark = pytest.mark.usefixtures("tiny")

RATED = "text,language,joy\nWhat a lovely day,en,0.9\nI lost my keys,en,0\n"
POSTS = (
    "post_id,account_id,platform,text,published_at,shares,collected_at\n"
    "1,me,x,Hello,2024-01-01T10:00Z,5,{collected}\n"
)


def test_evaluate_emotion(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluate(frame: Any, loaded: Any, embed: Any) -> dict[str, Any]:
        joy = {"pearson": 0.71, "n": len(frame)}
        return {"model": loaded.version.uri, "metrics": {"joy": joy}, "mean_pearson": 0.71, "n": 2}

    monkeypatch.setattr("training.evaluate.evaluate_emotion", evaluate)
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("evaluate", "emotion", "rated.csv", "--json", "out.json")
    assert result.exit_code == 0, result.output
    assert "0.710" in result.stdout
    assert result.stdout.startswith("prescore-emotion version 1\n")
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["metrics"]["joy"] == {"pearson": 0.71, "n": 2}
    printed = run("evaluate", "emotion", "rated.csv", "--json", "-")
    assert json.loads(printed.stdout) == written


def test_evaluate_share_reads_a_post_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(
        posts: Any, comparisons: Any, loaded: Any, embed: Any, judged: Any, languages: Any
    ) -> dict[str, Any]:
        assert comparisons is None
        return {"posts": {"n": len(posts), "within_account_spearman": 0.4}}

    monkeypatch.setattr("training.evaluate.evaluate_share", evaluate)
    for name, collected in (("a.csv", "2024-02-01"), ("b.csv", "2024-03-01")):
        (tmp_path / name).write_text(POSTS.format(collected=collected))
    result = run("evaluate", "share", "--posts", "a.csv", "--posts", "b.csv", "--json", "-")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["posts"]["n"] == 1


def test_evaluate_share_refuses_the_languages_that_score_does(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(*told: Any, judged: Any, languages: frozenset[str]) -> dict[str, Any]:
        return {"posts": {"languages": sorted(languages)}}

    monkeypatch.setattr("training.evaluate.evaluate_share", evaluate)
    (tmp_path / "posts.csv").write_text(POSTS.format(collected="2024-02-01"))
    result = run("evaluate", "share", "--posts", "posts.csv", "--json", "-")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["posts"]["languages"] == ["de", "en", "pl"]


def test_evaluate_share_without_tables_is_wrong_usage(run: Run) -> None:
    assert run("evaluate", "share").exit_code == 2


def test_evaluate_json_that_cannot_be_written_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluate.evaluate_emotion", lambda *told: {"metrics": {}})
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("evaluate", "emotion", "rated.csv", "--json", "missing/out.json")
    assert result.exit_code == 1
    assert result.stderr == "Error: No such file or directory (missing/out.json).\n"


def test_evaluate_share_held_out_keeps_what_no_training_sees(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(
        posts: Any, comparisons: Any, loaded: Any, embed: Any, judged: Any, languages: Any
    ) -> dict[str, Any]:
        assert comparisons is None
        return {"posts": {"accounts": sorted(posts["account_id"])}}

    monkeypatch.setattr("training.evaluate.evaluate_share", evaluate)
    head, row = POSTS.format(collected="2024-02-01").splitlines()
    names = [f"account{number}" for number in range(40)]
    rows = "\n".join(row.replace("1,me", f"{name},{name}", 1) for name in names)
    (tmp_path / "posts.csv").write_text(f"{head}\n{rows}\n")
    result = run("evaluate", "share", "--posts", "posts.csv", "--held-out", "--json", "-")
    assert result.exit_code == 0, result.output
    kept = json.loads(result.stdout)["posts"]["accounts"]
    assert kept == sorted(name for name in names if vault([f"x:{name}"])[0])
    assert 0 < len(kept) < len(names)


def test_evaluate_share_held_out_keeps_whole_groups_of_comparisons(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(
        posts: Any, comparisons: Any, loaded: Any, embed: Any, judged: Any, languages: Any
    ) -> dict[str, Any]:
        assert posts is None
        return {"comparisons": {"groups": sorted(comparisons["group_id"])}}

    monkeypatch.setattr("training.evaluate.evaluate_share", evaluate)
    names = [f"test{number}" for number in range(40)]
    rows = "".join(f"{name},Come today,We are open,a\n" for name in names for _ in range(2))
    (tmp_path / "pairs.csv").write_text(f"group_id,text_a,text_b,winner\n{rows}")
    result = run("evaluate", "share", "--comparisons", "pairs.csv", "--held-out", "--json", "-")
    assert result.exit_code == 0, result.output
    kept = json.loads(result.stdout)["comparisons"]["groups"]
    assert kept == sorted(2 * [name for name in names if vault([name])[0]])
    assert 0 < len(kept) < 2 * len(names)


def test_evaluate_share_held_out_says_when_nothing_is_left(run: Run, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(POSTS.format(collected="2024-02-01"))
    result = run("evaluate", "share", "--posts", "posts.csv", "--held-out")
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "Error: No account of the given tables is in the tenth that no training sees. "
        "Give more of them, or leave out --held-out.\n"
    )


def learnt_from(
    monkeypatch: pytest.MonkeyPatch, by_time: bool, *contents: str, name: str = "{}.csv"
) -> None:
    """Let the version have learnt from tables of some contents."""
    named = enumerate(contents)
    tables = {sha256(text.encode()).hexdigest(): name.format(number) for number, text in named}
    monkeypatch.setattr("models.record.lessons_of", lambda _: Lessons(tables, by_time))


def test_evaluate_share_held_out_by_time_judges_the_latest_posts(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(
        posts: Any, comparisons: Any, loaded: Any, embed: Any, judged: Any, languages: Any
    ) -> Any:
        return {"posts": {"judged": posts["post_id"][judged].tolist()}}

    monkeypatch.setattr("training.evaluate.evaluate_share", evaluate)
    head, row = POSTS.format(collected="2024-02-20").splitlines()
    rows = (row.replace("1,me", f"{day},me").replace("01-01", f"01-{day}") for day in range(10, 20))
    table = "\n".join([head, *rows, ""])
    learnt_from(monkeypatch, True, table, "another table")
    (tmp_path / "posts.csv").write_text(table)
    result = run("evaluate", "share", "--posts", "posts.csv", "--held-out", "--json", "-")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["posts"]["judged"] == ["18", "19"]
    assert "version 1 held out the latest fifth of each account's posts (2 here)" in result.stderr
    assert "Not given: 1.csv." in result.stderr


@pytest.mark.parametrize("told", [True, False])
def test_evaluate_share_held_out_by_time_misses_no_table_of_comparisons(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    """A version that tells which tables hold comparisons needs none; an older one is given it."""
    monkeypatch.setattr("training.evaluate.evaluate_share", lambda *told, **more: {})
    table = POSTS.format(collected="2024-02-20")
    rows = "".join(f"test{number},Come today,We are open,a\n" for number in range(40))
    pairs = f"group_id,text_a,text_b,winner\n{rows}"
    tables = {sha256(text.encode()).hexdigest(): text[:5] for text in (table, pairs)}
    compared = {digest for digest, name in tables.items() if told and name == "group"}
    lessons = Lessons(tables, True, frozenset(compared))
    monkeypatch.setattr("models.record.lessons_of", lambda _: lessons)
    (tmp_path / "posts.csv").write_text(table)
    (tmp_path / "ab.csv").write_text(pairs)
    words = [] if told else ["--comparisons", "ab.csv"]
    result = run("evaluate", "share", "--posts", "posts.csv", "--held-out", "--json", "-", *words)
    assert result.exit_code == 0, result.output
    assert "held out the latest fifth" in result.stderr
    assert "Not given" not in result.stderr


@pytest.mark.parametrize("held_out", [True, False])
def test_evaluate_share_warns_of_a_table_that_the_version_learnt_from(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_out: bool
) -> None:
    monkeypatch.setattr("training.evaluate.evaluate_share", lambda *told, **more: {})
    table = POSTS.format(collected="2024-02-01").replace(",me,", ",account6,")
    assert vault(["x:account6"])[0]
    learnt_from(monkeypatch, False, table)
    (tmp_path / "posts.csv").write_text(table)
    words = ["--held-out"] if held_out else []
    result = run("evaluate", "share", "--posts", "posts.csv", "--json", "-", *words)
    assert result.exit_code == 0, result.output
    warning = "prescore-share version 1 learnt from posts.csv: on rows that it has seen, figures"
    assert (warning in result.stderr) != held_out


def test_evaluate_share_warns_that_the_version_learnt_from_the_history_store(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluate.evaluate_share", lambda *told, **more: {})
    learnt_from(monkeypatch, False, "some rows", name=HISTORY)
    (tmp_path / "posts.csv").write_text(POSTS.format(collected="2024-02-01"))
    result = run("evaluate", "share", "--posts", "posts.csv", "--json", "-")
    assert result.exit_code == 0, result.output
    assert "prescore-share version 1 learnt from the history store: on rows" in result.stderr


def test_evaluate_emotion_warns_of_a_table_that_the_version_learnt_from(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluate.evaluate_emotion", lambda *told: {})
    learnt_from(monkeypatch, False, RATED)
    (tmp_path / "rated.csv").write_text(RATED)
    result = run("evaluate", "emotion", "rated.csv", "--json", "-")
    assert "prescore-emotion version 1 learnt from rated.csv" in result.stderr


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["share", "--posts", "posts.csv"], "share"),
        (["emotion", "rated.csv"], "emotion"),
        (["bias"], "emotion"),
        (["robustness"], "emotion"),
        (["gaming"], "share"),
    ],
)
def test_evaluate_refuses_a_model_of_the_other_kind(
    run: Run, tmp_path: Path, words: list[str], kind: str
) -> None:
    (tmp_path / "posts.csv").write_text(POSTS.format(collected="2024-02-01"))
    (tmp_path / "rated.csv").write_text(RATED)
    other = {"share": "emotion", "emotion": "share"}[kind]
    result = run("evaluate", *words, "--model", other)
    assert result.exit_code == 1
    said = f"Error: prescore-{other} version 1 is of kind '{other}'; expected '{kind}'.\n"
    assert result.stderr.endswith(said)


def test_evaluate_takes_the_short_name_of_a_model(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Registry(TinyRegistry):
        def load(self, address: str, threads: int = 1) -> Loaded:
            asked.append(address)
            return super().load(address, threads)

    monkeypatch.setattr("models.registry.Registry", lambda _: Registry())
    monkeypatch.setattr("models.shipped.ensure_starter", lambda _: [])
    monkeypatch.setattr("training.evaluate.evaluate_emotion", lambda *told: {})
    (tmp_path / "rated.csv").write_text(RATED)
    assert run("evaluate", "emotion", "rated.csv", "--model", "emotion", "--json", "-").stdout
    assert asked == ["prescore-emotion"]
