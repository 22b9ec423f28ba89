"""What waits for the model: one request's posts, and how they are shared out over steps.

Steps are gathered here and run in `serving.batching`. A request with few posts is a *draft*:
somebody is waiting for it. The rest is *bulk*, which wants to be through, not to be next.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from features.account.past import AccountPast
from features.schema import Post
from models.score import Score
from models.scorer import Scorer

TURN = 8
"""Posts that one request may put into a step before the next request has its turn."""

DRAFT_POSTS = 4
"""A request of so many posts or fewer is a draft."""

BITE = 400
"""Characters of bulk in a step of a lane that is kept free for drafts: two usual posts."""

COST_OF_A_POST = 60
COSTLY_CHARACTERS = 2000
"""The encoder cuts longer texts, so they cost no more."""


@dataclass(eq=False, slots=True)
class Job:
    """One request's posts on their way through the model.

    `scorer` is fixed when the request comes in: no answer mixes two versions. `submitted` is a
    moment of a clock that only goes forward.
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
    begun: bool = False
    dropped: bool = False

    def __post_init__(self) -> None:
        # Taken from the end, shortest first: texts of one length share a step without padding.
        order = sorted(range(len(self.posts)), key=lambda index: len(self.posts[index].text))
        self.waiting = order[::-1]

    @property
    def draft(self) -> bool:
        """Whether somebody is waiting for these few posts."""
        return len(self.posts) <= DRAFT_POSTS

    def cost(self, row: int) -> int:
        """Characters that a post's way through the model is worth."""
        return COST_OF_A_POST + min(len(self.posts[row].text), COSTLY_CHARACTERS)

    def settle(self, failure: Exception | None = None) -> None:
        """Answer whoever waits, from whichever thread."""

        def answer() -> None:
            if self.future.done():
                return
            if failure is not None:
                self.future.set_exception(failure)
            else:
                self.future.set_result([self.scores[row] for row in range(len(self.posts))])

        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(answer)


Work = tuple[Job, list[int]]


@dataclass(frozen=True, slots=True)
class Lane:
    """How one thread of the model takes its steps.

    Attributes
    ----------
    room
        Characters of text in a step.
    others
        How many more lanes there are.
    for_drafts
        Whether drafts come first here: some were asked for just now. Their lane takes bulk in
        bites, so that the next draft finds it free; the other lanes then leave drafts to it.
    drafts_elsewhere
        Whether another lane is kept for drafts.
    """

    room: int
    others: int = 0
    for_drafts: bool = False
    drafts_elsewhere: bool = False


def next_step(jobs: Sequence[Job], lane: Lane) -> list[Work]:
    """Take posts off the waiting requests for one step; empty when there is none for this lane.

    All posts of a step are of one scorer, and either all or none are explained.

    Parameters
    ----------
    jobs
        With posts waiting, oldest first.
    lane
        Of the thread that asks.
    """
    drafts = [job for job in jobs if job.draft]
    bulk = [job for job in jobs if not job.draft]
    if not jobs:
        return []
    if lane.for_drafts and bulk:
        return _drafts_first(drafts, bulk, lane)
    if lane.drafts_elsewhere and bulk:
        return _gather(bulk, _share(bulk, lane.room, lane.others))
    return _gather(jobs, _share(jobs, lane.room, 1 + lane.others))


def _drafts_first(drafts: Sequence[Job], bulk: Sequence[Job], lane: Lane) -> list[Work]:
    """Drafts alone while another lane sees to the bulk; a bite of bulk where none does."""
    step = _gather(drafts, lane.room) if drafts else []
    if step and lane.others:
        return step
    if step:
        bulk = [job for job in bulk if _alike(job, step[0][0])]
    return step + _gather(bulk, BITE, bite=lane.others > 0)


def _share(jobs: Sequence[Job], room: int, lanes: int) -> int:
    """So much for a step that the lanes end together."""
    if lanes < 2:
        return room
    waiting = 0
    for job in jobs:
        waiting += sum(job.cost(row) for row in job.waiting[-room // COST_OF_A_POST :])
        if waiting > lanes * room:
            return room
    return max(1, waiting // lanes)


def _gather(jobs: Sequence[Job], room: int, bite: bool = False) -> list[Work]:
    """Rounds over the requests of one scorer until the step is full.

    A `bite` holds no post that alone would fill it: those are left to the other lanes.
    """
    if not jobs:
        return []
    chosen = [job for job in jobs if _alike(job, jobs[0])]
    taken: dict[Job, list[int]] = {}
    while room > 0:
        before = room
        for job in chosen:
            rows, cost = _turn(job, room, bite)
            if rows:
                taken.setdefault(job, []).extend(rows)
            room -= cost
            if room <= 0:
                break
        if room == before:
            break
    return list(taken.items())


def _alike(job: Job, other: Job) -> bool:
    return job.scorer is other.scorer and job.explain == other.explain


def _turn(job: Job, room: int, bite: bool) -> tuple[list[int], int]:
    """Take up to `TURN` posts that begin within the room."""
    rows: list[int] = []
    cost = 0
    while job.waiting and len(rows) < TURN and cost < room:
        if bite and job.cost(job.waiting[-1]) > BITE:
            break
        rows.append(job.waiting.pop())
        cost += job.cost(rows[-1])
    return rows, cost
