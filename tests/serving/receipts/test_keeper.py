"""Receipts on their way, with a store that a test holds up, breaks and mends."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from features.errors import StoreError
from serving.metrics import Metrics
from serving.receipts import keeper as module
from serving.receipts.keeper import Keeper
from serving.receipts.record import Receipt
from tests.serving.receipts.test_store import receipt


class Store:
    def __init__(self) -> None:
        self.kept: dict[str, Receipt] = {}
        self.broken = False
        self.poison = ""
        self.tried = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.purged: list[datetime] = []

    def add(self, receipts: Sequence[Receipt]) -> None:
        self.gate.wait(30)
        self.tried.release()
        if self.broken:
            raise StoreError("The database failed: disk full.")
        if self.poison in {each.score.id for each in receipts}:
            raise TypeError("Object of type Note is not JSON serializable")
        self.kept |= {each.score.id: each for each in receipts}

    def find(self, receipt_id: str) -> Any:
        return self.kept.get(receipt_id)

    def purge(self, before: datetime) -> int:
        self.purged.append(before)
        return 3

    def close(self) -> None:
        return


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def keeper(store: Store, metrics: Metrics) -> Iterator[Keeper]:
    keeper = Keeper(lambda: store, metrics, days=30, capacity=4)  # type: ignore[arg-type, return-value]
    keeper.start()
    yield keeper
    store.gate.set()
    keeper.close(10)


def count(metrics: Metrics, result: str) -> float:
    name, labels = "prescore_receipts_total", {"result": result}
    return metrics.registry.get_sample_value(name, labels) or 0.0


def test_what_waits_is_found_and_then_written(
    keeper: Keeper, store: Store, metrics: Metrics
) -> None:
    store.gate.clear()
    keeper.keep([receipt(1), receipt(2)])
    found = keeper.find("id-1")
    assert found is not None
    assert found.post == receipt(1).post
    store.gate.set()
    keeper.close(10)
    assert set(store.kept) == {"id-1", "id-2"}
    assert count(metrics, "kept") == 2


def test_what_finds_no_room_is_dropped_and_counted(
    keeper: Keeper, store: Store, metrics: Metrics
) -> None:
    store.gate.clear()
    keeper.keep([receipt(number) for number in range(7)])
    assert count(metrics, "dropped") == 3
    keeper.keep([receipt(8)])
    assert count(metrics, "dropped") == 4
    store.gate.set()
    keeper.close(10)
    assert len(store.kept) == 4


def test_a_store_that_fails_is_tried_again(
    keeper: Keeper,
    store: Store,
    metrics: Metrics,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    store.broken = True
    keeper.keep([receipt(1)])
    for _ in range(3):
        assert store.tried.acquire(timeout=10)
    store.broken = False
    keeper.close(10)
    assert set(store.kept) == {"id-1"}
    assert count(metrics, "failed") >= 2
    assert count(metrics, "dropped") == 0
    assert caplog.text.count("Receipts wait") == 1
    assert receipt(1).post.text not in caplog.text


def test_a_receipt_that_cannot_be_written_is_dropped_and_the_next_one_kept(
    keeper: Keeper,
    store: Store,
    metrics: Metrics,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    store.poison = "id-1"
    keeper.keep([receipt(1)])
    assert store.tried.acquire(timeout=10)
    keeper.keep([receipt(2)])
    keeper.close(10)
    assert set(store.kept) == {"id-2"}
    assert (count(metrics, "dropped"), count(metrics, "kept")) == (1, 1)
    assert "Unforeseen TypeError" in caplog.text


def test_closing_does_not_wait_for_a_store_that_fails(
    keeper: Keeper, store: Store, metrics: Metrics
) -> None:
    store.broken = True
    keeper.keep([receipt(1)])
    keeper.close(10)
    assert count(metrics, "dropped") == 1


def test_old_receipts_are_forgotten_at_the_start(keeper: Keeper, store: Store) -> None:
    keeper.close(10)
    (before,) = store.purged
    assert (datetime.now(UTC) - before).days == 30
