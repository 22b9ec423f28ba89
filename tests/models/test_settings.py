import stat
from pathlib import Path

import pytest

from features.errors import ConfigError
from models.settings import Home


def test_home_without_environment_is_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    home = Home.from_environment({})

    assert home.root == tmp_path / ".prescore"
    assert home.tracking_uri == f"sqlite:///{tmp_path}/.prescore/mlflow.db"
    assert home.database_url == f"sqlite:///{tmp_path}/.prescore/history.db"
    assert home.artifacts == tmp_path / ".prescore" / "artifacts"
    assert home.is_embedded
    assert not home.root.exists()


def test_home_honours_the_three_variables(tmp_path: Path) -> None:
    home = Home.from_environment(
        {
            "PRESCORE_HOME": str(tmp_path / "state"),
            "MLFLOW_TRACKING_URI": "http://mlflow:5000",
            "PRESCORE_DATABASE_URL": "postgresql://db/history",
        }
    )

    assert home.root == tmp_path / "state"
    assert home.tracking_uri == "http://mlflow:5000"
    assert home.database_url == "postgresql://db/history"
    assert not home.is_embedded


def test_home_takes_empty_variables_as_not_set(tmp_path: Path) -> None:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path), "MLFLOW_TRACKING_URI": "  "})

    assert home.is_embedded


def test_home_refuses_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()

    with pytest.raises(ConfigError, match="is a file; expected a folder"):
        Home.from_environment({"PRESCORE_HOME": str(path)})


def test_home_refuses_what_is_no_url_and_does_not_repeat_it() -> None:
    with pytest.raises(ConfigError, match="PRESCORE_DATABASE_URL is not a URL") as caught:
        Home.from_environment({"PRESCORE_DATABASE_URL": "hunter2"})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("variable", ["PRESCORE_DATABASE_URL", "MLFLOW_TRACKING_URI"])
@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite+pysqlite:///:memory:",
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:posts?mode=memory&uri=true",
        "sqlite:///?timeout=5",
    ],
)
def test_home_refuses_sqlite_without_a_file(variable: str, url: str) -> None:
    with pytest.raises(ConfigError, match=f"^{variable} is a SQLite URL without a file"):
        Home.from_environment({variable: url})


@pytest.mark.parametrize(
    "url", ["sqlite:///history.db", "sqlite:////data/a.db", "sqlite:///file:a.db?mode=ro&uri=true"]
)
def test_home_takes_sqlite_with_a_file(url: str) -> None:
    assert Home.from_environment({"PRESCORE_DATABASE_URL": url}).database_url == url


def test_home_does_not_show_passwords() -> None:
    home = Home.from_environment({"PRESCORE_DATABASE_URL": "postgresql://me:hunter2@db/history"})

    assert "hunter2" not in repr(home)


def test_prepare_creates_the_folder_and_may_be_repeated(tmp_path: Path) -> None:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "a" / "b")})

    assert home.prepare().prepare().root.is_dir()


def test_a_home_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "home")}).prepare()
    assert stat.filemode(home.root.stat().st_mode) == "drwx------"


def test_a_home_that_is_there_keeps_the_rights_that_it_was_given(tmp_path: Path) -> None:
    tmp_path.chmod(0o775)
    Home.from_environment({"PRESCORE_HOME": str(tmp_path)}).prepare()
    assert stat.filemode(tmp_path.stat().st_mode) == "drwxrwxr-x"


def test_prepare_says_what_to_set_when_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "file" / "home")})

    with pytest.raises(ConfigError, match="Set PRESCORE_HOME"):
        home.prepare()
