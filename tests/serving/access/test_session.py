"""A browser that signs in with a key."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from serving.access.store import KeyStore
from serving.answers import SessionOut
from tests.serving.access.conftest import Make
from tests.serving.access.test_door import POST, check

SAME = {"Sec-Fetch-Site": "same-origin"}


def test_a_browser_signs_in_scores_and_signs_out(client: TestClient, make: Make) -> None:
    key = make("planner", rate=100)
    assert client.get("/v1/session").json()["key_needed"] is True
    answer = client.post("/v1/session", json={"key": f" {key}\n"}, headers=SAME)
    session = SessionOut.model_validate(answer.json())
    assert (session.signed_in, session.name, session.scopes) == (True, "planner", ["score"])
    assert client.get("/v1/session").json() == answer.json()
    score = client.post("/v1/score", json=POST, headers=SAME)
    assert score.status_code == 200
    assert score.headers["ratelimit"] == '"key";r=99;t=0'

    signed_out = client.delete("/v1/session", headers=SAME).json()
    assert (signed_out["key_needed"], signed_out["signed_in"]) == (True, False)
    assert dict(client.cookies) == {}
    check(client.post("/v1/score", json=POST, headers=SAME), 401, "key-needed")


def test_scripts_and_other_sites_never_get_the_cookie(client: TestClient, make: Make) -> None:
    key = make("planner")
    plain = client.post("/v1/session", json={"key": key}).headers["set-cookie"]
    assert key not in plain
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"} <= set(plain.split("; "))
    assert "Secure" not in plain
    sealed = client.post("https://testserver/v1/session", json={"key": key}).headers["set-cookie"]
    assert "Secure" in sealed.split("; ")


def test_a_cookie_that_was_taken_along_is_over_once_signed_out(
    client: TestClient, make: Make
) -> None:
    client.post("/v1/session", json={"key": make("planner")})
    taken = client.cookies["prescore_session"]
    client.delete("/v1/session")
    client.cookies.set("prescore_session", taken)
    check(client.get("/v1/models"), 401, "key-needed")


def test_revoking_the_key_ends_the_session(
    client: TestClient, make: Make, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/v1/session", json={"key": make("planner")})
    assert client.get("/v1/models").status_code == 200
    keys.revoke("planner", datetime.now(UTC))
    monkeypatch.setattr("serving.access.keyring.FRESH_SECONDS", 0.0)
    check(client.get("/v1/models"), 401, "key-needed")


@pytest.mark.parametrize("body", [{"key": "nonsense"}, {"key": ""}])
def test_a_wrong_key_opens_no_session(client: TestClient, make: Make, body: dict[str, str]) -> None:
    make("planner")
    answer = client.post("/v1/session", json=body)
    check(answer, 401, "key-refused")
    assert "set-cookie" not in answer.headers


def test_a_session_of_another_site_cannot_be_opened(client: TestClient, make: Make) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/v1/session", json={"key": make("planner")}, headers=headers)
    check(answer, 403, "another-site")


def test_a_cookie_that_is_none_lets_nobody_in(client: TestClient, make: Make) -> None:
    make("planner")
    client.cookies.set("prescore_session", "x" * 43)
    check(client.get("/v1/models"), 401, "key-needed")


def test_without_keys_there_is_nothing_to_sign_in_to(client: TestClient) -> None:
    answer = client.post("/v1/session", json={"key": "whatever"})
    assert answer.json()["key_needed"] is False
    assert "set-cookie" not in answer.headers
