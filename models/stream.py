"""Chunk after chunk on all cores: a few under way at a time, results in order, memory bounded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

from threadpoolctl import threadpool_limits

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
Row = TypeVar("Row")

LAST_PIECES = 2
"""Pieces a thread that the last chunks are cut into."""


def in_order(
    act: Callable[[Chunk], Result], chunks: Iterable[Chunk], threads: int
) -> Iterator[Result]:
    """Yield the result of each chunk, in order, up to the first that fails: none is left out.

    Parameters
    ----------
    act
        Called from several threads at once. What it raises ends the results.
    chunks
        Read no further ahead than there are threads to work on them. What reading raises comes
        after the results of the chunks read before.
    threads
        Chunks in work at once; linear algebra gets no threads of its own beside them.
    """
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        begun = (pool.submit(act, chunk) for chunk in chunks)
        for future in _ahead(begun, threads):
            yield future.result()


def _ahead(begun: Iterable[Future[Result]], most: int) -> Iterator[Future[Result]]:
    """Yield each as soon as `most` more are begun; the last ones also where no more can be read."""
    ahead: deque[Future[Result]] = deque()
    try:
        for future in begun:
            ahead.append(future)
            if len(ahead) > most:
                yield ahead.popleft()
    except Exception:
        yield from ahead
        raise
    yield from ahead


def cut_at_the_end(chunks: Iterable[Sequence[Row]], threads: int) -> Iterator[Sequence[Row]]:
    """Yield the chunks, the last ones cut smaller: no thread idles long while another ends.

    Parameters
    ----------
    chunks
        Read `threads` ahead; what reading raises comes after the chunks read before.
    threads
        As many chunks, or fewer where there are no more, are cut anew into equal pieces.
    """
    ahead: deque[Sequence[Row]] = deque()
    try:
        for chunk in chunks:
            ahead.append(chunk)
            if len(ahead) > threads:
                yield ahead.popleft()
    except Exception:
        yield from ahead
        raise
    rows = list(chain.from_iterable(ahead))
    size = -(-len(rows) // (LAST_PIECES * threads))
    for start in range(0, len(rows), max(size, 1)):
        yield rows[start : start + size]
