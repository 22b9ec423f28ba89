"""POST /v1/explain, /v1/similar and /v1/when, GET /v1/accounts: beside a score, at leisure."""

from typing import Any

import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from serving.access.requires import Requires
from serving.answers import PROBLEMS
from serving.deps import DeskDep, while_connected
from serving.insight_answers import AccountsOut, ExplainOut, SimilarOut, WhenOut
from serving.schemas import PostIn

router = APIRouter(
    prefix="/v1",
    tags=["insight"],
    responses=PROBLEMS,
    dependencies=[Depends(Requires("score"))],
)

MOST_ACCOUNTS = 500


@router.post("/explain", response_model=ExplainOut, summary="Why a post scores as it does")
async def explain(body: PostIn, desk: DeskDep, request: Request) -> Response:
    """Tell which phrases raise or lower what, and what of the score another draft could change.

    Costs up to ten times a score, and waits for scores that others ask for meanwhile.
    """
    found = await while_connected(request, desk.explain(body.post()))
    return JSONResponse(found.to_json())


@router.post("/similar", response_model=SimilarOut, summary="The nearest past posts")
async def similar(body: PostIn, desk: DeskDep, request: Request) -> Response:
    """Show up to five past posts of the account that are nearest in meaning and in words.

    Each comes with how it did; posts that say nearly the same are shown once.
    """
    found = await while_connected(request, desk.similar(body.post()))
    return JSONResponse(found.to_json())


@router.post("/when", response_model=WhenOut, summary="When to post")
async def when(body: PostIn, desk: DeskDep, request: Request) -> Response:
    """Forecast the draft in each hour of the week from `published_at`, or else from now.

    `matters` is false when the best hour's odds against the median hour are too close to call;
    there is then no `best`.
    """
    found = await while_connected(request, desk.when(body.post()))
    return JSONResponse(found.to_json())


@router.get("/accounts", response_model=AccountsOut, summary="The accounts that are known")
async def accounts(desk: DeskDep) -> Response:
    """Name up to 500 accounts of the history store, those with most posts first."""
    known = await desk.pasts.accounts()
    named = known[known["account_id"].notna()].head(MOST_ACCOUNTS)
    return JSONResponse({"accounts": [_account(row) for _, row in named.iterrows()]})


def _account(row: "pd.Series[Any]") -> dict[str, Any]:
    return {
        "platform": row["platform"],
        "account_id": row["account_id"],
        "posts": int(row["posts"]),
        "first": row["first_at"].isoformat(timespec="seconds"),
        "last": row["last_at"].isoformat(timespec="seconds"),
    }
