"""One table at a time; the loop itself stands for the requests that are scored meanwhile."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing

import pytest

from serving.metrics import Metrics
from serving.problems import ProblemError
from serving.turns import Turns


class Long:
    """Work that lasts until it is let go, and tells how much of it went on at once."""

    def __init__(self) -> None:
        self.begun = 0
        self.at_once = 0
        self.most_at_once = 0
        self.go_on = threading.Event()

    def __call__(self) -> str:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.go_on.wait(30)
        self.at_once -= 1
        return "read"

    def steps(self) -> Iterator[str]:
        yield "reading"
        yield self()


async def until(told: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not told():
            await asyncio.sleep(0)


def run(test: Callable[[Turns, Metrics, Long], Awaitable[None]], most: int = 2) -> None:
    async def within() -> None:
        metrics, long = Metrics(), Long()
        try:
            await test(Turns(most, metrics), metrics, long)
        finally:
            long.go_on.set()

    asyncio.run(within())


async def collected(turns: Turns, long: Long) -> list[str]:
    with turns.place():
        return [step async for step in turns.steps(long.steps())]


def test_tables_are_read_one_after_the_other() -> None:
    async def test(turns: Turns, _: Metrics, long: Long) -> None:
        whole = asyncio.create_task(turns.whole(long))
        steps = asyncio.create_task(collected(turns, long))
        await until(lambda: long.begun)
        long.go_on.set()
        assert (await whole, await steps) == ("read", ["reading", "read"])
        assert (long.begun, long.most_at_once) == (2, 1)

    run(test)


def test_what_would_wait_behind_too_many_is_refused_at_once() -> None:
    async def test(turns: Turns, metrics: Metrics, long: Long) -> None:
        waiting = [asyncio.create_task(turns.whole(long)) for _ in range(2)]
        await until(lambda: long.begun)
        with pytest.raises(ProblemError) as caught:
            await turns.whole(long)
        assert caught.value.problem.status == 429
        assert "Retry-After" in caught.value.problem.headers
        with pytest.raises(ProblemError), turns.place():
            pass
        assert b'prescore_turned_away_total{reason="queue-full"} 2.0' in metrics.exposition()
        long.go_on.set()
        assert await asyncio.gather(*waiting) == ["read"] * 2
        assert await turns.whole(long) == "read"

    run(test)


def test_whoever_gives_up_keeps_the_turn_until_the_work_has_ended() -> None:
    async def test(turns: Turns, metrics: Metrics, long: Long) -> None:
        given_up = asyncio.create_task(turns.whole(long))
        await until(lambda: long.begun)
        given_up.cancel()
        following = asyncio.create_task(turns.whole(long))
        for _ in range(100):
            await asyncio.sleep(0)
        assert (given_up.done(), long.begun) == (False, 1)
        long.go_on.set()
        assert await following == "read"
        assert (given_up.cancelled(), long.most_at_once) == (True, 1)

    run(test)


def test_however_it_ends_the_next_has_its_turn() -> None:
    async def test(turns: Turns, _: Metrics, long: Long) -> None:
        long.go_on.set()
        with pytest.raises(ZeroDivisionError):
            await turns.whole(lambda: 1 // 0)
        async with aclosing(turns.steps(long.steps())) as steps:
            assert await anext(steps) == "reading"
        assert await turns.whole(long) == "read"

    run(test, most=1)
