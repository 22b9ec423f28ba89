"""GET /healthz (alive), /readyz (fit to score) and /metrics."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from serving.answers import HealthOut, ReadyOut
from serving.deps import DeskDep

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_model=HealthOut, summary="Alive")
async def healthz() -> Response:
    """Answer as long as the process takes requests."""
    return JSONResponse({"status": "alive"})


@router.get(
    "/readyz",
    response_model=ReadyOut,
    responses={503: {"model": ReadyOut, "description": "The models are not loaded yet."}},
    summary="Ready to score",
)
async def readyz(desk: DeskDep) -> Response:
    """Answer 200 when the models are warm and a fixed post scores as recorded.

    `refused` names a promoted version that was not fit to take over; `registry` says why the
    registry could not be asked. Neither stops the versions in service.
    """
    state = desk.champions.state
    scorer = state.scorer
    content = {
        "status": "ready" if scorer else "starting",
        "models": scorer.provenance.to_json() if scorer else None,
        "canary_difference": state.canary,
        "refused": state.refusal.to_json() if state.refusal else None,
        "registry": state.trouble or "reachable",
    }
    return JSONResponse(content, 200 if scorer else 503)


@router.get("/metrics", summary="Prometheus metrics")
async def metrics(desk: DeskDep) -> Response:
    """Return the metrics in Prometheus' text format."""
    desk.metrics.unfinished.set(desk.batcher.unfinished)
    return Response(desk.metrics.exposition(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
