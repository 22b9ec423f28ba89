from pathlib import Path

import pytest

from features.errors import ConfigError
from models.settings import Home
from serving.main import address_of, listen
from serving.settings import Settings


def home(tmp_path: Path) -> Home:
    return Home.from_environment({"PRESCORE_HOME": str(tmp_path)})


def test_the_service_is_open_to_this_machine_only_by_default(tmp_path: Path) -> None:
    assert Settings(home(tmp_path)).host == "127.0.0.1"


@pytest.mark.parametrize(("port", "poll"), [(70_000, 1.0), (-1, 1.0), (8000, 0.0)])
def test_settings_that_cannot_work_are_refused(tmp_path: Path, port: int, poll: float) -> None:
    with pytest.raises(ConfigError, match="expected"):
        Settings(home(tmp_path), port=port, poll_seconds=poll)


def test_a_taken_port_is_one_clear_line() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        assert address_of(first) == f"http://127.0.0.1:{port}"
        with pytest.raises(ConfigError, match=f"port {port}: Address already in use"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_one_clear_line() -> None:
    with pytest.raises(ConfigError, match=r"Cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)
