"""POST /v1/score, /v1/score/batch and /v1/rank."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from serving.access.requires import Requires
from serving.answers import PROBLEMS, BatchOut, RankOut, ScoreOut
from serving.deps import DeskDep, while_connected
from serving.schemas import BatchIn, PostIn, RankIn

router = APIRouter(
    prefix="/v1",
    tags=["scoring"],
    responses=PROBLEMS,
    dependencies=[Depends(Requires("score"))],
)

Explain = Annotated[bool, Query(description="Whether to give reasons, which take longer.")]


@router.post("/score", response_model=ScoreOut, summary="Score one post")
async def score(body: PostIn, desk: DeskDep, request: Request, explain: Explain = True) -> Response:
    """Forecast how strongly a post moves people and how far it travels.

    The answer is `"status": "ok"`, or `"abstained"` with a reason when there is no ground to
    stand on. Intervals hold the truth 90 times in a hundred.
    """
    scores = await while_connected(request, desk.score([body.post()], explain))
    return _json(scores[0].to_json())


@router.post("/score/batch", response_model=BatchOut, summary="Score many posts")
async def score_batch(
    body: BatchIn, desk: DeskDep, request: Request, explain: Explain = True
) -> Response:
    """Score up to 256 posts, each for itself; the scores are in the order of the posts."""
    scores = await while_connected(request, desk.score(body.all(), explain))
    return _json({"scores": [score.to_json() for score in scores]})


@router.post("/rank", response_model=RankOut, summary="Rank candidates for one slot")
async def rank(body: RankIn, desk: DeskDep, request: Request) -> Response:
    """Put up to 200 candidates in order, with the odds that the order is right.

    No candidate is clearly behind the first of its `tier`, with a probability of `min_confidence`;
    the first of the next tier is. Neighbours of two tiers may still be too close to call.
    `beats_next` is the probability of getting further than the candidate right below, `best` that
    of getting further than all others. `regret` is what taking the first is expected to lose
    against whichever will have been the best, in spreads.
    """
    ranking = await while_connected(request, desk.rank(body.all(), body.min_confidence))
    return _json(ranking.to_json())


def _json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
