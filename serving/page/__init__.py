"""The page that people see at `/`: templates, styles and small scripts, served by the same app."""

from fastapi import APIRouter

from serving.page import candidates, exporting, importing, past, room, routes
from serving.page.lost import lost

router = APIRouter()
for part in (routes, past, candidates, exporting, importing, room):
    router.include_router(part.router)

router.include_router(room.rule)

__all__ = ["lost", "router"]
