"""Whatever is sent, the answer is a problem document that names the field and echoes nothing."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import ConfigError, StoreError

SECRET = "Xyzzyword"
TEXT = "Hello there my dear friends"
JSON = {"Content-Type": "application/json"}


def send(client: TestClient, body: str | bytes, path: str = "/v1/score") -> Any:
    return client.post(path, content=body, headers=JSON)


def check(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "status", "detail"} <= problem.keys()
    assert SECRET not in answer.text
    return problem


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ('{"text": "Xyzzyword", "colour": "Xyzzyword"}', "colour", "unknown_field"),
        ('{"text": "Xyzzyword", "likes": 3}', "likes", "known_afterwards"),
        ('{"text": "Xyzzyword", "Retweets": 3}', "Retweets", "known_afterwards"),
        ('{"text": "Xyzzyword", "followers": NaN}', "followers", "finite_number"),
        ('{"text": "Xyzzyword", "followers": 1e999}', "followers", "finite_number"),
        ('{"text": "Xyzzyword", "followers": -1}', "followers", "greater_than_equal"),
        ('{"text": "Xyzzyword", "followers": 1.5}', "followers", "multiple_of"),
        ('{"text": "Xyzzyword", "followers": 1e11}', "followers", "less_than_equal"),
        ('{"text": "Xyzzyword", "followers": "Xyzzyword"}', "followers", "float_type"),
        ('{"text": NaN}', "text", "string_type"),
        ('{"text": ["Xyzzyword"]}', "text", "string_type"),
        ('{"text": null}', "text", "string_type"),
        ('{"caption": "Xyzzyword"}', "text", "missing"),
        ('{"text": "a", "is_paid": "Xyzzyword"}', "is_paid", "bool_type"),
        ('{"text": "a", "platform": "Xyzzyword"}', "platform", "unknown_platform"),
        ('{"text": "a", "media_type": "Xyzzyword"}', "media_type", "unknown_media_type"),
        ('{"text": "a", "language": "Xyzzyword"}', "language", "unknown_language"),
        ('{"text": "a", "language": "xx"}', "language", "unknown_language"),
        ('{"text": "a", "timezone": "../../etc/passwd"}', "timezone", "unknown_timezone"),
        ('{"text": "a", "published_at": 12}', "published_at", "datetime_type"),
        (
            '{"text": "a", "published_at": "Xyzzyword"}',
            "published_at",
            "datetime_from_date_parsing",
        ),
        (
            '{"text": "a", "published_at": "1904-01-01T00:00:00Z"}',
            "published_at",
            "implausible_time",
        ),
        ('{"text": "a", "account_id": ""}', "account_id", "string_too_short"),
        ('{"text": "a", "Xyzzyword of a post": 1}', "(unnamed)", "unknown_field"),
        ("[]", "body", "model_attributes_type"),
        ('"Xyzzyword"', "body", "model_attributes_type"),
        ("Xyzzyword{", "body", "json_invalid"),
        ("", "body", "missing"),
    ],
)
def test_a_wrong_field_is_named(client: TestClient, body: str, field: str, code: str) -> None:
    problem = check(send(client, body), 422)
    assert (problem["errors"][0]["field"], problem["errors"][0]["code"]) == (field, code)
    assert problem["detail"].startswith(f"{field}: ")


def test_a_wrong_field_of_one_post_among_many_is_named(client: TestClient) -> None:
    posts = [{"text": TEXT}, {"text": SECRET, "comments": 1}]
    problem = check(client.post("/v1/score/batch", json={"posts": posts}), 422)
    assert problem["detail"] == "posts[1].comments: This is known only after publishing."


def test_all_wrong_fields_are_named_at_once(client: TestClient) -> None:
    problem = check(client.post("/v1/score", json={"text": 5, "followers": "many", "x": 1}), 422)
    assert [error["field"] for error in problem["errors"]] == ["text", "followers", "x"]
    assert "3 problems in all" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "posts", "message"),
    [
        ("/v1/score/batch", 0, "Expected at least 1 items."),
        ("/v1/score/batch", 257, "Expected at most 256 items."),
        ("/v1/rank", 1, "Expected at least 2 items."),
        ("/v1/rank", 201, "Expected at most 200 items."),
    ],
)
def test_counts_have_limits(client: TestClient, path: str, posts: int, message: str) -> None:
    problem = check(client.post(path, json={"posts": [{"text": TEXT}] * posts}), 422)
    assert problem["errors"][0]["message"] == message


def test_texts_have_a_limit(client: TestClient) -> None:
    assert client.post("/v1/score", json={"text": "ab " * 13_333}).status_code == 200
    problem = check(client.post("/v1/score", json={"text": "a" * 40_001}), 422)
    assert problem["errors"][0]["message"] == "String should have at most 40000 characters."


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "\xff\xfe"}',
        b"[" * 200_000,
        b'{"text": "a", "followers": ' + b"9" * 6000 + b"}",
    ],
    ids=["no UTF-8", "deeply nested", "huge number"],
)
def test_what_is_no_json_is_a_bad_request(client: TestClient, body: bytes) -> None:
    check(send(client, body), 400)


def test_another_content_type_is_told_what_to_send(client: TestClient) -> None:
    answer = client.post("/v1/score", content=SECRET, headers={"Content-Type": "text/plain"})
    assert "sent as application/json" in check(answer, 422)["detail"]


def test_a_large_body_is_refused_by_its_length(client: TestClient) -> None:
    check(send(client, b'{"text": "' + b"a" * 10_000_000 + b'"}'), 413)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_large_body_in_pieces_is_refused_while_it_is_read(client: TestClient, count: int) -> None:
    """Also where its last piece is the one that is too much."""

    def pieces() -> Iterator[bytes]:
        yield from [b"a" * 1_000_001] * count

    check(client.post("/v1/score", content=pieces(), headers=JSON), 413)


def test_addresses_and_methods_that_do_not_exist(client: TestClient) -> None:
    check(client.get("/Xyzzyword"), 404)
    check(client.get("/static/Xyzzyword.js"), 404)
    check(client.get("/v1/score"), 405)
    check(client.delete("/healthz"), 405)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a" * 40_000,
        "😍🔥🎉",
        "https://example.org/path",
        "مرحبا بالعالم، هذا منشور جديد اليوم",
        "Dziś premiera, let us know what you think 谢谢",
        "\u202eevil\u202c of my good friends",
        "Hello\0there my friends",
    ],
)
def test_any_text_is_scored_or_refused(client: TestClient, text: str) -> None:
    answer = client.post("/v1/score", json={"text": text})
    assert answer.status_code == 200
    assert answer.json()["status"] in ("ok", "abstained")


def test_lone_surrogates_are_repaired(client: TestClient) -> None:
    body = '{"text": "Hello my friends \\ud800 \\ud83d\\ude00", "account_id": "\\udfff", '
    answer = send(client, body + '"platform": "x"}')
    assert answer.json()["status"] == "ok"


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = ("text", "platform", "account_id", "published_at", "timezone", "media_type", "language")
FIELDS = st.sampled_from((*NAMES, "followers", "is_paid", "likes", "posts", "zzz"))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(FIELDS, VALUES, max_size=5) | VALUES)
def test_no_body_breaks_it(client: TestClient, body: Any) -> None:
    for path in ("/v1/score", "/v1/rank"):
        answer = send(client, json.dumps(body), path)
        assert answer.status_code in (200, 400, 422)


def test_an_unforeseen_error_is_a_problem_and_its_message_is_not_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise LookupError(SECRET)

    client.app.add_api_route("/broken", broken)  # type: ignore[attr-defined]
    with caplog.at_level(logging.DEBUG):
        check(client.get("/broken"), 500)
    assert "Unforeseen LookupError" in caplog.text
    assert SECRET not in caplog.text


def test_a_setting_that_cannot_work_is_not_a_reason_to_come_back(client: TestClient) -> None:
    def misconfigured() -> None:
        raise ConfigError(f"Got {SECRET}; expected something else.")

    client.app.add_api_route("/misconfigured", misconfigured)  # type: ignore[attr-defined]
    answer = client.get("/misconfigured")
    check(answer, 500)
    assert "Retry-After" not in answer.headers


def test_what_is_wrong_with_the_database_is_logged_and_not_answered(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    def failing() -> None:
        raise StoreError(f"The database sqlite:////home/{SECRET}.db failed: it is locked.")

    client.app.add_api_route("/failing", failing)  # type: ignore[attr-defined]
    problem = check(client.get("/failing"), 503)
    assert problem["type"] == "urn:prescore:problem:database-failed"
    assert problem["detail"] == "The database failed; it has been logged."
    assert f"{SECRET}.db failed: it is locked." in caplog.text


def test_texts_are_never_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/v1/score", json={"text": f"{SECRET} {TEXT}"})
        client.post("/v1/score", json={"text": SECRET, "likes": 1})
    assert SECRET not in caplog.text


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=200), name=st.text(max_size=30), field=st.sampled_from(NAMES[1:]))
def test_no_text_breaks_it_or_comes_back(
    client: TestClient, text: str, name: str, field: str
) -> None:
    answer = send(client, json.dumps({"text": text}))
    assert answer.status_code == 200
    refused = send(client, json.dumps({"text": SECRET + text, field: SECRET + name, "likes": 1}))
    check(refused, 422)
