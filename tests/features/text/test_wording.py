import pytest

from features.text.wording import share_pleas
from training.probes.reading import probe_texts
from training.probes.tricks import CALLS

PASTED = probe_texts("stuffing")["pleas"]


def pleas(text: str) -> list[str]:
    return [text[start:end] for start, end in share_pleas(text)]


@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_plea_that_training_pastes_is_one(language: str) -> None:
    pasted = PASTED[language]
    assert [len(pleas(plea)) for plea in pasted] == [1] * len(pasted)
    assert len(pleas(f"We won. {' '.join(pasted)}")) == len(pasted)


@pytest.mark.parametrize("language", ["es", "fr", "pt"])
def test_of_other_languages_rt_is_known(language: str) -> None:
    assert [pleas(plea) for plea in PASTED[language]][-1] == ["RT"]


@pytest.mark.parametrize("language", CALLS)
def test_every_plea_that_the_gate_pastes_is_one(language: str) -> None:
    assert len(pleas(f"We won! {CALLS[language]}")) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please share the news", ["share"]),
        ("What a day 😍 Share!", ["Share"]),
        ("We won #cup RT", ["RT"]),
        ("We won\nRT\nthe cup", ["RT"]),
        ("Like and share! Retweet & share!", ["share", "Retweet", "share"]),
        ("Share this with your friends", ["Share"]),
        ("Tag a friend", ["Tag"]),
        ("RT if you agree", ["RT if"]),
        ("Her share of it. Share prices fell", []),
        ("A price tag, a tag cloud", []),
        ("RT reported it", []),
    ],
)
def test_a_noun_is_a_plea_where_it_asks(text: str, expected: list[str]) -> None:
    assert pleas(text) == expected
