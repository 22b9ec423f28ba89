"""GET /v1/page/past: what an account's known posts got, for the picture of its past."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BeforeValidator

from features.account.past import AccountPast
from features.schema import Post
from serving.access.requires import Requires
from serving.deps import DeskDep
from serving.spellings import storable

router = APIRouter(
    prefix="/v1/page", include_in_schema=False, dependencies=[Depends(Requires("score"))]
)

LAST_POSTS = 100
Name = Annotated[str, BeforeValidator(storable), Query(min_length=1, max_length=200)]


@router.get("/past")
async def past(desk: DeskDep, platform: Name, account_id: Name) -> Response:
    """Return when the account's last posts came out and what they got: no texts."""
    found, _ = await desk.pasts.read([Post(text="", platform=platform, account_id=account_id)])
    return JSONResponse({"posts": _last(found[0]) if found[0] else []})


def _last(past: AccountPast) -> list[dict[str, object]]:
    settled = np.flatnonzero(np.isfinite(past.log_shares))[-LAST_POSTS:]
    shares = np.rint(np.expm1(past.log_shares[settled])).astype(int).tolist()
    times = past.times[settled].astype("datetime64[ns]").astype("datetime64[s]").astype(str)
    return [
        {"published_at": f"{at}Z", "shares": count}
        for at, count in zip(times.tolist(), shares, strict=True)
    ]
