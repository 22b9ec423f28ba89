"""Every address says what it asks of its callers, or is named here as one for everybody."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from serving.access.requires import Requires
from serving.problems import every_route

FOR_EVERYBODY = {
    *("/", "/rank", "/past", "/models", "/docs", "/openapi.json", "/static", "/docs/assets"),
    *("/healthz", "/readyz", "/v1/session"),
}


def asked_of(dependant: Any) -> Iterator[str]:
    """The scopes that a route and what it depends on ask for."""
    if isinstance(dependant.call, Requires):
        yield dependant.call.scope
    for inner in dependant.dependencies:
        yield from asked_of(inner)


def test_every_address_asks_for_a_scope_or_is_for_everybody(client: TestClient) -> None:
    seen = set()
    for route in every_route(client.app.routes):  # type: ignore[attr-defined]
        scopes = list(asked_of(route.dependant)) if isinstance(route, APIRoute) else []
        assert scopes or route.path in FOR_EVERYBODY, f"{route.path} asks for no scope"
        seen.add(route.path)
    assert seen >= FOR_EVERYBODY
    assert "/v1/score" in seen
