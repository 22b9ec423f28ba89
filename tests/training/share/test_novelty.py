"""Novelty learnt from posts made up of a few sentences, against noise made from them."""

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from models.novelty import Novelty
from training.share.noise import WAYS, noise
from training.share.novelty import fit_novelty
from training.share.ordinary import KINDS

SENTENCES = (
    "Dziś otwieramy nowy sklep w centrum Krakowa!",
    "Kto z Was pamięta takie lato? 😍",
    "Straciliśmy cały dorobek życia w powodzi i nie wiemy, co będzie dalej.",
    "Zapisy na warsztaty trwają tylko do piątku, liczba miejsc jest ograniczona.",
    "To skandal, że nikt za to nie odpowie.",
    "Koncert zaczyna się o 19:30, bilety po 25 zł.",
    "We are proud to announce our new partnership.",
    "Nobody told us it would be this beautiful. 🌅",
    "Registration closes on Friday, so save your seat: https://example.org/x",
    "Thank you all for the incredible support over these three years.",
    "How could they let this happen again? #enough",
    "Menu for the weekend: soup, dumplings and 2 kinds of cake.",
)
JUNK = (
    "asdfg hjkl qwrt zxcvb dfghj klsdf wrtpl kjhgf",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    '{"id": 17, "name": null, "value": "x", "items": [1, 2, 3], "ok": true}',
    '<div class="row"><span id="x1">&nbsp;</span><a href="#">OK</a></div>',
    "kjdfhg sdkfjgh wertkj sdfkgj bcvmx qwtrz",
)


@pytest.fixture(scope="module")
def posts() -> list[str]:
    pairs = [" ".join(pair) for pair in itertools.permutations(SENTENCES, 2)]
    random.Random(1).shuffle(pairs)
    return [*pairs, *SENTENCES]


@pytest.fixture(scope="module")
def novelty(posts: list[str]) -> Novelty:
    return fit_novelty(posts[::2], posts[1::2], seed=0)


def test_noise_is_novel(novelty: Novelty) -> None:
    for text, found in zip(JUNK, novelty.measure(JUNK), strict=True):
        assert found >= 0.998, text


def test_posts_that_were_not_fitted_on_are_not(novelty: Novelty) -> None:
    new = (
        "Our bakery burned down last night, and we will rebuild it!",
        "Kadr, nasz kot, spał dziś na pulpicie projektora.",
        "Сегодня мы открываем новый кинотеатр в старом городе.",
    )
    for text, found in zip(new, novelty.measure(new), strict=True):
        assert found < 0.998, text


def test_every_way_spoils_and_the_seed_decides(posts: list[str]) -> None:
    assert noise(posts, 3) == noise(posts, 3)
    assert noise(posts, 3) != noise(posts, 4)
    for way in WAYS:
        assert way(SENTENCES[2], random.Random(0)) != SENTENCES[2]
        assert isinstance(way("", random.Random(0)), str)


def test_it_is_the_same_after_being_kept(novelty: Novelty, tmp_path: Path) -> None:
    novelty.save(tmp_path)
    texts = [*SENTENCES, *JUNK]
    kept = Novelty.load(tmp_path).measure(texts)
    assert kept.tolist() == novelty.measure(texts).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_figures_hold_digits(kind: Callable[[random.Random], str]) -> None:
    assert all(any(map(str.isdigit, kind(random.Random(seed)))) for seed in range(20))
