"""How posts are shared out over steps: nothing here has threads or clocks."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from features.schema import Post
from serving.jobs import BITE, TURN, Job, Lane, next_step

ROOM = 2000
GENERAL = Lane(ROOM, others=1, drafts_elsewhere=True)
DRAFTS = Lane(ROOM, others=1, for_drafts=True)
ALONE = Lane(ROOM, for_drafts=True)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def job_of(
    loop: asyncio.AbstractEventLoop, *lengths: int, scorer: Any = None, explain: bool = False
) -> Job:
    posts = [Post("x" * length) for length in lengths]
    return Job(scorer, posts, [None] * len(posts), explain, loop.create_future(), loop, 0.0)


def taken(step: list[tuple[Job, list[int]]]) -> dict[Job, int]:
    return {job: len(rows) for job, rows in step}


def test_the_lane_for_drafts_takes_drafts_and_leaves_bulk_to_the_other(
    loop: asyncio.AbstractEventLoop,
) -> None:
    bulk, draft = job_of(loop, *[100] * 20), job_of(loop, 100)
    assert taken(next_step([bulk, draft], GENERAL)).keys() == {bulk}
    assert taken(next_step([bulk, draft], DRAFTS)) == {draft: 1}


def test_the_lane_for_drafts_takes_a_bite_of_bulk_when_no_draft_waits(
    loop: asyncio.AbstractEventLoop,
) -> None:
    bulk = job_of(loop, *[140] * 20)
    step = next_step([bulk], DRAFTS)
    assert taken(step) == {bulk: 2}


def test_a_long_post_is_no_bite(loop: asyncio.AbstractEventLoop) -> None:
    long = job_of(loop, *[BITE + 1] * 5)
    assert next_step([long], DRAFTS) == []
    assert len(taken(next_step([long], GENERAL))) == 1


def test_a_single_lane_takes_drafts_first_and_a_bite_of_bulk_along(
    loop: asyncio.AbstractEventLoop,
) -> None:
    bulk, draft = job_of(loop, *[140] * 20), job_of(loop, 100)
    assert taken(next_step([bulk, draft], ALONE)) == {draft: 1, bulk: 2}


def test_drafts_alone_are_shared_out_over_the_lanes(loop: asyncio.AbstractEventLoop) -> None:
    drafts = [job_of(loop, 100) for _ in range(8)]
    assert len(next_step(drafts, DRAFTS)) == 4


def test_without_drafts_bulk_is_taken_in_rounds(loop: asyncio.AbstractEventLoop) -> None:
    first, second = job_of(loop, *[10] * 20), job_of(loop, *[10] * 20)
    step = taken(next_step([first, second], Lane(2 * TURN * 70)))
    assert step == {first: TURN, second: TURN}


def test_a_step_never_explains_what_was_not_to_be_explained(
    loop: asyncio.AbstractEventLoop,
) -> None:
    plain, explained = job_of(loop, 50), job_of(loop, 50, explain=True)
    assert taken(next_step([plain, explained], Lane(ROOM))) == {plain: 1}


def test_a_step_holds_one_scorer(loop: asyncio.AbstractEventLoop) -> None:
    old, new = job_of(loop, 50, scorer="old"), job_of(loop, 50, scorer="new")
    assert taken(next_step([old, new], Lane(ROOM))) == {old: 1}
