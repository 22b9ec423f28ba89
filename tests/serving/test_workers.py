"""Several workers with the real parts: one is killed, all follow a promotion, all end well."""

import http.client
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from models.registry import SHARE_NAME, Registry
from models.settings import Home
from tests.serving.serving_here import ServedElsewhere

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

BODY = json.dumps({"text": "We are so happy, the old cinema is new again today!", "language": "en"})
JSON = {"Content-Type": "application/json"}
MOST_WAITS = 15_000
CLIENTS = 2


@pytest.fixture(scope="module")
def service(home: Home) -> Iterator[ServedElsewhere]:
    with ServedElsewhere(home, "--workers", "2") as service:
        until(lambda: sum("is ready" in line for line in service.log) >= 2)
        yield service


@dataclass
class Asking:
    """Clients that ask without a pause, each on a connection that it keeps while it can."""

    port: int
    stop: threading.Event = field(default_factory=threading.Event)
    statuses: list[int] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    broken: list[tuple[float, float]] = field(default_factory=list)

    def __enter__(self) -> "Asking":
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self.stop.is_set():
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as wire:
                self._ask_on(wire)

    def _ask_on(self, wire: http.client.HTTPConnection) -> None:
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                wire.request("POST", "/v1/score?explain=false", BODY, JSON)
                answer = wire.getresponse()
                content = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                self.broken.append((began, time.monotonic()))
                return
            self.statuses.append(answer.status)
            self.versions.append(content["models"]["share"]["version"])


def until(true: object) -> None:
    """Wait for what another process brings about."""
    waiting = threading.Event()
    for _ in range(MOST_WAITS):
        if true():  # type: ignore[operator]
            return
        waiting.wait(0.02)
    pytest.fail("it never came about")


def test_a_killed_worker_is_replaced_and_only_what_it_was_doing_fails(
    service: ServedElsewhere,
) -> None:
    before = set(service.children())
    victim = min(before)
    with Asking(service.port) as asking:
        until(lambda: len(asking.statuses) > 50)
        killed = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(set(service.children()) - before) == 1)
        until(lambda: sum("is ready" in line for line in service.log) >= 3)
        seen = len(asking.statuses)
        until(lambda: len(asking.statuses) > seen + 50)
    assert set(asking.statuses) == {200}
    # At most one request of each client was in the hands of the worker that died, and none after.
    assert len(asking.broken) <= CLIENTS
    assert all(began <= killed + 0.05 for began, _ in asking.broken)
    assert victim not in service.children()
    assert any("another takes its place" in line for line in service.log)


def test_every_worker_follows_a_promotion_and_no_request_fails(
    service: ServedElsewhere, home: Home
) -> None:
    registry = Registry(home)
    assert 'prescore_model_info{kind="share",name="prescore-share",version="1"} 2.0' in (
        service.metrics()
    )
    with Asking(service.port) as asking:
        registry.promote(SHARE_NAME, "2")
        told = 'prescore_model_info{kind="share",name="prescore-share",version="2"} 2.0'
        until(lambda: told in service.metrics())
        seen = len(asking.versions)
        until(lambda: len(asking.versions) > seen + 20)
        registry.promote(SHARE_NAME, "1")
        until(lambda: told not in service.metrics())
    assert set(asking.statuses) == {200}
    assert asking.broken == []
    assert set(asking.versions[seen + 8 :]) <= {"1", "2"}
    assert "2" in asking.versions[seen:]


def test_metrics_add_up_over_the_workers(service: ServedElsewhere) -> None:
    told = service.metrics()
    counted = [
        float(line.rsplit(" ", 1)[1])
        for line in told.splitlines()
        if line.startswith("prescore_requests_total") and 'route="/v1/score",status="200"' in line
    ]
    with Asking(service.port) as asking:
        until(lambda: len(asking.statuses) > 40)
    again = [
        float(line.rsplit(" ", 1)[1])
        for line in service.metrics().splitlines()
        if line.startswith("prescore_requests_total") and 'route="/v1/score",status="200"' in line
    ]
    assert sum(again) - sum(counted) == len(asking.statuses)
    assert "prescore_unfinished_posts 0.0" in service.metrics()


def test_told_to_stop_the_workers_finish_what_they_have(home: Home) -> None:
    posts = [{"text": f"We open the old cinema again today, number {n}!"} for n in range(200)]
    with ServedElsewhere(home, "--workers", "2") as service:
        answers: list[int] = []

        def ask() -> None:
            with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)) as wire:
                wire.request("POST", "/v1/score/batch", json.dumps({"posts": posts}), JSON)
                answer = wire.getresponse()
                answers.extend([answer.status] * len(json.loads(answer.read())["scores"]))

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: "prescore_unfinished_posts 200.0" in service.metrics() or answers)
        service.process.send_signal(signal.SIGTERM)
        asking.join()
        service.process.wait(60)
    assert answers == [200] * 200
    assert service.process.returncode == 0
    assert any("the work in hand was finished" in line for line in service.log)
    assert not any("Traceback" in line for line in service.log)
