import threading
from collections.abc import Iterator

import pytest

from models.stream import cut_at_the_end, in_order


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


def test_no_result_comes_after_a_chunk_that_failed() -> None:
    given: list[int] = []
    with pytest.raises(ZeroDivisionError):
        given.extend(in_order(lambda number: 1 // number, [1, 0, 1, 1, 1], threads=2))
    assert given == [1]


def test_a_chunk_that_failed_is_told_before_a_later_one_that_cannot_be_read() -> None:
    def chunks() -> Iterator[int]:
        yield from (1, 0, 1)
        raise ValueError("row 4")

    given: list[int] = []
    with pytest.raises(ZeroDivisionError):
        given.extend(in_order(lambda number: 1 // number, chunks(), threads=2))
    assert given == [1]


def test_the_last_chunks_are_cut_into_pieces_for_every_thread() -> None:
    chunks = [range(start, start + 8) for start in range(0, 32, 8)]
    pieces = [list(piece) for piece in cut_at_the_end(chunks, threads=2)]
    assert [len(piece) for piece in pieces] == [8, 8, 4, 4, 4, 4]
    assert [row for piece in pieces for row in piece] == list(range(32))


@pytest.mark.parametrize(("rows", "expected"), [(0, []), (1, [1]), (6, [2, 2, 2]), (8, [2] * 4)])
def test_few_rows_are_shared_by_all_threads(rows: int, expected: list[int]) -> None:
    assert [len(piece) for piece in cut_at_the_end([range(rows)], threads=2)] == expected


def test_what_was_read_ahead_of_a_bad_chunk_is_given_whole() -> None:
    def chunks() -> Iterator[range]:
        yield range(3)
        raise ValueError("row 4")

    given: list[list[int]] = []
    with pytest.raises(ValueError, match="row 4"):
        given.extend(list(piece) for piece in cut_at_the_end(chunks(), threads=4))
    assert given == [[0, 1, 2]]
