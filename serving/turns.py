"""Dropped tables, and versions for a score that is made again, are read one after the other.

Reading is work for a core and cannot be called off. It is done in other threads than those in
which histories and keys are read, and never in many of them at once: scoring goes on.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from serving.metrics import Metrics
from serving.problems import ProblemError, too_busy

RETRY_SECONDS = 5.0

Answer = TypeVar("Answer")


class Turns:
    """One piece of work at a time; few wait for their turn, and the rest is refused.

    Parameters
    ----------
    most
        Pieces in work or waiting.
    metrics
        Told what was refused.
    """

    def __init__(self, most: int, metrics: Metrics) -> None:
        self._most = most
        self._metrics = metrics
        self._taken = 0
        self._turn = asyncio.Lock()

    async def whole(self, work: Callable[[], Answer]) -> Answer:
        """Do work when its turn comes.

        Raises
        ------
        ProblemError
            429 at once when too much is waiting.
        """
        async with self.turn():
            return await to_its_end(work)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Begin a block when its turn comes; the turn ends with it.

        Raises
        ------
        ProblemError
            As of `whole`.
        """
        with self.place():
            async with self._turn:
                yield

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place among what is in work or waits, for as long as a block lasts.

        Raises
        ------
        ProblemError
            As of `whole`.
        """
        if self._taken >= self._most:
            problem = too_busy(RETRY_SECONDS)
            self._metrics.turned_away(problem.code)
            raise ProblemError(problem)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def steps(self, work: Iterator[Answer]) -> AsyncGenerator[Answer]:
        """Yield the steps of work that begins when its turn comes, and ends with the last one.

        Whoever asks holds a `place` meanwhile: steps that nobody ever asks for could give none
        back.
        """
        async with self._turn:
            async for step in iterate_in_threadpool(work):
                yield step


async def to_its_end(work: Callable[[], Answer]) -> Answer:
    """Do work in a thread; whoever gives up still waits for its end, and keeps the turn until then.

    Otherwise those who hang up and come again would have much of it done at once.
    """
    working = asyncio.ensure_future(run_in_threadpool(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait({working})
        raise
