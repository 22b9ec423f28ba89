import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import ModelError, TableError
from features.schema import POST_INPUTS, Post
from features.text.encoder import Encoder
from models.frames import PostModel, load_model, outputs, posts_of, schema
from models.population import Population
from models.registry import EMOTION_NAME, SHARE_NAME, Registry
from models.settings import Home
from serving.schemas import PostIn
from tests.serving.standins import TinyEncoder
from tests.serving.tiny_models import emotion_folder, emotion_model, share_folder, share_model

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ENGLISH = "We are happy, the new cinema is ours and we love it!"
POLISH = "Kocham to kino, dziś wielka radość dla całego miasta"


@pytest.fixture(scope="module")
def encoder(tiny_encoder_folder: Path) -> Encoder:
    return Encoder.load(tiny_encoder_folder)


@pytest.fixture
def emotion(encoder: Encoder) -> PostModel:
    return PostModel(emotion_model(encoder), "emotion", encoder)


@pytest.fixture
def share(encoder: Encoder) -> PostModel:
    return PostModel(share_model(encoder), "share", encoder)


def test_signature_asks_for_the_text_and_nothing_else() -> None:
    asked = schema("share")["inputs"]

    assert tuple(asked) == POST_INPUTS
    assert [name for name, required in asked.items() if required] == ["text"]


def test_emotion_gives_an_interval_for_every_target(emotion: PostModel) -> None:
    found = emotion.predict(pd.DataFrame({"text": [ENGLISH, POLISH]}))

    assert list(found) == list(outputs("emotion"))
    assert found["status"].tolist() == ["ok", "ok"]
    assert found["language"].tolist() == ["en", "pl"]
    assert (found["joy_low"] <= found["joy"]).all()
    assert (found["joy"] <= found["joy_high"]).all()
    assert found["valence"].dtype == np.float64


def test_share_gives_a_place_among_a_named_population(share: PostModel) -> None:
    found = share.predict(pd.DataFrame({"text": [ENGLISH], "platform": ["facebook"]}))

    assert list(found) == list(outputs("share"))
    assert 0 <= found["percentile"][0] <= 100
    assert found["population"][0]


def test_what_cannot_be_scored_keeps_its_row_and_index(emotion: PostModel) -> None:
    frame = pd.DataFrame(
        {"text": ["👍", ENGLISH, "Hyvää huomenta kaikille ystäville, tänään avaamme uuden kaupan"]}
    )
    frame.index = pd.Index([7, 3, 9])

    found = emotion.predict(frame)

    assert found.index.tolist() == [7, 3, 9]
    assert found["status"].tolist() == ["abstained", "ok", "abstained"]
    assert found["reason"].tolist() == ["too_short", "", "unsupported_language"]
    assert found["joy"][7] is None
    assert isinstance(found["joy"][3], float)
    json.loads(found.to_json(orient="records"))


def test_all_too_short_gives_no_numbers(share: PostModel) -> None:
    found = share.predict(pd.DataFrame({"text": ["👍", ""]}))

    assert found["reason"].tolist() == ["too_short", "too_short"]
    assert found["score"].tolist() == [None, None]


class Stranger:
    """A share model to which every post is new."""

    def predict(self, posts: list[Post], *_: Any, **__: Any) -> Any:
        names = ["score", "low", "high", "percentile", "percentile_low", "percentile_high"]
        ones = dict.fromkeys([*names, "beats_median", "novelty"], np.ones(len(posts), np.float32))
        people = [Population("reference", 9, "nine posts")] * len(posts)
        return SimpleNamespace(populations=people, **ones)


def test_what_is_unlike_anything_learnt_is_refused() -> None:
    model: Any = Stranger()
    encoder: Any = TinyEncoder()

    found = PostModel(model, "share", encoder).predict(pd.DataFrame({"text": [ENGLISH]}))

    assert found["reason"].tolist() == ["out_of_distribution"]
    assert found["score"].tolist() == [None]
    assert found["population"].tolist() == [""]


def test_posts_of_reads_what_frames_hold() -> None:
    frame = pd.DataFrame(
        {
            "text": ["one", "two"],
            "platform": ["FB", None],
            "account_id": [12, 13],
            "published_at": [pd.Timestamp("2026-04-01T10:00:00+02:00"), pd.NaT],
            "followers": [1000, np.nan],
            "is_paid": [True, None],
            "language": [np.nan, np.nan],
            "likes": [1, 2],
        }
    )

    first, second = posts_of(frame, NOW)

    assert first == Post(
        text="one",
        platform="facebook",
        account_id="12",
        published_at=datetime(2026, 4, 1, 8, tzinfo=UTC),
        followers=1000.0,
        is_paid=True,
    )
    assert second == Post(text="two", account_id="13")


def test_posts_of_reads_a_time_without_a_zone_as_the_api_does() -> None:
    draft = {"text": "one", "published_at": "2026-11-28T18:00:00", "timezone": "Europe/Warsaw"}

    (typed,) = posts_of(pd.DataFrame([draft]), NOW)

    assert typed == PostIn.model_validate(draft).post()
    assert typed.published_at == datetime(2026, 11, 28, 17, tzinfo=UTC)


def test_posts_of_names_the_cell_but_not_its_content() -> None:
    frame = pd.DataFrame({"text": ["one", "two"], "platform": ["x", "my secret"]})

    with pytest.raises(TableError, match=r"Row 1, column 'platform': got text; expected") as caught:
        posts_of(frame, NOW)
    assert "secret" not in str(caught.value)


def test_load_model_refuses_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="kind 'encoder'; expected one of"):
        load_model(tmp_path, "encoder")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tiny_encoder_folder: Path) -> Home:
    root = tmp_path_factory.mktemp("registered")
    home = Home.from_environment({"PRESCORE_HOME": str(root / "home")})
    registry, encoder = Registry(home, starter=root / "none"), Encoder.load(tiny_encoder_folder)
    for folder in (
        emotion_folder(root / "emotion", encoder),
        share_folder(root / "share", encoder),
    ):
        version = registry.register(folder, encoder=tiny_encoder_folder)
        registry.promote(version.name, version.number)
    return home


PROGRAM = """
import json, sys, warnings
import mlflow.pyfunc, pandas
frame = pandas.DataFrame({"text": [sys.argv[2], "short"], "followers": [10, 20]})
found = mlflow.pyfunc.load_model(sys.argv[1]).predict(frame)
import models
print(json.dumps([models.__file__, "torch" in sys.modules, found.to_dict(orient="records")]))
"""


@pytest.mark.parametrize(("name", "column"), [(EMOTION_NAME, "joy"), (SHARE_NAME, "percentile")])
def test_mlflow_loads_a_champion_elsewhere_with_its_own_code(
    home: Home, tmp_path: Path, name: str, column: str
) -> None:
    env = {**os.environ, "MLFLOW_TRACKING_URI": home.tracking_uri}
    env |= {"PRESCORE_HOME": str(tmp_path / "new"), "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [sys.executable, "-c", PROGRAM, f"models:/{name}@champion", ENGLISH]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    code, torch, (first, second) = json.loads(done.stdout.splitlines()[-1])
    assert Path(code).is_relative_to(home.artifacts)
    assert not torch
    assert first["status"] == "ok"
    assert isinstance(first[column], float)
    assert (second["status"], second[column]) == ("abstained", None)
