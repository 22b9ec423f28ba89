import numpy as np
import pytest

from models.views import CharacterView, character_counts
from training.emotion.auxiliary import Labelled
from training.emotion.spelling import spelling_views

FEW = "training.emotion.spelling.SPELLING_TEXTS"


def rated(language: str, n: int = 60, of_joy: int = 60) -> Labelled:
    """Joy of every other text, in its words; anger of all the same."""
    texts = tuple(f"{('radość' if row % 2 else 'nic')} numer {row}" for row in range(n))
    joy = np.resize([0.0, 1.0], n)
    joy[of_joy:] = np.nan
    labels = np.column_stack([joy, np.full(n, 0.5)])
    return Labelled("ours", language, texts, labels, ("joy", "anger"), rated=True)


def learnt(
    *sets: Labelled,
    measured: frozenset[str] = frozenset({"en"}),
    known: dict[str, CharacterView] | None = None,
) -> dict[str, CharacterView]:
    return spelling_views(sets, [rated("pl", 20), rated("en", 20)], measured, known or {})


def test_many_rated_texts_of_a_language_without_labels_teach_its_spelling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FEW, 50)
    found = learnt(rated("pl"), rated("en"), rated("cs"), rated(""))
    assert set(found) == {"pl"}, "labels tell more of en; no text of cs is kept apart"
    view = found["pl"]
    assert view.outputs == ("joy",), "anger is the same in every text"
    said = view(character_counts(rated("pl", 20).texts))
    assert said.mean() == pytest.approx(0, abs=0.01)
    assert said.std() == pytest.approx(1, abs=0.01)
    assert said[1, 0] > said[0, 0] + 1


def test_few_ratings_of_a_target_teach_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FEW, 50)
    assert learnt(rated("pl", of_joy=9)) == {}


def test_an_earlier_spelling_is_kept_until_there_are_texts_or_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FEW, 50)
    earlier = learnt(rated("pl"))
    assert learnt(rated("pl", 30), known=earlier)["pl"] is earlier["pl"]
    assert learnt(rated("pl"), known=earlier)["pl"] is not earlier["pl"]
    assert learnt(known=earlier, measured=frozenset({"pl"})) == {}
