import json
import shutil
from pathlib import Path

import pytest

from models.registry import SHARE_NAME, Registry
from models.settings import Home
from models.versions import REASON_TAG
from tests.cli.conftest import Run
from tests.models.test_registry import encoder_folder, model_folder

WHY = "No held-out rows to compare with the champion, which has been measured on others, on"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real registry with three share versions: the first reigns, the second challenges."""
    folder = tmp_path_factory.mktemp("kept")
    home = Home.from_environment({"PRESCORE_HOME": str(folder / "home")}).prepare()
    registry = Registry(home, starter=folder / "starter")
    digest = encoder_folder(folder / "starter" / "encoder")
    for number in ("1", "2", "3"):
        made = model_folder(folder / f"model{number}", digest, "share", number)
        registry.register(
            made,
            metrics={"coverage": 0.9, "within_account_spearman": 0.4},
            tags={REASON_TAG: WHY},
        )
    registry.promote(SHARE_NAME, "1")
    registry.challenge(SHARE_NAME, "2")
    return home.root / "mlflow.db"


@pytest.fixture
def registry(home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of it for each test, without the shipped models."""
    home.mkdir()
    shutil.copy(kept, home)
    own = Home.from_environment({"PRESCORE_HOME": str(home)})
    monkeypatch.setattr("cli.versions.open_registry", lambda: Registry(own, starter=home / "none"))


@pytest.mark.usefixtures("registry")
def test_models_promote_rollback(run: Run) -> None:
    listed = run("models", "share", "--json")
    assert listed.exit_code == 0, listed.output
    assert [(each["version"], each["aliases"]) for each in json.loads(listed.stdout)] == [
        ("3", []),
        ("2", ["challenger"]),
        ("1", ["champion"]),
    ]
    crowned = [each["crowned_by"] for each in json.loads(listed.stdout)]
    assert crowned == [None, None, "person"]
    assert run("promote", "share").stdout == f"{SHARE_NAME} version 2 is the champion now.\n"
    third = run("promote", f"models:/{SHARE_NAME}/3", "--json")
    assert json.loads(third.stdout)["aliases"] == ["champion"]
    assert run("rollback", "share").stdout == f"{SHARE_NAME} version 2 is the champion now.\n"
    assert run("promote", SHARE_NAME, "1").exit_code == 0
    table = run("models").stdout
    assert "champion" in table
    assert WHY in table
    assert "Made champion by a person." in table
    assert table.index("within_account_spearman 0.400") < table.index("coverage 0.900")


@pytest.mark.usefixtures("registry")
def test_a_narrow_terminal_breaks_no_word_of_the_versions(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.printing.is_terminal", lambda _stream: True)
    monkeypatch.setenv("COLUMNS", "80")
    told = run("models").stdout
    assert max(map(len, told.splitlines())) <= 80
    for whole in (f"{SHARE_NAME} 1", "champion", "within_account_spearman 0.400"):
        assert whole in told
    assert WHY in " ".join(told.split())


@pytest.mark.usefixtures("registry")
def test_models_of_no_such_name(run: Run) -> None:
    said = run("models", "list")
    assert said.exit_code == 1
    assert f"No versions of list. There are some of: {SHARE_NAME}." in said.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["promote", "share", "9"], 1, "Error: "),
        (["rollback", "emotion"], 1, "has no previous champion"),
        (["promote", "share name"], 1, "expected models:/NAME@champion"),
        (["promote", "models:/prescore-share/1", "2"], 2, "give the version once"),
    ],
)
@pytest.mark.usefixtures("registry")
def test_versions_that_are_not_there(run: Run, words: list[str], code: int, said: str) -> None:
    result = run(*words)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("registry")
def test_promote_without_a_challenger_says_which_versions_there_are(run: Run) -> None:
    assert run("promote", "share").exit_code == 0
    assert run("rollback", "share").exit_code == 0
    result = run("promote", "share")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: prescore-share has no challenger. Say which version to promote: "
        "3, 2, 1 (champion).\n"
    )
