"""The batcher with a scorer that a test can hold back: nothing here waits for a clock."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from features.schema import Post
from models.score import ModelName, Note, Provenance, Score
from models.scorer import Scorer
from serving.batching import Batcher
from serving.metrics import Metrics
from serving.problems import ProblemError, UnavailableError
from serving.settings import Limits

NAME = ModelName("m", "1")
LIMITS = Limits(queued_posts=20, request_seconds=10, drain_seconds=10)


class HeldScorer:
    """Answers with the text as id, one step for every `gate.release()`."""

    def __init__(self, held: bool = True) -> None:
        self.gate = threading.Semaphore(0 if held else 1_000_000)
        self.begun = threading.Semaphore(0)
        self.steps: list[list[str]] = []

    def score(self, posts: Sequence[Post], pasts: Any, *, explain: bool) -> list[Score]:
        self.steps.append([post.text for post in posts])
        self.begun.release()
        self.gate.acquire()
        if any(post.text == "poison" for post in posts):
            raise ZeroDivisionError
        models = Provenance(NAME, NAME, "")
        return [Score(post.text, None, models, refusal=Note("x", "")) for post in posts]


@asynccontextmanager
async def batcher_of(
    limits: Limits = LIMITS, characters: int = 8000, lanes: int = 1
) -> AsyncIterator[Batcher]:
    batcher = Batcher(limits, characters, Metrics(), lanes)
    batcher.start()
    try:
        yield batcher
    finally:
        await asyncio.to_thread(batcher.close)


def ask(batcher: Batcher, scorer: HeldScorer, *texts: str) -> "asyncio.Task[list[Score]]":
    posts = [Post(text) for text in texts]
    work = batcher.score(cast(Scorer, scorer), posts, [None] * len(posts), explain=True)
    return asyncio.ensure_future(work)


async def begun(scorer: HeldScorer) -> None:
    await asyncio.to_thread(scorer.begun.acquire)


async def turned_away(batcher: Batcher, scorer: HeldScorer) -> None:
    """Ask until the batcher takes nothing more in; what it still took is taken back."""
    while True:
        late = ask(batcher, scorer, "late")
        await asyncio.sleep(0)
        if late.done():
            await late
        late.cancel()


def test_requests_that_wait_share_a_step() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of() as batcher:
            first = ask(batcher, scorer, "a")
            await begun(scorer)
            others = [ask(batcher, scorer, text) for text in "bcd"]
            await asyncio.sleep(0)
            scorer.gate.release(2)
            answers = await asyncio.gather(first, *others)
        assert [answer[0].id for answer in answers] == ["a", "b", "c", "d"]
        assert scorer.steps == [["a"], ["b", "c", "d"]]

    asyncio.run(run())


def test_a_single_draft_gets_in_between_a_big_batch() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        limits = Limits(queued_posts=1000, drain_seconds=10)
        async with batcher_of(limits, characters=600) as batcher:
            big = ask(batcher, scorer, *[f"big {number:03}" for number in range(200)])
            await begun(scorer)
            single = ask(batcher, scorer, "single")
            await asyncio.sleep(0)
            scorer.gate.release(2)
            await single
            assert not big.done()
            scorer.gate.release(1000)
            scores = await big
        assert [score.id for score in scores] == [f"big {number:03}" for number in range(200)]
        assert "single" in scorer.steps[1]

    asyncio.run(run())


def test_a_full_queue_is_refused_at_once() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of() as batcher:
            waiting = ask(batcher, scorer, *"abcdefghij")
            await begun(scorer)
            with pytest.raises(ProblemError) as refused:
                await ask(batcher, scorer, *"klmnopqrstu")
            assert refused.value.problem.status == 429
            assert int(refused.value.problem.headers["Retry-After"]) >= 1
            scorer.gate.release(100)
            await waiting
            assert len(await ask(batcher, scorer, *"klmnopqrstu")) == 11
            assert batcher.unfinished == 0

    asyncio.run(run())


def test_an_idle_service_takes_a_request_larger_than_its_queue() -> None:
    async def run() -> None:
        async with batcher_of() as batcher:
            scores = await ask(batcher, HeldScorer(held=False), *["x"] * 30)
            assert len(scores) == 30

    asyncio.run(run())


def test_a_request_over_time_is_given_up_and_its_work_dropped() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of(Limits(request_seconds=0.01, drain_seconds=10)) as batcher:
            first = ask(batcher, scorer, "a")
            await begun(scorer)
            late = ask(batcher, scorer, "b")
            for request in (first, late):
                with pytest.raises(ProblemError) as slow:
                    await request
                assert slow.value.problem.status == 504
            scorer.gate.release(100)
            assert batcher.unfinished == 0
        assert scorer.steps == [["a"]]

    asyncio.run(run())


def test_a_cancelled_request_is_never_begun() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of() as batcher:
            first = ask(batcher, scorer, "a")
            await begun(scorer)
            gone, stays = ask(batcher, scorer, "gone"), ask(batcher, scorer, "stays")
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
            scorer.gate.release(100)
            await asyncio.gather(first, stays)
        assert scorer.steps == [["a"], ["stays"]]

    asyncio.run(run())


def test_one_request_that_breaks_the_model_spares_the_others() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of() as batcher:
            first = ask(batcher, scorer, "a")
            await begun(scorer)
            poison, healthy = ask(batcher, scorer, "poison"), ask(batcher, scorer, "healthy")
            await asyncio.sleep(0)
            scorer.gate.release(100)
            await first
            assert (await healthy)[0].id == "healthy"
            with pytest.raises(UnavailableError):
                await poison
            assert (await ask(batcher, scorer, "after"))[0].id == "after"

    asyncio.run(run())


def test_no_step_mixes_two_scorers() -> None:
    async def run() -> None:
        old, new = HeldScorer(), HeldScorer(held=False)
        async with batcher_of() as batcher:
            first = ask(batcher, old, "a")
            await begun(old)
            requests = [ask(batcher, old, "b"), ask(batcher, new, "c"), ask(batcher, old, "d")]
            await asyncio.sleep(0)
            old.gate.release(100)
            await asyncio.gather(first, *requests)
        assert old.steps == [["a"], ["b", "d"]]
        assert new.steps == [["c"]]

    asyncio.run(run())


def test_closing_finishes_what_waits_and_takes_nothing_more() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of() as batcher:
            first = ask(batcher, scorer, "a")
            await begun(scorer)
            waiting = ask(batcher, scorer, "b")
            await asyncio.sleep(0)
            closing = asyncio.ensure_future(asyncio.to_thread(batcher.close))
            with pytest.raises(UnavailableError, match="shutting down"):
                await turned_away(batcher, scorer)
            scorer.gate.release(100)
            await closing
            assert (await first)[0].id == "a"
            assert (await waiting)[0].id == "b"

    asyncio.run(run())


def test_posts_of_one_length_share_a_step() -> None:
    async def run() -> None:
        scorer = HeldScorer(held=False)
        async with batcher_of(characters=1000) as batcher:
            texts = ["long " * 100, "short", "long " * 99, "brief"]
            await ask(batcher, scorer, *texts)
        assert [len(step) for step in scorer.steps] == [4] or scorer.steps[0][:2] == [
            "short",
            "brief",
        ]

    asyncio.run(run())


def test_two_lanes_work_side_by_side() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        async with batcher_of(lanes=2) as batcher:
            first, second = ask(batcher, scorer, "a"), ask(batcher, scorer, "b")
            await begun(scorer)
            await begun(scorer)
            scorer.gate.release(2)
            await asyncio.gather(first, second)
        assert sorted(scorer.steps) == [["a"], ["b"]]

    asyncio.run(run())


def test_drafts_are_refused_before_bulk_is() -> None:
    async def run() -> None:
        scorer = HeldScorer()
        limits = Limits(queued_posts=100, queued_drafts=2, request_seconds=10, drain_seconds=10)
        async with batcher_of(limits) as batcher:
            waiting = [ask(batcher, scorer, text) for text in "ab"]
            await begun(scorer)
            with pytest.raises(ProblemError):
                await ask(batcher, scorer, "c")
            assert batcher.refusal(1) is not None
            bulk = ask(batcher, scorer, *"defghi")
            await asyncio.sleep(0)
            scorer.gate.release(100)
            assert len(await bulk) == 6
            await asyncio.gather(*waiting)
            assert batcher.refusal(1) is None

    asyncio.run(run())
