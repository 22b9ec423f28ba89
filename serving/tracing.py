"""Spans for OpenTelemetry, where its package is present; without it, nothing.

Where they go is the usual environment's to say (`OTEL_EXPORTER_OTLP_ENDPOINT`, …). No span holds
what was submitted: routes are templates, and posts are counted.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from features.errors import ConfigError
from serving.context import REQUEST_ID

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVER_FAULT = 500


@cache
def _library() -> Any:
    """The `opentelemetry` package's tracing, or None."""
    try:
        from opentelemetry import propagate, trace
    except ImportError:
        return None
    return trace, propagate


def send_where_told(environment: Mapping[str, str] = os.environ) -> bool:
    """Set up the exporter that the environment names; return whether there is one.

    Nothing is sent without an endpoint.

    Raises
    ------
    ConfigError
        When there is an endpoint, but not the extra `otel`.
    """
    told = next((name for name in ENDPOINTS if environment.get(name)), None)
    if told is None:
        return False
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as err:
        raise ConfigError(
            f"{told} is set, but sending spans needs an extra: pip install 'prescore[otel]'."
        ) from err
    name = environment.get("OTEL_SERVICE_NAME") or "prescore"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return True


@contextmanager
def span(name: str, **attributes: int | str) -> Iterator[None]:
    """Note how long a block takes, as a part of the request in hand."""
    library = _library()
    if library is None:
        yield
        return
    trace, _ = library
    tracer = trace.get_tracer("prescore")
    told = {f"prescore.{key}": value for key, value in attributes.items()}
    # An exception's message may quote a post.
    with tracer.start_as_current_span(name, attributes=told, record_exception=False):
        yield


class Tracing:
    """One span for each request, a child of the caller's where it sent `traceparent`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app inside a span."""
        library = _library()
        if scope["type"] != "http" or library is None:
            await self.app(scope, receive, send)
            return
        trace, propagate = library
        parent = propagate.extract(dict(Headers(scope=scope)))
        with trace.get_tracer("prescore").start_as_current_span(
            scope["method"], parent, trace.SpanKind.SERVER, record_exception=False
        ) as current:
            await self.app(scope, receive, _noting(current, scope, send))


def _noting(current: Any, scope: Scope, send: Send) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            _note(current, scope, message["status"])
        await send(message)

    return noting


def _note(current: Any, scope: Scope, status: int) -> None:
    route = getattr(scope.get("route"), "path", None)
    current.set_attribute("http.request.method", scope["method"])
    current.set_attribute("http.response.status_code", status)
    current.set_attribute("prescore.request_id", REQUEST_ID.get() or "")
    if route:
        current.set_attribute("http.route", route)
        current.update_name(f"{scope['method']} {route}")
    if status >= SERVER_FAULT:
        from opentelemetry.trace import Status, StatusCode

        current.set_status(Status(StatusCode.ERROR))
