"""GET /v1/receipts/{id} and POST /v1/receipts/{id}/recompute."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response

from serving.access.keyring import Caller
from serving.access.keys import ADMIN
from serving.access.requires import CallerDep, Requires
from serving.answers import MISSING, PROBLEMS, ReceiptOut, RecomputedOut
from serving.deps import Desk, DeskDep, while_connected
from serving.problems import Problem, ProblemError
from serving.receipts.record import Kept

router = APIRouter(
    prefix="/v1/receipts",
    tags=["receipts"],
    responses=MISSING | {code: PROBLEMS[code] for code in (401, 403, 422, 429, 503, 504)},
    dependencies=[Depends(Requires("score"))],
)

ReceiptId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]


@router.get("/{receipt_id}", response_model=ReceiptOut, summary="Read a receipt")
async def receipt(receipt_id: ReceiptId, desk: DeskDep, who: CallerDep) -> Response:
    """Return what a score was made from, and the score.

    Only where the service runs with `--receipts`, and to the key that asked for the score, or one
    for `admin`.
    """
    return JSONResponse((await _find(desk, who, receipt_id)).to_json())


@router.post("/{receipt_id}/recompute", response_model=RecomputedOut, summary="Make a score again")
async def recompute(
    receipt_id: ReceiptId, desk: DeskDep, who: CallerDep, request: Request
) -> Response:
    """Make a score again on the versions that made it, whatever has been promoted since.

    `same` tells whether it comes out bit for bit as it was. One is made after the other; where too
    many wait, the answer is 429.
    """
    kept = await _find(desk, who, receipt_id)
    made = await while_connected(request, desk.again(kept))
    return JSONResponse(made.to_json())


async def _find(desk: Desk, who: Caller, receipt_id: str) -> Kept:
    if desk.keeper is None:
        raise ProblemError(_none("No receipts are kept here. See `prescore serve --receipts`."))
    score_id = _score_id(receipt_id)
    kept = None if score_id is None else await asyncio.to_thread(desk.keeper.find, score_id)
    if kept is None or not _may_see(who, kept):
        raise ProblemError(_none("There is no receipt of that id, or it is not yours."))
    return kept


def _score_id(name: str) -> str | None:
    """An id as scores have it; None for what is the id of none."""
    try:
        return str(UUID(name))
    except ValueError:
        return None


def _may_see(who: Caller, kept: Kept) -> bool:
    return who.key is None or who.key.id == kept.key or who.key.allows(ADMIN)


def _none(detail: str) -> Problem:
    return Problem(404, "no-receipt", detail)
