"""Model work in threads of its own, off the event loop, in small steps that requests share fairly.

A step takes a few posts from every waiting request in turn, so nobody waits for a whole batch.
While steps run the next ones gather, so nobody waits when nothing is going on. Each thread is a
lane; while drafts come in beside bulk, one lane is kept for them. See `serving.jobs`. What is no
score, an explanation say, is done in steps of its own when no posts wait: see `serving.aside`.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from features.account.past import AccountPast
from features.schema import Post
from models.score import Score
from models.scorer import Scorer
from models.stepwise import Steps
from serving import aside
from serving.aside import Aside, Errand
from serving.jobs import DRAFT_POSTS, Job, Lane, Work, next_step
from serving.metrics import Metrics
from serving.problems import Problem, ProblemError, UnavailableError, log_failure, too_busy
from serving.settings import Limits

DRAFTS_LINGER = 2.0
"""Seconds after a draft for which a lane is kept free for the next one."""

POSTS_OF_AN_ERRAND = 16
"""What an explanation counts for among the posts that may wait; about what it costs."""

Value = TypeVar("Value")


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
    lanes
        Steps that run side by side.
    """

    def __init__(
        self, limits: Limits, step_characters: int, metrics: Metrics, lanes: int = 1
    ) -> None:
        self._limits = limits
        self._room = step_characters
        self._metrics = metrics
        self._lanes = lanes
        self._jobs: list[Job] = []
        self._aside = Aside()
        self._unfinished = 0
        self._drafts = 0
        self._drafted = -math.inf
        self._rate = 50.0 * lanes
        self._closing = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(
                target=self._work, args=(lane,), name=f"prescore-model-{lane}", daemon=True
            )
            for lane in range(lanes)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    @property
    def unfinished(self) -> int:
        """Posts that are waiting or in work."""
        return self._unfinished

    def refusal(self, posts: int) -> Problem | None:
        """Return why a request of so many posts would not be taken in now; None if it would.

        An idle service takes a request larger than its queue.
        """
        drafts = posts <= DRAFT_POSTS
        waiting = self._drafts if drafts else self._unfinished
        most = self._limits.queued_drafts if drafts else self._limits.queued_posts
        if waiting and waiting + posts > most:
            return too_busy(waiting / self._rate)
        return None

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
        job = Job(scorer, posts, pasts, explain, loop.create_future(), loop, time.monotonic())
        self._admit(len(posts), lambda: self._jobs.append(job))
        try:
            return await self._within_time(job.future)
        finally:
            self._leave(len(posts), lambda: self._forget(job))

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
            self._leave(POSTS_OF_AN_ERRAND, lambda: self._aside.leave(errand))

    async def _within_time(self, future: "asyncio.Future[Value]") -> Value:
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                return await future
        except TimeoutError as err:
            self._metrics.turned_away("too-slow")
            raise ProblemError(_too_slow(self._limits.request_seconds)) from err

    def _admit(self, posts: int, put: Callable[[], None]) -> None:
        with self._changed:
            if self._closing:
                raise UnavailableError("The service is shutting down.")
            refusal = self.refusal(posts)
            if refusal is not None:
                self._metrics.turned_away(refusal.code)
                raise ProblemError(refusal)
            self._count(posts, 1)
            put()
            self._changed.notify_all()

    def _leave(self, posts: int, forget: Callable[[], None]) -> None:
        """Whatever ended the request, its work no longer counts and is not begun."""
        with self._changed:
            forget()
            self._count(posts, -1)
            self._notice_the_end()

    def _forget(self, job: Job) -> None:
        job.dropped = True
        if job in self._jobs:
            self._jobs.remove(job)

    def _count(self, posts: int, sign: int) -> None:
        self._unfinished += sign * posts
        if posts <= DRAFT_POSTS:
            self._drafts += sign * posts
            self._drafted = time.monotonic()
        self._metrics.unfinished.set(self._unfinished)

    def close(self) -> None:
        """Take nothing more in, finish what is waiting, end the threads."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until = time.monotonic() + self._limits.drain_seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))

    def _work(self, number: int) -> None:
        while (step := self._next_step(number)) is not None:
            if isinstance(step, Errand):
                self._run_errand(step)
                continue
            began = time.monotonic()
            self._run(step)
            posts = sum(len(rows) for _, rows in step)
            self._metrics.step(posts)
            pace = self._lanes * posts / max(time.monotonic() - began, 1e-6)
            self._rate = 0.9 * self._rate + 0.1 * pace

    def _next_step(self, number: int) -> list[Work] | Errand | None:
        """Wait for work; None when closed and nothing is left."""
        with self._changed:
            while True:
                if errand := self._aside.take(bool(self._jobs)):
                    return errand
                if step := next_step(self._jobs, self._lane(number)):
                    self._begin(step)
                    return step
                if errand := self._aside.take(False):
                    return errand
                if self._closing and not self._jobs:
                    return None
                # Bulk that is left to the other lanes becomes this one's when no draft comes.
                self._changed.wait(DRAFTS_LINGER if self._jobs else None)

    def _lane(self, number: int) -> Lane:
        drafting = self._drafts > 0 or time.monotonic() - self._drafted < DRAFTS_LINGER
        last = number == self._lanes - 1
        return Lane(
            self._room,
            others=self._lanes - 1,
            for_drafts=drafting and last,
            drafts_elsewhere=drafting and not last,
        )

    def _begin(self, step: list[Work]) -> None:
        now = time.monotonic()
        for job, _ in step:
            if not job.begun:
                job.begun = True
                self._metrics.stage("queue", now - job.submitted)
        self._jobs = [job for job in self._jobs if job.waiting]
        self._notice_the_end()

    def _notice_the_end(self) -> None:
        if self._closing and not self._jobs:
            self._changed.notify_all()

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
        began = time.monotonic()
        try:
            more = aside.step(errand)
        except Exception as err:  # noqa: BLE001 - as of a step of scoring
            log_failure(err)
            aside.settle(errand, None, _failure())
            return
        self._metrics.stage("explain", time.monotonic() - began)
        with self._changed:
            if more and not errand.dropped:
                self._aside.add(errand)

    def _fail(self, job: Job, err: Exception) -> None:
        log_failure(err)
        failure = _failure()
        with self._changed:
            job.waiting.clear()
            self._jobs = [other for other in self._jobs if other is not job]
            self._notice_the_end()
        job.settle(failure)


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
            job.settle()


def _failure() -> UnavailableError:
    return UnavailableError("The model could not score this; it has been logged.")


def _too_slow(seconds: float) -> Problem:
    detail = f"There was no answer within {seconds:g} s; the work was dropped. Send fewer posts."
    return Problem(504, "too-slow", detail)
