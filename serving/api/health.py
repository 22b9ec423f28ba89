"""GET /healthz (alive), /readyz (fit to score) and /metrics."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from serving.access.requires import Requires
from serving.answers import PROBLEMS, HealthOut, ReadyOut
from serving.champions import State
from serving.deps import DeskDep

router = APIRouter(tags=["operation"])

HIDDEN = {"models": None, "canary_difference": None, "refused": None, "registry": "not shown"}


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_model=HealthOut, summary="Alive")
async def healthz() -> Response:
    """Answer as long as the process takes requests."""
    return JSONResponse({"status": "alive"})


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    response_model=ReadyOut,
    responses={503: {"model": ReadyOut, "description": "The models are not loaded yet."}},
    summary="Ready to score",
)
async def readyz(desk: DeskDep, request: Request) -> Response:
    """Answer 200 when the models are warm and a fixed post scores as recorded.

    `refused` names a promoted version that was not fit to take over; `registry` says why the
    registry could not be asked. Neither stops the versions in service. Where a key is needed, the
    details are for those who have one.
    """
    state = desk.champions.state
    content = _details(state) if getattr(request.state, "caller", None) else dict(HIDDEN)
    content["status"] = "ready" if state.scorer else "starting"
    return JSONResponse(content, 200 if state.scorer else 503)


def _details(state: State) -> dict[str, Any]:
    return {
        "models": state.scorer.provenance.to_json() if state.scorer else None,
        "canary_difference": state.canary,
        "refused": state.refusal.to_json() if state.refusal else None,
        "registry": state.trouble or "reachable",
    }


@router.get(
    "/metrics",
    dependencies=[Depends(Requires("metrics"))],
    response_class=PlainTextResponse,
    responses={code: PROBLEMS[code] for code in (401, 403, 429, 503)},
    summary="Prometheus metrics",
)
async def metrics(desk: DeskDep) -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(desk.metrics.exposition(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
