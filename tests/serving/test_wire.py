"""Slow clients on a real socket: what they hold is let go of."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPResponse
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from serving.app import create_app
from serving.listening import server_config
from serving.policy import SECURITY_HEADERS
from serving.settings import Limits
from serving.wire import PatientProtocol
from tests.serving.conftest import NoStore, settings_at
from tests.serving.serving_here import Served
from tests.serving.standins import TinyRegistry

SHORT = Limits(arrival_seconds=0.2, request_seconds=0.3, departure_seconds=0.1, head_bytes=2000)
HEAD = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    settings = replace(settings_at(tmp_path), limits=SHORT)
    app = create_app(settings, TinyRegistry, NoStore)
    with Served(app, server_config(app, settings)) as port:
        app.state.desk.champions.refresh()
        yield port


def sent(port: int, *parts: bytes) -> bytes:
    """What comes back until the service hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        for part in parts:
            wire.sendall(part)
        answer = b""
        while piece := wire.recv(65_536):
            answer += piece
        return answer


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_signs_of_life_are_told_to_whoever_asks_without_a_body(port: int, path: str) -> None:
    answers = [
        sent(port, f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        for method in ("GET", "HEAD")
    ]
    (got, told), (head, nothing) = (answer.split(b"\r\n\r\n") for answer in answers)
    assert head.splitlines()[0] == got.splitlines()[0] == b"HTTP/1.1 200 OK"
    assert (bool(told), nothing) == (True, b"")


@pytest.mark.parametrize(
    "begun",
    [b"", HEAD, HEAD + b"Content-Length: 50\r\n\r\n" + b'{"text": '],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_request_that_does_not_arrive_is_given_up(port: int, begun: bytes) -> None:
    answer = sent(port, begun)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408


def test_an_endless_head_is_refused(port: int) -> None:
    answer = sent(port, b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 3000)
    assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("before", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 2000,
        b"GET /healthz?" + b"a" * 2000 + b" HTTP/1.1\r\nHost: x",
    ],
    ids=["header", "query"],
)
def test_a_whole_head_that_is_too_long_is_refused_too(
    port: int, before: bytes, head: bytes
) -> None:
    answer = sent(port, before + head + b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 431 ") == 1
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["status"] == 431


def test_a_head_of_almost_the_limit_is_taken(port: int) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + b"a" * 1900
    assert sent(port, head + b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"what is this?\r\n\r\n", 400),
        (b"what is this?\r\n" + b"a" * 3000, 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 3000, 431),
        (HEAD, 408),
    ],
    ids=["no request", "much of it", "too long", "too late"],
)
def test_what_never_becomes_a_request_is_refused_as_requests_are(
    port: int, said: bytes, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(said)
        answer = HTTPResponse(wire)
        answer.begin()
        told = json.loads(answer.read())
        assert wire.recv(1) == b""
    assert answer.status == told["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()


def test_a_second_request_on_the_same_connection_has_its_own_time(port: int) -> None:
    body = json.dumps({"text": "We open the old cinema again today!"}).encode()
    whole = HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(whole)
        assert wire.recv(65_536).startswith(b"HTTP/1.1 200 ")
        wire.sendall(HEAD)
        assert wire.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_others_are_answered_while_slow_clients_hold_on(port: int) -> None:
    body = json.dumps({"text": "We open the old cinema again today!"}).encode()
    close = b"Connection: close\r\n"
    slow = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(20)]
    for wire in slow:
        wire.sendall(HEAD)
    whole = HEAD + close + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    assert sent(port, whole).startswith(b"HTTP/1.1 200 ")
    for wire in slow:
        with wire:
            assert wire.recv(65_536).startswith(b"HTTP/1.1 408 ")


Pieces = Callable[[], AsyncIterator[bytes]]


@contextmanager
def telling(pieces: Pieces, folder: Path) -> Iterator[int]:
    """Serve an answer that is told piece by piece."""

    async def answer(_request: Request) -> StreamingResponse:
        return StreamingResponse(pieces())

    settings = replace(settings_at(folder), limits=SHORT)
    app = Starlette(routes=[Route("/", answer)])
    with Served(app, server_config(app, settings)) as port:
        yield port


@pytest.mark.parametrize("waiting", [0, 1, 2])
def test_an_answer_whose_beginning_was_fetched_may_take_long_to_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    looked: list[PatientProtocol] = []
    look = PatientProtocol._not_departed

    def noted(wire: PatientProtocol) -> None:
        look(wire)
        looked.append(wire)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"reading"
        while len(looked) < 2:
            await asyncio.sleep(0)
        yield b"done"

    monkeypatch.setattr(PatientProtocol, "_not_departed", noted)
    with telling(pieces, tmp_path) as port:
        last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = sent(port, waiting * b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + last)
    assert answer.count(b"reading") == answer.count(b"done") == 1 + waiting


def test_an_answer_that_is_not_fetched_is_cut_off(tmp_path: Path) -> None:
    given_up = threading.Event()

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(1_000_000)
                await asyncio.sleep(0)
        finally:
            given_up.set()

    with (
        telling(pieces, tmp_path) as port,
        socket.create_connection(("127.0.0.1", port), timeout=30) as wire,
    ):
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert given_up.wait(30)


def test_slow_clients_are_counted(tmp_path: Path) -> None:
    settings = replace(settings_at(tmp_path), limits=SHORT)
    app = create_app(settings, TinyRegistry, NoStore)
    with Served(app, server_config(app, settings)) as port:
        sent(port, HEAD)
        told = app.state.desk.metrics.exposition().decode()
    assert 'prescore_turned_away_total{reason="slow-client"} 1.0' in told
