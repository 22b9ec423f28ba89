"""Model work in one thread, off the event loop, in small steps that requests share fairly.

A step takes a few posts from every waiting request in turn, so a single draft never waits for a
whole batch. While one step runs the next one gathers, so nobody waits when nothing is going on.
What is no score, an explanation say, is done in steps of its own when no posts wait (`aside`).
"""

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from features.account.history import AccountPast
from features.schema import Post
from models.score import Score
from models.scorer import Scorer
from models.stepwise import Steps
from serving import aside
from serving.aside import Aside, Errand
from serving.metrics import Metrics
from serving.problems import Problem, ProblemError, UnavailableError, log_failure
from serving.settings import Limits

TURN = 8
"""Posts that one request may put into a step before the next request has its turn."""

COST_OF_A_POST = 60
COSTLY_CHARACTERS = 2000
"""The encoder cuts longer texts, so they cost no more."""

POSTS_OF_AN_ERRAND = 16
"""What an explanation counts for among the posts that may wait; about what it costs."""

Work = tuple["Job", list[int]]
Value = TypeVar("Value")


@dataclass(eq=False, slots=True)
class Job:
    """One request's posts on their way through the model.

    `scorer` is fixed when the request comes in: no answer mixes two versions.
    """

    scorer: Scorer
    posts: Sequence[Post]
    pasts: Sequence[AccountPast | None]
    explain: bool
    future: "asyncio.Future[list[Score]]"
    loop: asyncio.AbstractEventLoop
    submitted: float
    waiting: list[int] = field(default_factory=list)
    scores: dict[int, Score] = field(default_factory=dict)
    dropped: bool = False

    def __post_init__(self) -> None:
        # Taken from the end, shortest first: texts of one length share a step without padding.
        order = sorted(range(len(self.posts)), key=lambda index: len(self.posts[index].text))
        self.waiting = order[::-1]


class Batcher:
    """Runs all scoring of a process.

    Parameters
    ----------
    limits
        How much may wait, and for how long.
    step_characters
        Characters of text in one step.
    metrics
        Told the seconds in the queue and the posts of each step.
    """

    def __init__(self, limits: Limits, step_characters: int, metrics: Metrics) -> None:
        self._limits = limits
        self._step_characters = step_characters
        self._metrics = metrics
        self._jobs: list[Job] = []
        self._aside = Aside()
        self._unfinished = 0
        self._rate = 50.0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="prescore-model", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def unfinished(self) -> int:
        """Posts that are waiting or in work."""
        return self._unfinished

    @property
    def closing(self) -> bool:
        """Whether nothing more is taken in."""
        return self._closing

    async def score(
        self,
        scorer: Scorer,
        posts: Sequence[Post],
        pasts: Sequence[AccountPast | None],
        explain: bool,
    ) -> list[Score]:
        """Score posts when their turn comes.

        Raises
        ------
        ProblemError
            429 at once when too much is waiting; 504 after `limits.request_seconds`.
        """
        if not posts:
            return []
        loop = asyncio.get_running_loop()
        job = Job(scorer, posts, pasts, explain, loop.create_future(), loop, time.perf_counter())
        self._admit(len(posts), lambda: self._jobs.append(job))
        try:
            return await self._within_time(job.future)
        finally:
            self._leave(job)

    async def aside(self, work: Steps[Value]) -> Value:
        """Do work that is no score, in steps, whenever no posts wait, and now and then if they do.

        Raises
        ------
        ProblemError
            As of `score`.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Value] = loop.create_future()
        errand = Errand(work, future, loop)
        self._admit(POSTS_OF_AN_ERRAND, lambda: self._aside.add(errand))
        try:
            return await self._within_time(future)
        finally:
            with self._changed:
                self._aside.leave(errand)
                self._unfinished -= POSTS_OF_AN_ERRAND

    async def _within_time(self, future: "asyncio.Future[Value]") -> Value:
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                return await future
        except TimeoutError as err:
            raise ProblemError(_too_slow(self._limits.request_seconds)) from err

    def _admit(self, posts: int, put: Callable[[], None]) -> None:
        with self._changed:
            if self._closing:
                raise UnavailableError("The service is shutting down.")
            if self._unfinished and self._unfinished + posts > self._limits.queued_posts:
                raise ProblemError(_too_busy(self._unfinished / self._rate))
            self._unfinished += posts
            put()
            self._changed.notify_all()

    def _leave(self, job: Job) -> None:
        """Whatever ended the request, its work no longer counts and is not begun."""
        with self._changed:
            job.dropped = True
            self._unfinished -= len(job.posts)
            if job in self._jobs:
                self._jobs.remove(job)
            self._changed.notify_all()

    def close(self) -> None:
        """Take nothing more in, finish what is waiting, end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(self._limits.drain_seconds)

    def _work(self) -> None:
        while (step := self._next_step()) is not None:
            if isinstance(step, Errand):
                self._run_errand(step)
                continue
            began = time.perf_counter()
            self._run(step)
            posts = sum(len(rows) for _, rows in step)
            self._metrics.step(posts)
            pace = posts / max(time.perf_counter() - began, 1e-6)
            self._rate = 0.9 * self._rate + 0.1 * pace

    def _next_step(self) -> list[Work] | Errand | None:
        """Wait for work; None when closed and nothing is left."""
        with self._changed:
            while not self._jobs and not self._aside:
                if self._closing:
                    return None
                self._changed.wait()
            return self._aside.take(bool(self._jobs)) or self._gather()

    def _gather(self) -> list[Work]:
        """Rounds over the waiting requests of one scorer until the step is full."""
        first = self._jobs[0]
        jobs = [
            job for job in self._jobs if job.scorer is first.scorer and job.explain == first.explain
        ]
        taken: dict[Job, list[int]] = {}
        room = self._step_characters
        while room > 0 and any(job.waiting for job in jobs):
            for job in jobs:
                rows, cost = _turn(job, room)
                taken.setdefault(job, []).extend(rows)
                room -= cost
                if room <= 0:
                    break
        now = time.perf_counter()
        for job in taken:
            if len(taken[job]) + len(job.waiting) == len(job.posts):
                self._metrics.stage("queue", now - job.submitted)
        self._jobs = [job for job in self._jobs if job.waiting]
        return [(job, rows) for job, rows in taken.items() if rows]

    def _run(self, step: list[Work]) -> None:
        try:
            _score_step(step)
        except Exception as err:  # noqa: BLE001 - the thread must outlive any fault of a model
            if len(step) == 1:
                self._fail(step[0][0], err)
                return
            # One request's fault is not the others': each gets a step of its own.
            for work in step:
                self._run([work])

    def _run_errand(self, errand: Errand) -> None:
        try:
            more = aside.step(errand)
        except Exception as err:  # noqa: BLE001 - as of a step of scoring
            log_failure(err)
            aside.settle(errand, None, _failure())
            return
        with self._changed:
            if more and not errand.dropped:
                self._aside.add(errand)

    def _fail(self, job: Job, err: Exception) -> None:
        log_failure(err)
        failure = _failure()
        with self._changed:
            job.waiting.clear()
            self._jobs = [other for other in self._jobs if other is not job]
        _settle(job, failure)


def _turn(job: Job, room: int) -> tuple[list[int], int]:
    """Take up to `TURN` posts, and at least one."""
    rows: list[int] = []
    cost = 0
    while job.waiting and len(rows) < TURN and cost < room:
        row = job.waiting.pop()
        rows.append(row)
        cost += COST_OF_A_POST + min(len(job.posts[row].text), COSTLY_CHARACTERS)
    return rows, cost


def _score_step(step: list[Work]) -> None:
    live = [(job, row) for job, rows in step for row in rows if not job.dropped]
    if not live:
        return
    any_job = live[0][0]
    scores = any_job.scorer.score(
        [job.posts[row] for job, row in live],
        [job.pasts[row] for job, row in live],
        explain=any_job.explain,
    )
    for (job, row), score in zip(live, scores, strict=True):
        job.scores[row] = score
    for job in {id(job): job for job, _ in live}.values():
        if len(job.scores) == len(job.posts):
            _settle(job, None)


def _settle(job: Job, failure: Exception | None) -> None:
    def settle() -> None:
        if job.future.done():
            return
        if failure is not None:
            job.future.set_exception(failure)
        else:
            job.future.set_result([job.scores[row] for row in range(len(job.posts))])

    # A loop that is closed has nobody left who waits.
    with contextlib.suppress(RuntimeError):
        job.loop.call_soon_threadsafe(settle)


def _failure() -> UnavailableError:
    return UnavailableError("The model could not score this; it has been logged.")


def _too_busy(seconds: float) -> Problem:
    wait = str(max(1, math.ceil(seconds)))
    detail = f"Too much is waiting already. Try again in {wait} s."
    return Problem(429, "queue-full", detail, headers={"Retry-After": wait})


def _too_slow(seconds: float) -> Problem:
    detail = f"There was no answer within {seconds:g} s; the work was dropped. Send fewer posts."
    return Problem(504, "too-slow", detail)
