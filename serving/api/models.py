"""GET /v1/models: which versions score now."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from models.versions import Loaded
from serving.access.requires import Requires
from serving.answers import PROBLEMS, ModelsOut
from serving.deps import DeskDep

router = APIRouter(
    prefix="/v1",
    tags=["models"],
    responses={code: PROBLEMS[code] for code in (401, 403, 429, 503)},
    dependencies=[Depends(Requires("score"))],
)


@router.get("/models", response_model=ModelsOut, summary="The versions that score now")
async def models(desk: DeskDep) -> Response:
    """Name the champion versions in service, since when, and what they measured."""
    champions = desk.champions
    provenance = champions.scorer.provenance
    state = champions.state
    since = state.since.isoformat(timespec="seconds") if state.since else None
    return JSONResponse(
        {
            "models": [_model(loaded) for loaded in state.loaded],
            "encoder": provenance.encoder,
            "since": since,
        }
    )


def _model(loaded: Loaded) -> dict[str, Any]:
    version = loaded.version
    return {
        "kind": version.kind,
        "name": version.name,
        "version": version.number,
        "created": version.created.isoformat(timespec="seconds"),
        "metrics": version.metrics,
        "crowned_by": version.crowned_by,
        "objection": version.objection,
    }
