import json
import threading
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from models.settings import Home
from models.stepwise import Steps
from serving.app import create_app
from serving.insight_answers import AccountsOut, ExplainOut, SimilarOut, WhenOut
from serving.settings import Settings

POST = {
    "text": "Udało się! Otwieramy dziś kino na Starówce 😀 kocham to miasto.",
    "platform": "facebook",
    "account_id": "kino",
    "published_at": "2046-11-28T18:00:00+01:00",
}


@pytest.fixture(scope="module")
def client(home: Home) -> Iterator[TestClient]:
    app = create_app(Settings(home, poll_seconds=3600))
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        yield client


def test_explain_answers_as_documented(client: TestClient) -> None:
    answer = ExplainOut.model_validate(client.post("/v1/explain", json=POST).json())
    text = POST["text"]
    assert [text[phrase.start : phrase.end] for phrase in answer.phrases] == [
        "Udało się!",
        "Otwieramy dziś",
        "kino na Starówce",
        "😀",
        "kocham to miasto.",
    ]
    assert (answer.status, answer.language) == ("ok", "pl")
    parts = answer.decomposition
    assert parts is not None
    total = sum(part.effect for part in (*parts.who_and_when, *parts.what_and_how))
    assert total + parts.start == pytest.approx(parts.score, abs=1e-6)
    assert {part.family for part in parts.who_and_when} == {"clock", "context", "history"}
    assert {part.family for part in parts.what_and_how} == {"text", "surface", "format", "recall"}
    # All forty posts of the account say the same.
    assert answer.rewriting is None


def test_the_score_and_its_explanation_agree(client: TestClient) -> None:
    score = client.post("/v1/score", json=POST).json()
    explained = client.post("/v1/explain", json=POST).json()
    assert explained["decomposition"]["score"] == pytest.approx(score["share"]["score"]["value"])
    assert explained["warnings"] == score["warnings"]
    sides = {reason["family"]: reason["side"] for reason in score["reasons"]}
    assert sides["history"] == "who_and_when"
    assert sides["text"] == "what_and_how"
    assert sides["start"] == "start"


def test_similar_answers_as_documented(client: TestClient) -> None:
    answer = SimilarOut.model_validate(client.post("/v1/similar", json=POST).json())
    assert [post.post_id for post in answer.posts] == ["p39"]
    assert answer.posts[0].shares == 39 % 7 + 3
    assert answer.posts[0].alike == 40
    assert answer.population.size == 40
    stranger = {**POST, "account_id": "nobody"}
    assert client.post("/v1/similar", json=stranger).json()["posts"] == []


def test_when_answers_as_documented(client: TestClient) -> None:
    answer = WhenOut.model_validate(client.post("/v1/when", json=POST).json())
    assert len(answer.hours) == 168
    assert answer.timezone == "Europe/Warsaw"
    assert answer.hours[0].at == "2046-11-28T18:00:00+01:00"
    for hour in answer.hours:
        assert hour.score.low <= hour.score.value <= hour.score.high
    assert (answer.best == []) is not answer.matters


def test_odds_against_the_weeks_median_hour_have_a_name_of_their_own(client: TestClient) -> None:
    hour = client.post("/v1/when", json=POST).json()["hours"][0]
    assert hour["beats_median_hour"] == hour["beats_median"]
    told = client.get("/openapi.json").json()["components"]["schemas"]["HourOut"]["properties"]
    assert [name for name, field in told.items() if field.get("deprecated")] == ["beats_median"]


def test_the_first_hour_of_the_week_scores_as_the_post_does(client: TestClient) -> None:
    score = client.post("/v1/score", json=POST).json()["share"]["score"]
    assert client.post("/v1/when", json=POST).json()["hours"][0]["score"] == pytest.approx(score)


def test_accounts_are_named(client: TestClient) -> None:
    (account,) = AccountsOut.model_validate(client.get("/v1/accounts").json()).accounts
    assert (account.platform, account.account_id, account.posts) == ("facebook", "kino", 40)
    assert account.first == "2026-01-01T00:00:00+00:00"


def test_a_refused_post_is_an_answer_everywhere(client: TestClient) -> None:
    refused = {**POST, "text": "ok"}
    assert client.post("/v1/explain", json=refused).json()["status"] == "abstained"
    assert client.post("/v1/when", json=refused).json()["hours"] == []


@pytest.mark.parametrize("path", ["/v1/explain", "/v1/similar", "/v1/when"])
def test_wrong_fields_are_named(client: TestClient, path: str) -> None:
    answer = client.post(path, json={**POST, "shares": 3})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "known_afterwards"


def test_a_fault_is_told_without_the_text(client: TestClient, home: Home) -> None:
    app = create_app(Settings(home, poll_seconds=3600))
    with TestClient(app) as broken:
        app.state.desk.champions.refresh()
        scorer = app.state.desk.champions.scorer
        whole, scorer._encode = scorer._encode, _broken
        answer = broken.post("/v1/when", json=POST)
        scorer._encode = whole
        assert answer.status_code == 503
        assert "kocham" not in json.dumps(answer.json())
        assert broken.post("/v1/score", json=POST).status_code == 200


def _broken(*given: object) -> None:
    raise ValueError("kocham to miasto")


def test_drafts_overtake_a_long_search(home: Home) -> None:
    """A search that ends only when somebody else's draft was scored meanwhile."""
    app = create_app(Settings(home, poll_seconds=3600))
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        begun, scored = threading.Event(), threading.Event()

        def search() -> Steps[str]:
            while not scored.is_set():
                begun.set()
                yield
            return "found"

        def ask() -> None:
            begun.wait(30)
            client.post("/v1/score", json=POST)
            scored.set()

        asking = threading.Thread(target=ask)
        asking.start()
        assert client.portal is not None
        assert client.portal.call(app.state.desk.batcher.aside, search()) == "found"
        asking.join()


def test_a_time_that_has_passed_is_told_wherever_a_draft_is_sent(client: TestClient) -> None:
    late = {**POST, "published_at": "2026-01-28T18:00:00+01:00"}
    for path in ("score", "explain", "similar", "when"):
        answer = client.post(f"/v1/{path}", json=late).json()
        assert "planned_in_past" in [note["code"] for note in answer["warnings"]], path
