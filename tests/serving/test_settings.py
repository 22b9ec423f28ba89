from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.database import Database
from features.errors import ConfigError
from models.settings import Home
from serving.access.keys import Wanted
from serving.access.settings import Access
from serving.access.store import KeyStore
from serving.listening import address_of, listen
from serving.main import check_exposure
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


def served(tmp_path: Path, host: str, *, open_to_network: bool = False) -> Settings:
    return Settings(home(tmp_path), host=host, access=Access(open_to_network))


def test_nobody_is_let_in_from_the_network_by_oversight(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Refused to listen on 0\.0\.0\.0: .*--open-to-network"):
        check_exposure(served(tmp_path, "0.0.0.0"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.5.5.5"])
def test_this_machine_needs_no_key(tmp_path: Path, host: str) -> None:
    check_exposure(served(tmp_path, host))


def test_a_key_or_a_word_opens_the_network(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    check_exposure(served(tmp_path, "::", open_to_network=True))
    assert "whoever reaches :: can use the service" in caplog.text
    with closing(KeyStore(Database(home(tmp_path).database_url))) as keys:
        keys.create(Wanted("planner", frozenset({"score"})), datetime.now(UTC))
    check_exposure(served(tmp_path, "0.0.0.0"))


@pytest.mark.parametrize(
    "origin", ["*", "null", "example.org", "https://a.example/", "https://A.example", "ftp://a"]
)
def test_an_origin_is_named_in_full(origin: str) -> None:
    with pytest.raises(ConfigError, match=r"such as https://planner\.example\.org"):
        Access(origins=(origin,))


@pytest.mark.parametrize("proxy", ["*", "", "proxy.example.org", "10.0.0.1/8", "10.0.0.0/33"])
def test_a_proxy_that_is_no_address_is_refused(proxy: str) -> None:
    with pytest.raises(ConfigError, match="expected an address or a network"):
        Access(proxies=(proxy,))
