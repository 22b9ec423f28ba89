"""Log lines of real requests, as text and as JSON."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.logs import Context, JsonFormatter, TextFormatter

SECRET = "Xyzzyword"
POST = {"text": "Hello there my dear Xyzzyword friends"}
NAME = "complaint-17.3"


class Lines(io.StringIO):
    @property
    def all(self) -> list[str]:
        return self.getvalue().splitlines()

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.all]


def listening(formatter: logging.Formatter) -> Iterator[Lines]:
    lines = Lines()
    handler = logging.StreamHandler(lines)
    handler.addFilter(Context())
    handler.setFormatter(formatter)
    logger = logging.getLogger("prescore")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.fixture
def lines() -> Iterator[Lines]:
    yield from listening(JsonFormatter())


@pytest.fixture
def text_lines() -> Iterator[Lines]:
    yield from listening(TextFormatter())


def test_a_request_is_one_line_with_its_name(client: TestClient, lines: Lines) -> None:
    answer = client.post("/v1/score", json=POST, headers={"X-Request-ID": NAME})
    assert answer.headers["x-request-id"] == NAME
    (line,) = lines.json
    assert line["request_id"] == NAME
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/score", 200)
    assert 0 < line["seconds"] < 60
    assert line["logger"] == "prescore.request"
    assert line["level"] == "info"
    assert "Xyzzyword" not in lines.getvalue()


@pytest.mark.parametrize(
    "given", ["", "a b", "x" * 129, 'a"b', "ą", "line\x0bbreak", "<script>", "a;b"]
)
def test_a_name_that_could_do_harm_is_replaced(client: TestClient, given: str) -> None:
    first, second = (
        client.get("/healthz", headers={b"X-Request-ID": given.encode()}) for _ in range(2)
    )
    made = first.headers["x-request-id"]
    assert made != given
    assert len(made) == 32
    assert second.headers["x-request-id"] != made


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/score", b"{"),
        ("POST", "/v1/score", b'{"text": 5}'),
        ("GET", "/nothing", None),
        ("DELETE", "/healthz", None),
        ("POST", "/v1/score", b"a" * 2_000_000),
    ],
)
def test_a_problem_carries_the_name(
    client: TestClient, method: str, path: str, body: bytes | None
) -> None:
    headers = {"X-Request-ID": NAME, "Content-Type": "application/json"}
    answer = client.request(method, path, content=body, headers=headers)
    assert answer.json()["request_id"] == NAME
    assert answer.headers["x-request-id"] == NAME


def test_what_went_wrong_finds_its_request_and_quotes_nothing(
    client: TestClient, lines: Lines
) -> None:
    def broken() -> None:
        raise LookupError(SECRET)

    client.app.add_api_route("/breaks", broken)  # type: ignore[attr-defined]
    answer = client.get("/breaks", headers={"X-Request-ID": NAME})
    assert (answer.status_code, answer.json()["request_id"]) == (500, NAME)
    failed, answered = lines.json
    assert failed["request_id"] == answered["request_id"] == NAME
    assert failed["message"].startswith("Unforeseen LookupError")
    assert "Xyzzyword" not in lines.getvalue()


@pytest.mark.parametrize("form", ["lines", "text_lines"])
def test_an_exception_of_others_is_told_without_its_message(
    form: str, request: pytest.FixtureRequest
) -> None:
    lines: Lines = request.getfixturevalue(form)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("prescore.elsewhere").exception("It failed")
    assert "ValueError" in lines.getvalue()
    assert "test_logs.py" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_a_line_for_people_ends_with_the_name(client: TestClient, text_lines: Lines) -> None:
    client.get("/healthz", headers={"X-Request-ID": NAME})
    (line,) = text_lines.all
    assert line.endswith(f"INFO Answered [{NAME}]")
