"""How the shipped models behave: invariance, direction, minimum function, and not to be gamed."""

from pathlib import Path

import numpy as np
import pytest

from features.schema import INTENSITIES
from features.text.encoder import Encoder
from models import grounds
from models.emotion import EmotionModel
from models.share import ShareModel
from training.judging.gate_settings import gate_path, read_gate
from training.probes.bias import gaps_between
from training.probes.counterfactuals import sentences
from training.probes.gaming import gaming, gaming_probes
from training.probes.robustness import posts_of, robustness, robustness_probes

STARTER = Path(__file__).parents[3] / "models" / "starter"
GATE = read_gate(gate_path())


ORDINARY = (
    "Zadzwoń po bilety: 123 456 789",
    "Rezerwacje pod numerem 12 345 67 89, zapraszamy!",
    "Sobota 5.12, godz. 18:00, ul. Długa 12, wstęp 20 zł / 15 zł",
    "Zbieramy na remont dachu: 12 1020 3352 0000 1234 5678 9012",
    "Wynik: Lech 2:1 Legia (Ishak 12', 45'; Josue 78')",
    "Call 020 7946 0999 to book your table",
    "Doors open at 7pm, show at 8pm. Tickets $15.",
    "Przepraszamy",
    "Dziękujemy!",
    "Finally!",
)
JUNK = (
    "asdfgh jklasd fghjk wrtpl sdkjfh",
    "QmFzZTY0IGVuY29kZWQgc3RyaW5nIGhlcmU=",
    "for (i = 0; i < 10; i++) { print(i); }",
    "a8f3c2d19b7e4f60a8f3c2d19b7e4f60",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(STARTER / "encoder")


@pytest.fixture(scope="module")
def emotion() -> EmotionModel:
    return EmotionModel.load(STARTER / "emotion")


def test_it_says_the_same_whoever_a_sentence_is_about(
    encoder: Encoder, emotion: EmotionModel
) -> None:
    # A sixth of the sentences: all of them take a minute. The gate asks all.
    templates = sorted({one.template for one in sentences("measured")})[::6]
    said = [one for one in sentences("measured") if one.template in templates]
    texts, languages = [one.text for one in said], [one.language for one in said]
    forecast = emotion.predict(texts, encoder.encode(texts), list(languages))
    assert gaps_between(said, forecast.value.astype(np.float64)).widest_mean() < 0.025


def test_slips_move_it_little_and_emoji_the_right_way(
    encoder: Encoder, emotion: EmotionModel
) -> None:
    limits = GATE.emotion.limits
    found = robustness_probes(robustness(emotion, encoder))
    assert {name: value for name, value in found.items() if value > limits[name]} == {}


@pytest.mark.parametrize("language", ["en", "pl"])
def test_it_finds_the_emotion_that_a_post_was_written_to_carry(
    encoder: Encoder, emotion: EmotionModel, language: str
) -> None:
    feelings, texts = posts_of(language)
    value = emotion.predict(texts, encoder.encode(texts), [language] * len(texts)).value
    carried = np.array(feelings)
    for name in set(feelings) - {"neutral"}:
        column = value[:, INTENSITIES.index(name)]
        assert column[carried == name].mean() > column[carried != name].mean() + 0.1, name


def test_stuffing_hardly_raises_the_share_score(encoder: Encoder) -> None:
    share = ShareModel.load(STARTER / "share")
    found = gaming_probes(gaming(share, encoder.of(share.encoder_digest)))
    limits = GATE.share.limits
    assert {name: value for name, value in found.items() if value > limits[name]} == {}


def test_ordinary_posts_are_no_noise_and_noise_is_no_post() -> None:
    novelty = ShareModel.load(STARTER / "share").novelty
    refused = novelty.measure([*ORDINARY, *JUNK]) >= grounds.NOVEL
    assert [text for text, no in zip(ORDINARY, refused, strict=False) if no] == []
    assert refused[len(ORDINARY) :].all()
