"""What handlers ask for, by name."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from features.schema import Post
from models.explaining import Explanation, explain
from models.grounds import late_notes
from models.ranking import Ranking
from models.score import Score, annotate
from models.scorer import Encode, Scorer
from models.similar import Similar, similar
from models.stepwise import in_one_step
from models.timing import Week, when
from serving.access.buckets import Buckets
from serving.access.keyring import Keyring
from serving.batching import Batcher
from serving.champions import Champions
from serving.context import CALLER
from serving.metrics import Metrics
from serving.pasts import Notes, PastReader, Pasts, with_notes
from serving.problems import ClientGoneError
from serving.receipts.again import Again, again
from serving.receipts.keeper import Keeper
from serving.receipts.record import Kept, Receipt
from serving.settings import Settings
from serving.tracing import span
from serving.turns import Turns, to_its_end

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Desk:
    """All that one running app holds; tables, imports and what is made again take turns apart."""

    settings: Settings
    metrics: Metrics
    champions: Champions
    batcher: Batcher
    pasts: PastReader
    encode_past: Encode
    keyring: Keyring
    buckets: Buckets
    keeper: Keeper | None
    drafts: Turns
    imports: Turns
    recomputes: Turns

    async def score(self, posts: list[Post], explain: bool) -> list[Score]:
        """Score posts with the champions of this moment."""
        return await self._score(self.champions.scorer, posts, explain)

    async def rank(self, posts: list[Post], sure: float) -> Ranking:
        """Rank candidates with the champions of this moment."""
        scorer = self.champions.scorer
        scores = await self._score(scorer, posts, explain=False)
        return await asyncio.to_thread(scorer.order, posts, scores, sure)

    async def explain(self, post: Post) -> Explanation:
        """Explain the score that the champions of this moment give a post."""
        scorer = self.champions.scorer
        pasts, notes = await self._known([post])
        found = await self.batcher.aside(explain(scorer, post, pasts[0], self.encode_past))
        scores = annotate([found.score], notes)
        self._keep([post], pasts, notes, scores, explain=True)
        return replace(found, score=scores[0])

    async def similar(self, post: Post) -> Similar:
        """Find the nearest past posts of a draft's account."""
        (past,), (notes,) = await self._known([post])
        work = similar(self.champions.scorer, post, past, self.encode_past)
        return with_notes(await self.batcher.aside(work), notes)

    async def when(self, post: Post) -> Week:
        """Forecast a draft in each hour of the coming week."""
        (past,), (notes,) = await self._known([post])
        work = when(self.champions.scorer, post, past, datetime.now(UTC))
        return with_notes(await self.batcher.aside(work), notes)

    async def _score(self, scorer: Scorer, posts: list[Post], explain: bool) -> list[Score]:
        with span("history"):
            pasts, notes = await self._known(posts)
        with span("score", posts=len(posts)):
            scores = await self.batcher.score(scorer, posts, pasts, explain)
        self.metrics.scored(scores)
        answers = annotate(scores, notes)
        self._keep(posts, pasts, notes, answers, explain)
        return answers

    def _keep(
        self,
        posts: Sequence[Post],
        pasts: Pasts,
        notes: Sequence[Notes],
        scores: Sequence[Score],
        explain: bool,
    ) -> None:
        """Keep a receipt of each of n scores, where receipts are kept."""
        if self.keeper is None:
            return
        key, now = CALLER.get(), datetime.now(UTC)
        self.keeper.keep(
            [
                Receipt(now, key, post, explain, past, said, score)
                for post, past, said, score in zip(posts, pasts, notes, scores, strict=True)
            ]
        )

    async def _known(self, posts: Sequence[Post]) -> tuple[Pasts, list[Notes]]:
        """Return the past of each post's account, and what is to be said of it and of its time."""
        pasts, notes = await self.pasts.read(posts)
        late = late_notes(posts, datetime.now(UTC))
        return pasts, [(*said, *told) for said, told in zip(notes, late, strict=True)]

    async def again(self, kept: Kept) -> Again:
        """Make a score again on the versions that made it, one after the other.

        Raises
        ------
        ProblemError
            429 at once when too many wait, or as of `Batcher.aside`.
        """
        emotion, share = kept.versions
        # One turn for all of it: two versions at most are in memory beside the champions.
        async with self.recomputes.turn():
            loaded = await to_its_end(
                lambda: (self.champions.version(emotion), self.champions.version(share))
            )
            return await self.batcher.aside(in_one_step(lambda: again(kept, *loaded)))


async def desk(request: Request) -> Desk:
    """Return the desk of the app that serves a request; not in a thread, which costs a switch."""
    held: Desk = request.app.state.desk
    return held


DeskDep = Annotated[Desk, Depends(desk)]


async def while_connected(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do the work unless the client hangs up first; then the work is cancelled.

    Raises
    ------
    ClientGoneError
        When the client hung up.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            request.app.state.desk.metrics.turned_away("client-gone")
            raise ClientGoneError
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _hung_up(request: Request) -> None:
    """Wait for the end of the connection; the body has been read by now."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
