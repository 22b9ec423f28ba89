"""Who is let in, over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.access.keyring import FRESH_SECONDS
from serving.access.settings import Access
from serving.access.store import KeyStore
from serving.answers import ReadyOut
from serving.app import create_app
from serving.settings import Settings
from tests.serving.access.conftest import Make, bearing
from tests.serving.conftest import NoStore
from tests.serving.standins import TinyRegistry

POST = {"text": "Our bakery burned down last night, and we will rebuild it!"}
PAGES = (
    "/",
    "/rank",
    "/past",
    "/models",
    "/docs",
    "/openapi.json",
    "/static/page.css",
    "/healthz",
    "/readyz",
)


def check(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:prescore:problem:{code}"
    assert answer.json()["status"] == status


def test_without_any_key_this_machine_is_let_in(client: TestClient) -> None:
    assert client.post("/v1/score", json=POST).status_code == 200
    assert client.get("/v1/session").json() == {
        "key_needed": False,
        "signed_in": False,
        "name": None,
        "scopes": [],
    }


def test_the_first_key_closes_the_door(client: TestClient, make: Make) -> None:
    key = make("planner")
    check(client.post("/v1/score", json=POST), 401, "key-needed")
    answer = client.post("/v1/score", json=POST, headers=bearing(key))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_pages_and_signs_of_life_are_for_everybody(
    client: TestClient, make: Make, path: str
) -> None:
    make("planner")
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("POST", "/v1/rank"),
        ("POST", "/v1/score/batch"),
        ("GET", "/metrics"),
        ("GET", "/v1/nothing"),
        ("POST", "/nothing"),
        ("DELETE", "/"),
    ],
)
def test_what_is_not_for_everybody_needs_a_key(
    client: TestClient, make: Make, method: str, path: str
) -> None:
    make("planner")
    answer = client.request(method, path)
    check(answer, 401, "key-needed")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_who_comes_without_a_key_has_no_body_read(client: TestClient, make: Make) -> None:
    make("planner")
    check(client.post("/v1/score", content=b"{broken"), 401, "key-needed")


@pytest.mark.parametrize(
    "wrong", ["nonsense", "prescore_000000000000_" + "A" * 43, "é", "x" * 5000]
)
def test_a_wrong_key_is_told_so_and_not_repeated(
    client: TestClient, make: Make, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    make("planner")
    header = f"Bearer {wrong}".encode()
    answer = client.post("/v1/score", json=POST, headers={b"Authorization": header})
    check(answer, 401, "key-refused")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert wrong not in answer.text
    assert wrong not in caplog.text


def test_a_key_is_good_for_its_scopes_only(client: TestClient, make: Make) -> None:
    score, metrics, admin = make("s"), make("m", "metrics"), make("a", "admin")
    assert client.get("/v1/models", headers=bearing(score)).status_code == 200
    check(client.get("/metrics", headers=bearing(score)), 403, "scope-needed")
    assert client.get("/metrics", headers=bearing(metrics)).status_code == 200
    answer = client.post("/v1/score", json=POST, headers=bearing(metrics))
    check(answer, 403, "scope-needed")
    assert 'scope="score"' in answer.headers["www-authenticate"]
    assert client.get("/metrics", headers=bearing(admin)).status_code == 200


def test_details_of_readiness_are_for_those_with_a_key(client: TestClient, make: Make) -> None:
    key = make("planner")
    hidden = ReadyOut.model_validate(client.get("/readyz").json())
    assert (hidden.status, hidden.models, hidden.registry) == ("ready", None, "not shown")
    shown = ReadyOut.model_validate(client.get("/readyz", headers=bearing(key)).json())
    assert shown.models is not None


def test_a_key_may_ask_as_often_as_its_rate(client: TestClient, make: Make) -> None:
    slow, fast = make("slow", rate=2), make("fast")
    answers = [client.post("/v1/score", json=POST, headers=bearing(slow)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    check(answers[-1], 429, "rate-exceeded")
    assert answers[-1].headers["retry-after"] == "30"
    assert [answer.headers["ratelimit"] for answer in answers[:2]] == [
        '"key";r=1;t=0',
        '"key";r=0;t=30',
    ]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=2;w=60'
    free = client.post("/v1/score", json=POST, headers=bearing(fast))
    assert free.status_code == 200
    assert "ratelimit" not in free.headers


def test_a_revoked_key_is_refused_by_every_worker(
    client: TestClient, settings: Settings, make: Make, keys: KeyStore, monkeypatch: Any
) -> None:
    clock = _Clock()
    monkeypatch.setattr("serving.access.keyring.time.monotonic", clock)
    key = make("planner")
    other = create_app(settings, TinyRegistry, NoStore)
    with TestClient(other) as second:
        other.state.desk.champions.refresh()
        for worker in (client, second):
            assert worker.get("/v1/models", headers=bearing(key)).status_code == 200
        keys.revoke("planner", datetime.now(UTC))
        clock.now += FRESH_SECONDS + 0.001
        for worker in (client, second):
            check(worker.get("/v1/models", headers=bearing(key)), 401, "key-refused")


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


# A page of another site


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver:81"},
        {"Origin": "http://["},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_pages_of_other_sites_cannot_act(client: TestClient, headers: dict[str, str]) -> None:
    check(client.post("/v1/score", json=POST, headers=headers), 403, "another-site")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_the_page_and_programs_can(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/score", json=POST, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("prescore.localhost", 200),
        ("box", 200),
        ("evil.example", 403),
        ("evil.example.:8000", 403),
        ("[::1", 403),
    ],
)
def test_without_keys_no_public_name_leads_here(client: TestClient, host: str, status: int) -> None:
    """A page of another site can have its own name point to this machine."""
    answer = client.get("/v1/models", headers={"Host": host})
    assert answer.status_code == status


@pytest.mark.parametrize("host", ["prescore.example.org", "[::1"])
def test_with_keys_any_name_may_lead_here(client: TestClient, make: Make, host: str) -> None:
    headers = {"Host": host, **bearing(make("planner"))}
    assert client.get("/v1/models", headers=headers).status_code == 200


PLANNER = "https://planner.example.org"


def test_cors_is_off(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"Origin": PLANNER})
    assert "access-control-allow-origin" not in answer.headers
    preflight = {"Origin": PLANNER, "Access-Control-Request-Method": "POST"}
    answer = client.options("/v1/score", headers=preflight)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.fixture
def planners(settings: Settings, make: Make) -> Iterator[TestClient]:
    access = Access(origins=(PLANNER,))
    app = create_app(replace(settings, access=access), TinyRegistry, NoStore)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def test_a_named_origin_may_call_with_a_key(planners: TestClient, make: Make) -> None:
    headers = {"Origin": PLANNER, "Sec-Fetch-Site": "cross-site", **bearing(make("planner"))}
    answer = planners.post("/v1/score", json=POST, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PLANNER
    assert "access-control-allow-credentials" not in answer.headers
    preflight = {
        "Origin": PLANNER,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    assert planners.options("/v1/score", headers=preflight).status_code == 200


def test_no_other_origin_may(planners: TestClient, make: Make) -> None:
    headers = {"Origin": "https://evil.example", **bearing(make("planner"))}
    answer = planners.post("/v1/score", json=POST, headers=headers)
    check(answer, 403, "another-site")
    assert "access-control-allow-origin" not in answer.headers


# A network


def test_where_others_reach_it_a_key_is_asked_for(settings: Settings) -> None:
    app = create_app(replace(settings, host="0.0.0.0"), TinyRegistry, NoStore)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        check(client.post("/v1/score", json=POST), 401, "key-needed")


def test_unless_it_was_said_that_none_is(settings: Settings) -> None:
    access = Access(open_to_network=True)
    app = create_app(replace(settings, host="0.0.0.0", access=access), TinyRegistry, NoStore)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        headers = {"Host": "prescore.example.org"}
        assert client.post("/v1/score", json=POST, headers=headers).status_code == 200


# Headers

SEALS = {
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
}


@pytest.mark.parametrize("path", [*PAGES, "/v1/models", "/nothing"])
def test_every_answer_is_sealed_and_names_no_version(
    client: TestClient, make: Make, path: str
) -> None:
    make("planner")
    answer = client.get(path)
    assert set(answer.headers) >= SEALS
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers
    assert client.get("/openapi.json").json()["info"]["version"] == "1"


def test_over_https_browsers_are_told_to_stay_there(client: TestClient) -> None:
    headers = client.get("https://testserver/").headers
    assert headers["strict-transport-security"] == "max-age=31536000"
