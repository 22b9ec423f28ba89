import math
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from features.errors import ModelError
from models import canary
from models.versions import EMOTION_NAME, SHARE_NAME, Version
from serving.app import create_app
from serving.champions import Champions
from serving.metrics import Metrics
from serving.problems import UnavailableError
from serving.settings import Settings
from tests.serving.conftest import NoStore
from tests.serving.standins import TinyRegistry, TinyShare, loaded

TEXT = {"text": "Our bakery burned down last night, and we will rebuild it!"}


@pytest.fixture
def champions(registry: TinyRegistry) -> Champions:
    return Champions(lambda: registry, Metrics())


def serving(champions: Champions) -> tuple[str, str]:
    provenance = champions.scorer.provenance
    return provenance.emotion.version, provenance.share.version


def test_before_the_first_load_there_is_no_scorer(champions: Champions) -> None:
    with pytest.raises(UnavailableError, match="not loaded yet"):
        champions.scorer  # noqa: B018


def test_a_moved_alias_takes_over(champions: Champions, registry: TinyRegistry) -> None:
    assert champions.refresh() is True
    assert champions.refresh() is False
    before = champions.state.loaded[0]
    registry.numbers[SHARE_NAME] = "2"
    assert champions.refresh() is True
    assert serving(champions) == ("1", "2")
    assert champions.state.loaded[0] is before


def test_a_version_that_fails_its_canary_is_refused_and_the_old_one_serves_on(
    champions: Champions, registry: TinyRegistry
) -> None:
    champions.refresh()
    recorded = loaded("share").canary
    bad = replace(loaded("share", "2", TinyShare(base=0.9)), canary=recorded)
    registry.versions["models:/prescore-share/2"] = bad
    registry.numbers[SHARE_NAME] = "2"
    assert champions.refresh() is False
    assert serving(champions) == ("1", "1")
    refusal = champions.state.refusal
    assert refusal is not None
    assert refusal.version == "models:/prescore-share/2"
    assert "failed its canary" in refusal.why
    registry.numbers[SHARE_NAME] = "3"
    assert champions.refresh() is True
    assert serving(champions) == ("1", "3")
    assert champions.state.refusal is None


def test_a_version_that_fails_its_canary_is_named_and_holds_up_no_version_of_the_other_kind(
    champions: Champions, registry: TinyRegistry
) -> None:
    champions.refresh()
    other = {"text": canary.CANARY.text, "scores": {"joy": 1.0}}
    bad = replace(loaded("emotion", "2"), canary=other)
    registry.versions["models:/prescore-emotion/2"] = bad
    registry.numbers[EMOTION_NAME] = "2"
    assert champions.refresh() is False
    registry.numbers[SHARE_NAME] = "2"
    assert champions.refresh() is True
    assert champions.refresh() is False
    assert serving(champions) == ("1", "2")
    refusal = champions.state.refusal
    assert refusal is not None
    assert refusal.version == "models:/prescore-emotion/2"
    registry.numbers[EMOTION_NAME] = "1"
    assert champions.refresh() is False
    assert champions.state.refusal is None


def test_at_the_start_the_version_that_fails_its_canary_is_named(
    champions: Champions, registry: TinyRegistry
) -> None:
    other = {"text": canary.CANARY.text, "scores": {"joy": 1.0}}
    registry.versions["models:/prescore-emotion/1"] = replace(loaded("emotion"), canary=other)
    assert champions.refresh() is False
    refusal = champions.state.refusal
    assert refusal is not None
    assert refusal.version == "models:/prescore-emotion/1"


def test_two_new_versions_take_over_in_one_step(
    champions: Champions, registry: TinyRegistry
) -> None:
    champions.refresh()
    registry.numbers = {EMOTION_NAME: "2", SHARE_NAME: "2"}
    assert champions.refresh() is True
    assert serving(champions) == ("2", "2")


def test_a_version_that_cannot_be_loaded_is_refused_and_not_tried_at_every_look(
    champions: Champions, registry: TinyRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    champions.refresh()
    tried: list[str] = []

    def load(address: str) -> None:
        tried.append(address)
        raise ModelError("model.onnx was altered")

    monkeypatch.setattr(registry, "load", load)
    registry.numbers[EMOTION_NAME] = "2"
    for _ in range(3):
        assert champions.refresh() is False
    assert tried == ["models:/prescore-emotion/2"]
    assert serving(champions) == ("1", "1")
    assert champions.state.refusal is not None
    assert champions.state.refusal.why == "model.onnx was altered"


def test_a_version_that_crashes_is_refused_without_its_words(
    champions: Champions, registry: TinyRegistry
) -> None:
    champions.refresh()
    crashing = loaded("share", "2", TinyShare(base=math.nan))
    registry.versions["models:/prescore-share/2"] = replace(crashing, canary=None)
    registry.numbers[SHARE_NAME] = "2"
    assert champions.refresh() is False
    assert serving(champions) == ("1", "1")
    assert champions.state.refusal is not None


def test_a_registry_that_is_gone_stops_nothing(
    champions: Champions, registry: TinyRegistry
) -> None:
    champions.refresh()
    registry.gone = True
    assert champions.refresh() is False
    assert serving(champions) == ("1", "1")
    assert champions.state.trouble == "The registry cannot be reached."
    registry.gone = False
    champions.refresh()
    assert champions.state.trouble is None


def test_an_error_that_nobody_expects_stops_nothing_and_is_told_once(
    champions: Champions, registry: TinyRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    champions.refresh()
    registry.resolve = broken  # type: ignore[method-assign]
    assert [champions.refresh(), champions.refresh()] == [False, False]
    assert serving(champions) == ("1", "1")
    assert champions.state.trouble == "ZeroDivisionError while asking the registry; see the log."
    assert sum("does not answer" in record.message for record in caplog.records) == 1


def broken(address: str) -> Version:
    raise ZeroDivisionError(address)


def test_refusals_and_swaps_show_in_readyz_and_metrics(
    settings: Settings, registry: TinyRegistry
) -> None:
    app = create_app(settings, lambda: registry, NoStore)
    with TestClient(app) as client:
        champions = app.state.desk.champions
        champions.refresh()
        recorded = loaded("share").canary
        bad = replace(loaded("share", "2", TinyShare(base=0.9)), canary=recorded)
        registry.versions["models:/prescore-share/2"] = bad
        registry.numbers[SHARE_NAME] = "2"
        champions.refresh()
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["refused"]["version"] == "models:/prescore-share/2"
        assert client.post("/v1/score", json=TEXT).json()["models"]["share"]["version"] == "1"
        metrics = client.get("/metrics").text
        assert 'prescore_swaps_total{result="refused"} 1.0' in metrics
        assert 'prescore_model_info{kind="share",name="prescore-share",version="1"}' in metrics


def test_while_nothing_is_loaded_the_service_is_alive_but_not_ready(
    settings: Settings, registry: TinyRegistry
) -> None:
    registry.gone = True
    with TestClient(create_app(settings, lambda: registry, NoStore)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert client.get("/readyz").json()["status"] == "starting"
        answer = client.post("/v1/score", json=TEXT)
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:prescore:problem:models-loading"
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["content-type"] == "application/problem+json"
        assert client.get("/").status_code == 200


def test_the_app_itself_follows_the_alias(
    settings: Settings, registry: TinyRegistry, tmp_path: Path
) -> None:
    with TestClient(create_app(settings, lambda: registry, NoStore)) as client:
        registry.numbers[SHARE_NAME] = "7"
        for _ in range(2000):
            ready = client.get("/readyz").json()
            if ready["models"] and ready["models"]["share"]["version"] == "7":
                break
        else:
            pytest.fail("the moved alias was not seen")
