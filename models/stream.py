"""Chunk after chunk on all cores: a few under way at a time, results in order, memory bounded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


def in_order(
    act: Callable[[Chunk], Result], chunks: Iterable[Chunk], threads: int
) -> Iterator[Result]:
    """Yield the result of each chunk, in order; what the chunks raise comes after the results due.

    Parameters
    ----------
    act
        Called from several threads at once.
    chunks
        Read no further ahead than there are threads to work on them.
    threads
        Chunks in work at once; linear algebra gets no threads of its own beside them.
    """
    ahead: deque[Future[Result]] = deque()
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        try:
            for chunk in chunks:
                ahead.append(pool.submit(act, chunk))
                if len(ahead) > threads:
                    yield ahead.popleft().result()
        except Exception:
            yield from (future.result() for future in ahead)
            raise
        yield from (future.result() for future in ahead)
