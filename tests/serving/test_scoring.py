from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from models.frames import posts_of
from serving.answers import BatchOut, ModelsOut, RankOut, ReadyOut, ScoreOut
from serving.app import create_app
from serving.schemas import ENGLISH_EXAMPLE, POLISH_EXAMPLE, PostIn
from serving.settings import Settings
from tests.serving.conftest import NoStore
from tests.serving.standins import TinyRegistry

POLISH = "Udało się! Po trzech latach otwieramy kino na Starówce."
ENGLISH = "Our bakery burned down last night, and we will rebuild it!"


@pytest.mark.parametrize(("text", "language"), [(POLISH, "pl"), (ENGLISH, "en")])
def test_score_answers_as_documented(client: TestClient, text: str, language: str) -> None:
    answer = client.post("/v1/score", json={"text": text, "platform": "facebook"})
    assert answer.status_code == 200
    score = ScoreOut.model_validate(answer.json())
    assert (score.status, score.language) == ("ok", language)
    assert score.reasons is not None
    assert score.share is not None
    total = sum(reason.effect for reason in score.reasons)
    assert total == pytest.approx(score.share.score.value)


def test_abstention_is_an_answer_with_a_typed_reason(client: TestClient) -> None:
    answer = client.post("/v1/score", json={"text": "ok"})
    assert answer.status_code == 200
    score = ScoreOut.model_validate(answer.json())
    assert score.status == "abstained"
    assert score.reason is not None
    assert score.reason.code == "too_short"


def test_reasons_can_be_left_out(client: TestClient) -> None:
    answer = client.post("/v1/score?explain=false", json={"text": ENGLISH})
    assert answer.json()["reasons"] == []


def test_batch_keeps_the_order(client: TestClient) -> None:
    posts = [{"text": ENGLISH + "!" * n} for n in (3, 0, 2, 0, 5)] + [{"text": "ok"}]
    answer = client.post("/v1/score/batch", json={"posts": posts})
    scores = BatchOut.model_validate(answer.json()).scores
    values = [score.share.score.value for score in scores if score.share]
    assert values == pytest.approx([2.1, 0.6, 1.6, 0.6, 3.1])
    assert scores[-1].status == "abstained"


def test_a_full_batch_is_scored_in_steps(client: TestClient) -> None:
    posts = [{"text": f"{ENGLISH} {n}", "language": "en"} for n in range(256)]
    answer = client.post("/v1/score/batch", json={"posts": posts})
    scores = BatchOut.model_validate(answer.json()).scores
    assert len({score.id for score in scores}) == 256


def test_rank_orders_and_tells_the_odds(client: TestClient) -> None:
    posts = [{"text": ENGLISH + "!" * n} for n in (0, 4)]
    ranking = RankOut.model_validate(client.post("/v1/rank", json={"posts": posts}).json())
    assert [place.index for place in ranking.candidates] == [1, 0]
    assert ranking.candidates[0].beats_next == pytest.approx(0.9214, abs=1e-3)
    assert ranking.candidates[0].too_close_to_call is False
    assert ranking.tiers == 2
    assert ranking.regret == pytest.approx(0.083, abs=0.01)


def test_rank_takes_the_confidence_to_ask_for(client: TestClient) -> None:
    posts = [{"text": ENGLISH + "!" * n} for n in (0, 4)]
    answer = client.post("/v1/rank", json={"posts": posts, "min_confidence": 0.95}).json()
    assert (answer["tiers"], answer["candidates"][0]["too_close_to_call"]) == (1, True)
    for wrong in (0.3, 0.99, "0.7", None):
        refused = client.post("/v1/rank", json={"posts": posts, "min_confidence": wrong})
        assert refused.status_code == 422


@pytest.mark.parametrize("example", [POLISH_EXAMPLE, ENGLISH_EXAMPLE])
def test_the_examples_in_the_docs_work(client: TestClient, example: dict[str, Any]) -> None:
    assert client.post("/v1/score", json=example).json()["status"] == "ok"


def test_every_example_of_the_openapi_document_works(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        body = methods.get("post", {}).get("requestBody")
        if body:
            reference = body["content"]["application/json"]["schema"]["$ref"]
            schema = document["components"]["schemas"][reference.split("/")[-1]]
            for example in schema["examples"]:
                assert client.post(path, json=example).status_code == 200, path


def test_local_times_are_read_in_their_zone() -> None:
    at = "2026-07-01T18:00:00"
    local = PostIn(text="x", published_at=at, timezone="Europe/Warsaw").post()  # type: ignore[arg-type]
    universal = PostIn(text="x", published_at=at).post()  # type: ignore[arg-type]
    assert local.published_at == datetime.fromisoformat("2026-07-01T18:00:00+02:00")
    assert universal.published_at == datetime.fromisoformat("2026-07-01T18:00:00+00:00")


def test_names_in_other_spellings_are_understood() -> None:
    post = PostIn(text="x", platform=" Twitter", media_type="Image", language="pl-PL").post()
    assert (post.platform, post.media_type, post.language) == ("x", "photo", "pl")


@pytest.mark.parametrize("said", ["und", "zxx", "in", "iw", "PL_pl", "POL", " en \n", "qme"])
def test_languages_are_read_as_in_tables(said: str) -> None:
    (read,) = posts_of(pd.DataFrame({"text": ["x"], "language": [said]}), datetime.now(UTC))
    assert PostIn(text="x", language=said).post().language == read.language


def test_an_undetermined_language_refuses_nothing(client: TestClient) -> None:
    score = client.post("/v1/score", json={"text": ENGLISH, "language": "und"}).json()
    assert (score["status"], score["language"]) == ("ok", "en")


def test_models_names_the_versions_in_service(client: TestClient) -> None:
    answer = ModelsOut.model_validate(client.get("/v1/models").json())
    assert [(model.kind, model.version) for model in answer.models] == [
        ("emotion", "1"),
        ("share", "1"),
    ]


def test_ready_once_the_canary_scores_as_recorded(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    ready = ReadyOut.model_validate(answer.json())
    assert (ready.status, ready.canary_difference, ready.refused) == ("ready", 0, None)


def test_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_metrics_count_posts_and_requests_but_hold_no_text(
    settings: Settings, registry: TinyRegistry
) -> None:
    app = create_app(settings, lambda: registry, NoStore)
    with TestClient(app) as client:
        app.state.desk.champions.refresh()
        client.post("/v1/score/batch", json={"posts": [{"text": ENGLISH}, {"text": "secretword"}]})
        client.post("/v1/score", json={"text": "ok"})
        client.get("/secretword")
        text = client.get("/metrics").text
    assert 'prescore_posts_total{reason="too_short",status="abstained"} 1.0' in text
    batch = 'prescore_requests_total{method="POST",route="/v1/score/batch",status="200"} 1.0'
    assert batch in text
    assert 'prescore_requests_total{method="GET",route="other",status="404"} 1.0' in text
    assert 'prescore_stage_seconds_count{stage="encode"}' in text
    assert 'prescore_model_info{kind="share",name="prescore-share",version="1"} 1.0' in text
    assert "secretword" not in text


def test_every_response_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/docs", "/v1/models", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_docs_need_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "//" not in page.replace("<!doctype", "")
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert client.get(f"/docs/assets/{asset}").status_code == 200
    assert client.get("/static/docs.js").status_code == 200


def test_the_document_describes_errors_as_they_are(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    responses = document["paths"]["/v1/score"]["post"]["responses"]
    assert {"200", "400", "413", "422", "429", "503", "504"} <= responses.keys()
    schema = responses["422"]["content"]
    assert schema["application/problem+json"]["schema"]["$ref"].endswith("/ProblemOut")
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document["paths"])
