"""The drafts that a visitor is offered are read by the shipped model as a person reads them."""

import pytest

from features.schema import EMOTIONS
from features.text.encoder import Encoder
from models.emotion import EmotionModel
from models.packaging import STARTER
from models.registry import ENCODER_PATH
from serving.page.routes import MORE_SAMPLES, SAMPLES

FELT, CALM = 0.3, 0.12
"""Strengths from which an emotion is called clear, and below which a post leaves people calm."""


@pytest.mark.parametrize("language", SAMPLES)
def test_samples_of_the_page_are_read_as_people_read_them(language: str) -> None:
    joyful, sad, angry, plain = emotions_of([*SAMPLES[language], *MORE_SAMPLES[language]], language)
    for wanted, found in (("joy", joyful), ("sadness", sad), ("anger", angry)):
        assert max(found, key=found.__getitem__) == wanted
        assert found[wanted] >= FELT
    assert max(plain.values()) < CALM


def emotions_of(texts: list[str], language: str) -> list[dict[str, float]]:
    embeddings = Encoder.load(STARTER / ENCODER_PATH).encode(texts)
    model = EmotionModel.load(STARTER / "emotion")
    found = model.predict(texts, embeddings, [language] * len(texts)).value
    return [dict(zip(EMOTIONS, row.tolist(), strict=False)) for row in found]
