"""Whose word is taken for how a request came: the server's, and that of proxies it was told of."""

from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest

from serving.access.settings import Access
from serving.app import create_app
from serving.listening import server_config
from tests.serving.conftest import NoStore, settings_at
from tests.serving.serving_here import Served
from tests.serving.standins import TinyRegistry


@pytest.mark.parametrize(
    ("proxies", "address", "believed"),
    [
        ((), "127.0.0.1", True),
        ((), "127.0.0.2", False),
        (("127.0.0.3",), "127.0.0.2", False),
        (("127.0.0.3", "127.0.0.2"), "127.0.0.2", True),
        (("127.0.0.0/24",), "127.0.0.2", True),
        (("10.0.0.7",), "127.0.0.1", True),
    ],
)
def test_https_is_believed_of_this_machine_and_of_trusted_proxies(
    tmp_path: Path, proxies: tuple[str, ...], address: str, believed: bool
) -> None:
    settings = replace(settings_at(tmp_path), access=Access(proxies=proxies))
    app = create_app(settings, TinyRegistry, NoStore)
    with Served(app, server_config(app, settings)) as port:
        wire = HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
        wire.request("GET", "/healthz", headers={"X-Forwarded-Proto": "https"})
        answer = wire.getresponse()
        answer.read()
        wire.close()
    assert ("strict-transport-security" in answer.headers) is believed
