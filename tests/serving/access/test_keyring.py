"""What the keyring knows while its store is slow, gone and back."""

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from features.errors import StoreError
from serving.access.keyring import FRESH_SECONDS, GRACE_SECONDS, Keyring
from serving.access.keys import Wanted, issue
from serving.access.store import Known
from serving.problems import UnavailableError

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY, WRITTEN = issue(Wanted("planner", frozenset({"score"})), NOW)


class Store:
    """Keys that a test can change and take away."""

    def __init__(self, *keys: object) -> None:
        self.known_keys = keys
        self.gone = False
        self.readings = 0
        self.gate = threading.Event()
        self.gate.set()

    def known(self) -> Known:
        self.gate.wait(10)
        self.readings += 1
        if self.gone:
            raise StoreError("The database failed: it is gone.")
        return Known(self.known_keys, {})  # type: ignore[arg-type]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("serving.access.keyring.time.monotonic", clock)
    return clock


def keyring(store: Store, always: bool = False) -> Keyring:
    return Keyring(lambda: store, always)  # type: ignore[arg-type, return-value]


async def test_known_keys_are_not_read_for_every_request(clock: Clock) -> None:
    store = Store(KEY)
    ring = keyring(store)
    for _ in range(10):
        assert await ring.of_key(WRITTEN)
    assert store.readings == 1


async def test_a_key_made_just_now_is_good_at_once(clock: Clock) -> None:
    store = Store()
    ring = keyring(store, always=True)
    assert await ring.of_key(WRITTEN) is None
    clock.now += 0.001
    store.known_keys = (KEY,)
    assert await ring.of_key(WRITTEN)


async def test_the_first_key_is_asked_for_after_an_idle_night(clock: Clock) -> None:
    store = Store()
    ring = keyring(store)
    assert await ring.asks() is False
    store.known_keys = (KEY,)
    clock.now += 8 * 3600
    assert await ring.asks() is True


async def test_where_there_is_no_key_they_are_not_read_for_every_request(clock: Clock) -> None:
    store = Store()
    ring = keyring(store)
    for _ in range(10):
        assert await ring.asks() is False
    assert store.readings == 1


async def test_many_who_guess_share_one_reading(clock: Clock) -> None:
    store = Store(KEY)
    ring = keyring(store)
    await ring.asks()
    clock.now += 0.001
    store.gate.clear()
    guesses = [asyncio.create_task(ring.of_key(f"guess {n}")) for n in range(50)]
    await asyncio.sleep(0)
    store.gate.set()
    assert await asyncio.gather(*guesses) == [None] * 50
    assert store.readings == 2


async def test_known_keys_stay_good_for_a_while_when_the_store_is_gone(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(KEY)
    ring = keyring(store)
    await ring.asks()
    store.gone = True
    clock.now += FRESH_SECONDS + 0.001
    assert await ring.of_key(WRITTEN)
    clock.now += GRACE_SECONDS
    with pytest.raises(UnavailableError, match="nobody can be let in"):
        await ring.of_key(WRITTEN)
    assert caplog.text.count("The keys cannot be read") == 1
    store.gone = False
    clock.now += FRESH_SECONDS + 0.001
    assert await ring.of_key(WRITTEN)


async def test_without_keys_a_store_that_is_gone_stops_nobody(clock: Clock) -> None:
    store = Store()
    ring = keyring(store)
    assert await ring.asks() is False
    store.gone = True
    clock.now += 2 * GRACE_SECONDS
    assert await ring.asks() is False


async def test_who_may_come_in_is_not_guessed(clock: Clock) -> None:
    store = Store()
    store.gone = True
    with pytest.raises(UnavailableError):
        await keyring(store).asks()
