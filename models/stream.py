"""Chunk after chunk on all cores: a few under way at a time, results in order, memory bounded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

from threadpoolctl import threadpool_limits

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
Row = TypeVar("Row")
Item = TypeVar("Item")

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


def _ahead(
    items: Iterable[Item],
    most: int,
    last: Callable[[Sequence[Item]], Iterable[Item]] = lambda rest: rest,
) -> Iterator[Item]:
    """Yield each as soon as `most` more are read, then what `last` makes of those that remain.

    What reading raises comes after those read before.
    """
    ahead: deque[Item] = deque()
    try:
        for item in items:
            ahead.append(item)
            if len(ahead) > most:
                yield ahead.popleft()
    except Exception:
        yield from ahead
        raise
    yield from last(ahead)


def cut_at_the_end(chunks: Iterable[Sequence[Row]], threads: int) -> Iterator[Sequence[Row]]:
    """Yield the chunks, the last ones cut smaller: no thread idles long while another ends.

    Parameters
    ----------
    chunks
        Read `threads` ahead; what reading raises comes after the chunks read before.
    threads
        As many chunks, or fewer where there are no more, are cut anew into equal pieces.
    """
    return _ahead(chunks, threads, lambda rest: _cut(rest, LAST_PIECES * threads))


def _cut(chunks: Sequence[Sequence[Row]], pieces: int) -> Iterator[Sequence[Row]]:
    rows = list(chain.from_iterable(chunks))
    size = max(-(-len(rows) // pieces), 1)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
