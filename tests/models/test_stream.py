import threading
from collections.abc import Iterator

import pytest

from models.stream import in_order


def test_results_come_in_order_whichever_is_done_first() -> None:
    second = threading.Event()

    def act(number: int) -> int:
        if number == 1:
            assert second.wait(30)
        if number == 2:
            second.set()
        return 10 * number

    assert list(in_order(act, [1, 2, 3, 4], threads=2)) == [10, 20, 30, 40]


def test_chunks_are_read_only_a_little_ahead() -> None:
    read: list[int] = []

    def chunks() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    results = in_order(lambda number: number, chunks(), threads=2)
    assert next(results) == 0
    assert len(read) == 3


def test_what_was_read_before_a_bad_chunk_is_still_given() -> None:
    def chunks() -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("row 3")

    given: list[int] = []
    with pytest.raises(ValueError, match="row 3"):
        given.extend(in_order(lambda number: number, chunks(), threads=4))
    assert given == [1, 2]


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda number: 1 // number, [1, 0], threads=2))
