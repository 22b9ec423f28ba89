"""Spans of real requests, in OpenTelemetry's own in-memory exporter."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from features.errors import ConfigError
from serving import tracing

POST = {"text": "Hello there my dear Xyzzyword friends", "platform": "x", "account_id": "a"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def test_a_request_is_a_span_with_its_parts(
    client: TestClient, spans: InMemorySpanExporter
) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "r-1"}
    assert client.post("/v1/score", json=POST, headers=headers).status_code == 200
    history, score, request = spans.get_finished_spans()
    assert [each.name for each in (history, score, request)] == [
        "history",
        "score",
        "POST /v1/score",
    ]
    assert request.context is not None
    assert request.parent is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == PARENT
    for part in (history, score):
        assert part.parent is not None
        assert part.parent.span_id == request.context.span_id
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/v1/score",
        "prescore.request_id": "r-1",
    }
    assert dict(score.attributes or {}) == {"prescore.posts": 1}


def test_no_span_holds_what_was_submitted(client: TestClient, spans: InMemorySpanExporter) -> None:
    client.post("/v1/score", json=POST)
    client.post("/v1/score", json={"text": "Xyzzyword", "likes": 1})
    client.get("/Xyzzyword?q=Xyzzyword")
    told = "".join(each.to_json() for each in spans.get_finished_spans())
    assert "POST /v1/score" in told
    assert "Xyzzyword" not in told


def test_a_fault_of_ours_is_marked_as_one(client: TestClient, spans: InMemorySpanExporter) -> None:
    def broken() -> None:
        raise LookupError("Xyzzyword")

    client.app.add_api_route("/falls", broken)  # type: ignore[attr-defined]
    client.get("/falls")
    (request,) = spans.get_finished_spans()
    assert request.status.status_code == trace.StatusCode.ERROR
    assert "Xyzzyword" not in request.to_json()


def test_without_the_package_requests_are_answered_all_the_same(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracing._library.cache_clear()
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    try:
        assert client.post("/v1/score", json=POST).status_code == 200
        assert tracing._library() is None
    finally:
        tracing._library.cache_clear()


def test_nothing_is_sent_unless_told_where(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up: list[Any] = []
    monkeypatch.setattr(trace, "set_tracer_provider", set_up.append)
    assert tracing.send_where_told({}) is False
    assert set_up == []


@pytest.mark.parametrize("variable", tracing.ENDPOINTS)
def test_where_to_send_without_the_extra_is_refused_in_one_line(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(ConfigError, match=rf"^{variable} is set, .* 'prescore\[otel\]'\.$"):
        tracing.send_where_told({variable: "http://collector:4318"})
