"""The model room: which versions there are, what they measured, and who reigns."""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response
from markdown_it import MarkdownIt

from features.errors import NotInRegistryError
from models.record import figure, record_of
from models.verdicts import objections
from models.versions import CHALLENGER, CHAMPION, PREVIOUS, Version
from serving.access.requires import Requires
from serving.deps import Desk, DeskDep
from serving.page.gate_words import gate_said
from serving.page.told import Spoken
from serving.problems import Problem, ProblemError

if TYPE_CHECKING:
    from models.registry import Registry

router = APIRouter(
    prefix="/v1/page/room", include_in_schema=False, dependencies=[Depends(Requires("score"))]
)
rule = APIRouter(
    prefix="/v1/page/room", include_in_schema=False, dependencies=[Depends(Requires("admin"))]
)
"""What changes who reigns; asks for more than reading does."""

STANDINGS = (CHAMPION, CHALLENGER, PREVIOUS)
NEWEST = 20
"""Versions of a model that are listed beside those with a standing."""

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
Number = Annotated[str, Path(pattern=r"^[0-9]{1,9}$")]
FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}\.png$")]


@router.get("")
async def room(desk: DeskDep, language: Spoken) -> Response:
    """List the registered versions of every model: standing, figures, what the gate said."""
    return JSONResponse({"models": await asyncio.to_thread(_models, desk, language)})


@router.get("/{name}/{number}")
async def version(desk: DeskDep, name: Name, number: Number) -> Response:
    """Return what the training of one version left behind; its card as HTML."""
    return JSONResponse(await asyncio.to_thread(_record, desk, name, number))


@router.get("/{name}/{number}/{file}")
async def plot(desk: DeskDep, name: Name, number: Number, file: FileName) -> Response:
    """Return one figure of a version's run."""
    content = await asyncio.to_thread(_figure, desk, name, number, file)
    return Response(content, media_type="image/png")


@rule.post("/{name}/{number}/promote")
async def promote(desk: DeskDep, name: Name, number: Number) -> Response:
    """Make a version the champion; it takes over at once, without a dropped request."""
    return JSONResponse(await asyncio.to_thread(_promote, desk, name, number))


@rule.post("/{name}/rollback")
async def rollback(desk: DeskDep, name: Name) -> Response:
    """Make the previous champion the champion again."""
    return JSONResponse(await asyncio.to_thread(_rollback, desk, name))


def registry_of(desk: Desk) -> "Registry":
    """Return the registry that the service follows, with all that it can do."""
    return cast("Registry", desk.champions.registry)


def _models(desk: Desk, language: str) -> list[dict[str, Any]]:
    registry = registry_of(desk)
    serving = {loaded.version.uri for loaded in desk.champions.state.loaded}
    return [
        {
            "name": name,
            "versions": [
                _version(version, serving, language)
                for place, version in enumerate(registry.versions(name))
                if place < NEWEST or set(version.aliases) & set(STANDINGS)
            ],
        }
        for name in registry.names()
    ]


def _version(version: Version, serving: set[str], language: str) -> dict[str, Any]:
    return {
        "version": version.number,
        "kind": version.kind,
        "standings": [alias for alias in STANDINGS if alias in version.aliases],
        "serving": version.uri in serving,
        "created": version.created.isoformat(timespec="seconds"),
        "metrics": version.metrics,
        "crowned_by": version.crowned_by if CHAMPION in version.aliases else None,
        "gate": {
            "verdict": version.verdict,
            "objection": gate_said(objections(version.objection or ""), language),
            "reason": gate_said(version.reason, language),
        },
    }


def _record(desk: Desk, name: str, number: str) -> dict[str, Any]:
    registry = registry_of(desk)
    told = record_of(registry, _found(registry, name, number)).to_json()
    return told | {"card": as_html(told["card"])}


def as_html(card: str) -> str:
    """Return a model card as HTML; what is markup in the card is shown as text.

    Headings step down by one: the page has its own first one.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    html = str(markdown.render(card))
    return re.sub(r"<(/?)h([1-5])>", lambda tag: f"<{tag[1]}h{min(6, int(tag[2]) + 2)}>", html)


def _figure(desk: Desk, name: str, number: str, file: str) -> bytes:
    registry = registry_of(desk)
    found = _found(registry, name, number)
    try:
        return figure(registry, found, file)
    except NotInRegistryError as err:
        raise _missing(str(err)) from err


def _promote(desk: Desk, name: str, number: str) -> dict[str, Any]:
    registry = registry_of(desk)
    version = registry.promote(name, _found(registry, name, number).number)
    return _reigning(desk, version)


def _rollback(desk: Desk, name: str) -> dict[str, Any]:
    try:
        return _reigning(desk, registry_of(desk).rollback(name))
    except NotInRegistryError as err:
        raise _missing(str(err)) from err


def _reigning(desk: Desk, version: Version) -> dict[str, Any]:
    """Have the service follow now instead of at its next look."""
    desk.champions.refresh()
    serving = {loaded.version.uri for loaded in desk.champions.state.loaded}
    refusal = desk.champions.state.refusal
    return {
        "name": version.name,
        "version": version.number,
        "serving": version.uri in serving,
        "refused": refusal.why if refusal and refusal.version == version.uri else None,
    }


def _found(registry: "Registry", name: str, number: str) -> Version:
    try:
        return registry.resolve(f"{name}/{number}")
    except NotInRegistryError as err:
        raise _missing(str(err)) from err


def _missing(detail: str) -> ProblemError:
    return ProblemError(Problem(404, "not-found", detail))
