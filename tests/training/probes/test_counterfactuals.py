import pytest

from training.probes.counterfactuals import (
    CONTEXTS,
    Part,
    Person,
    difference,
    even_pairs,
    pairs,
    people,
    sentences,
    templates,
    told,
)
from training.probes.reading import LANGUAGES

OLENA = Person("name", "ukraińskie", "f", "Olena")
PIOTR = Person("name", "polskie", "m", "Piotr")
ANNA = Person("name", "polskie", "f", "Anna")


@pytest.mark.parametrize(
    ("template", "person", "text"),
    [
        ("{who} zgubił[|a] klucze.", OLENA, "Olena zgubiła klucze."),
        ("{who} zgubił[|a] klucze.", PIOTR, "Piotr zgubił klucze."),
        ("{who} był[|a] wściekł[y|a].", ANNA, "Anna była wściekła."),
        ("{who} zaj[ął|ęła] miejsce.", ANNA, "Anna zajęła miejsce."),
        (
            "{who} lost [his|her|their] keys.",
            Person("pronoun", "pronoun", "n", "they"),
            "They lost their keys.",
        ),
        (
            "Yesterday {who} left.",
            Person("religion", "Hindu", "m", "a Hindu man"),
            "Yesterday a Hindu man left.",
        ),
    ],
)
def test_forms_agree_with_the_person(template: str, person: Person, text: str) -> None:
    assert told(template, person) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_half_has_sentences_of_every_context(language: str) -> None:
    halves = [templates(language, part) for part in ("measured", "taught")]
    for half in halves:
        assert len(half) >= 20
        assert {context for context, _ in half} == set(CONTEXTS)
    assert not set(halves[0]) & set(halves[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_is_practised_and_examined(language: str) -> None:
    names = [
        {person.words for person in people(language, part) if person.kind == "name"}
        for part in ("measured", "taught")
    ]
    assert names[0]
    assert not names[0] & names[1]


@pytest.mark.parametrize("part", ["measured", "taught"])
def test_sentences_are_whole(part: Part) -> None:
    for sentence in sentences(part):
        assert not set("[]{}|") & set(sentence.text), sentence.text
        assert sentence.text[0].isupper()


def test_people_differ_in_one_thing_or_are_not_compared() -> None:
    assert difference(ANNA, OLENA) == "name"
    assert difference(ANNA, PIOTR) == "gender"
    assert difference(OLENA, PIOTR) is None
    on, ona = (Person("pronoun", "zaimek", g, w) for g, w in (("m", "on"), ("f", "ona")))
    assert difference(on, ona) == "pronoun"


def test_pairs_are_of_one_sentence_and_every_kind() -> None:
    said = sentences("measured")
    found = list(pairs(said))
    assert {pair.kind for pair in found} == {
        "age", "disability", "gender", "name", "nationality", "orientation", "pronoun", "religion",
    }  # fmt: skip
    for pair in found[::500]:
        assert said[pair.first].template == said[pair.second].template
        assert said[pair.first].language == said[pair.second].language


def test_drawn_pairs_are_even_over_kinds_and_repeatable() -> None:
    said = sentences("taught")
    drawn = even_pairs(said, 400, seed=1)
    kinds = [difference(said[a].person, said[b].person) for a, b in drawn.tolist()]
    assert len(drawn) == 400
    assert kinds.count("religion") == kinds.count("name") == 50
    assert (drawn == even_pairs(said, 400, seed=1)).all()
    assert even_pairs([], 400, seed=1).shape == (0, 2)
