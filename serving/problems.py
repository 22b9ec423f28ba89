"""Errors as `application/problem+json` (RFC 9457), which never hold what was submitted."""

import logging
import math
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from features.errors import ConfigError, InputError, PrescoreError, StoreError
from features.schema import POST_OUTCOMES
from serving.context import REQUEST_ID

log = logging.getLogger("prescore.serving")

MEDIA_TYPE = "application/problem+json"
KNOWN_AFTERWARDS = frozenset(POST_OUTCOMES) | {
    "clicks",
    "ctr",
    "engagement",
    "impressions",
    "reach",
    "reactions",
    "reposts",
    "retweets",
    "saves",
    "views",
}
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_SAFE_MESSAGES = frozenset(
    {
        "bool_type",
        "finite_number",
        "float_type",
        "greater_than_equal",
        "less_than_equal",
        "int_type",
        "list_type",
        "literal_error",
        "missing",
        "model_attributes_type",
        "string_too_long",
        "string_type",
    }
)
"""pydantic's error types whose messages are built from the schema alone."""

ErrorItem = dict[str, str]

CLIENT_GONE = 499
"""As nginx counts a client that hung up before it was answered."""


class ClientGoneError(Exception):
    """Whoever asked has hung up: there is nobody to answer."""


class UnavailableError(PrescoreError):
    """The service cannot score right now; the same request may work later."""


class StillLoadingError(UnavailableError):
    """The first champions are not loaded yet: /readyz says `starting`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document.

    Attributes
    ----------
    code
        Ends the `type`, for programs to tell problems apart.
    errors
        Which fields are wrong: `{"field", "code", "message"}`.
    headers
        Sent along, such as Retry-After.
    most_bytes
        How large the body may be, where it was larger.
    """

    status: int
    code: str
    detail: str
    errors: Sequence[ErrorItem] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int | None = None

    def response(self) -> Response:
        """Return the HTTP response."""
        content: dict[str, Any] = {
            "type": f"urn:prescore:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if name := REQUEST_ID.get():
            content["request_id"] = name
        if self.errors:
            content["errors"] = list(self.errors)
        if self.most_bytes is not None:
            content["most_bytes"] = self.most_bytes
        return JSONResponse(content, self.status, dict(self.headers), media_type=MEDIA_TYPE)


class ProblemError(HTTPException):
    """Ends a request with a problem document, wherever it is raised."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.code)
        self.problem = problem


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, http_problem)
    app.add_exception_handler(PrescoreError, _ours)


class LastResort:
    """Answers what no handler foresaw, without a word of what was submitted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; an unforeseen exception becomes a problem document."""
        try:
            await self.app(scope, receive, send)
        except ClientGoneError:
            # Nobody hears it; the status is for the metrics.
            await Response(status_code=CLIENT_GONE)(scope, receive, send)
        except Exception as err:  # noqa: BLE001 - the outermost boundary of a request
            log_failure(err)
            await internal().response()(scope, receive, send)


def log_failure(err: BaseException) -> None:
    """Log where an exception came from, but not its message: that may quote a post."""
    frames = "".join(traceback.format_tb(err.__traceback__))
    log.error("Unforeseen %s\n%s", type(err).__name__, frames)


async def _ours(request: Request, err: Exception) -> Response:  # noqa: ARG001
    """Our own errors never quote a post, so their line may be shown."""
    if isinstance(err, InputError):
        return Problem(422, "invalid-input", str(err)).response()
    if not isinstance(err, UnavailableError):
        log_failure(err)
    if isinstance(err, StoreError):
        # Which database it is and what its driver says is for whoever runs the service.
        log.error("Answered without the database: %s", err)
        return database_failed().response()
    if isinstance(err, ConfigError):
        # No waiting mends a setting, so nobody is told to come back.
        return internal().response()
    return unavailable(err).response()


def internal() -> Problem:
    """Something of ours went wrong."""
    return Problem(500, "internal", "Something went wrong here; it has been logged.")


def unavailable(err: Exception) -> Problem:
    """Something of ours cannot be reached right now."""
    code = "models-loading" if isinstance(err, StillLoadingError) else "unavailable"
    return Problem(503, code, str(err), headers={"Retry-After": "5"})


def database_failed() -> Problem:
    """The database of history, keys and receipts cannot be read or written right now."""
    detail = "The database failed; it has been logged."
    return Problem(503, "database-failed", detail, headers={"Retry-After": "5"})


def too_busy(seconds: float) -> Problem:
    """Too much is waiting to take anything more in, for about so many seconds."""
    wait = str(max(1, math.ceil(seconds)))
    detail = f"Too much is waiting already. Try again in {wait} s."
    return Problem(429, "queue-full", detail, headers={"Retry-After": wait})


async def http_problem(request: Request, err: Exception) -> Response:
    """Answer whatever ends a request with a status."""
    if isinstance(err, ProblemError):
        return err.problem.response()
    assert isinstance(err, HTTPException)
    code = HTTPStatus(err.status_code).phrase.lower().replace(" ", "-")
    detail = {
        400: "The body could not be read as JSON.",
        404: "There is nothing at this address. See /docs.",
        405: f"{request.method} does not work here. See /docs.",
    }.get(err.status_code, HTTPStatus(err.status_code).description or "The request failed.")
    headers = dict(err.headers or {})
    if err.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return Problem(err.status_code, code, detail, headers=headers).response()


def _methods(request: Request) -> set[str]:
    """What does work at an address; the router names the methods of one of its routes only."""
    path = request.scope["path"]
    return {
        method
        for route in every_route(request.app.routes)
        if isinstance(route, Route) and route.path_regex.match(path)
        for method in route.methods or ()
    }


def every_route(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield the routes of an app and of the routers that it includes."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from every_route(included.routes)


async def _invalid(request: Request, err: Exception) -> Response:  # noqa: ARG001
    assert isinstance(err, RequestValidationError)
    errors = [_item(error) for error in err.errors()]
    first = errors[0]
    more = f" ({len(errors)} problems in all)" if len(errors) > 1 else ""
    detail = f"{first['field']}: {first['message']}{more}"
    return Problem(422, "invalid-input", detail, errors[:20]).response()


def _item(error: Mapping[str, Any]) -> ErrorItem:
    """Name the field and say what was expected; `input` and `ctx` stay behind."""
    kind, path = str(error["type"]), list(error["loc"])[1:]
    if kind == "json_invalid":
        return _entry("body", kind, f"This is not valid JSON (at character {path[0]}).")
    name = _field(path)
    last = path[-1] if path else None
    if kind in ("too_long", "too_short"):
        return _entry(name, kind, _length(kind, error["ctx"]))
    if kind == "multiple_of":
        return _entry(name, kind, "Expected a whole number.")
    if kind.startswith("datetime"):
        return _entry(name, kind, "Expected a time such as 2026-11-28T18:00:00+01:00.")
    if kind == "extra_forbidden" and isinstance(last, str) and last.lower() in KNOWN_AFTERWARDS:
        return _entry(name, "known_afterwards", "This is known only after publishing.")
    if kind == "extra_forbidden":
        return _entry(name, "unknown_field", "This field is not known here.")
    if kind in ("model_attributes_type", "dict_type"):
        return _entry(name, kind, "Expected a JSON object, sent as application/json.")
    if kind in _SAFE_MESSAGES or kind.startswith("prescore_"):
        return _entry(name, kind.removeprefix("prescore_"), f"{error['msg']}.")
    return _entry(name, kind, "This value cannot be used here.")


def _length(kind: str, limits: Mapping[str, Any]) -> str:
    if kind == "too_long":
        return f"Expected at most {limits['max_length']} items."
    return f"Expected at least {limits['min_length']} items."


def _entry(name: str, code: str, message: str) -> ErrorItem:
    return {"field": name, "code": code, "message": message.replace("..", ".")}


def _field(path: Sequence[Any]) -> str:
    """`posts[3].likes`; a name that is not a plain word may be a text, and is not repeated."""
    name = ""
    for part in path:
        if isinstance(part, int):
            name += f"[{part}]"
        else:
            known = part if _FIELD_NAME.fullmatch(str(part)) else "(unnamed)"
            name += f".{known}" if name else known
    return name or "body"
