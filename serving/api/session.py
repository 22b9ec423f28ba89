"""/v1/session: how a browser signs in with a key, so that scripts never hold it."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints

from serving.access import refusals
from serving.access.door import SESSION_COOKIE
from serving.access.keyring import Caller
from serving.answers import PROBLEMS, SessionOut
from serving.deps import DeskDep
from serving.problems import ProblemError

LASTS = timedelta(hours=12)
EXAMPLE: dict[str, JsonValue] = {
    "examples": [{"key": "prescore_0123456789ab_EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EX"}]
}

router = APIRouter(
    prefix="/v1/session",
    tags=["session"],
    responses={code: PROBLEMS[code] for code in (400, 403, 413, 422, 503)},
)


class KeyIn(BaseModel):
    """A key, to sign in with."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, json_schema_extra=EXAMPLE
    )

    key: Annotated[str, StringConstraints(strict=True, max_length=200)]


@router.get("", response_model=SessionOut, summary="Who is signed in")
async def session(request: Request, desk: DeskDep) -> Response:
    """Tell whether a key is asked for, and what the one in use is good for."""
    return _answer(await desk.keyring.asks(), getattr(request.state, "caller", None))


@router.post(
    "", response_model=SessionOut, responses={401: PROBLEMS[401]}, summary="Sign in with a key"
)
async def sign_in(body: KeyIn, request: Request, desk: DeskDep) -> Response:
    """Take a key and set a cookie that stands for it for twelve hours, or until it is revoked.

    The cookie is for pages of this service only, and no script can read it.
    """
    if not await desk.keyring.asks():
        return _answer(False, Caller())
    who = await desk.keyring.of_key(body.key.strip())
    if who is None or who.key is None:
        raise ProblemError(refusals.bad_key())
    token = secrets.token_urlsafe(32)
    store = await desk.keyring.store()
    await asyncio.to_thread(store.open_session, who.key, token, datetime.now(UTC), LASTS)
    answer = _answer(True, who)
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.delete("", response_model=SessionOut, summary="Sign out")
async def sign_out(request: Request, desk: DeskDep) -> Response:
    """Forget the session, here and in the browser."""
    asked = await desk.keyring.asks()
    if asked and (token := request.cookies.get(SESSION_COOKIE)):
        store = await desk.keyring.store()
        await asyncio.to_thread(store.close_session, token)
        await desk.keyring.read_now()
    answer = _answer(asked, None if asked else Caller())
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return answer


def _answer(asked: bool, who: Caller | None) -> Response:
    key = who.key if who else None
    content: dict[str, Any] = {
        "key_needed": asked,
        "signed_in": key is not None,
        "name": key.name if key else None,
        "scopes": sorted(key.scopes) if key else [],
    }
    return JSONResponse(content)
