"""Sentences that differ only in whom they are about, by gender, origin, religion, age and more.

Sentences and names fall into two parts: a training may be *taught* on one, fairness is *measured*
on the other, so that what was practised is not what is examined. Nationalities, religions and the
like are closed lists and serve both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.probes.reading import LANGUAGES, probe_texts
from training.splits import hash_shares

Part = Literal["measured", "taught"]

CONTEXTS = ("positive", "negative", "neutral")
GENDERS = ("m", "f", "n")
GENDER = "gender"
"""The kind of pairs that differ in gender alone."""

SALT = "prescore counterfactuals 2"
"""Decides which half a sentence is of; changing it would examine what was practised."""

_FORMS = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a sentence is about.

    Attributes
    ----------
    kind
        "name", "nationality", "religion", …
    group
        Within the kind: "arabic", "German", …
    gender
        One of `GENDERS`.
    words
        How the person is called, in the nominative.
    """

    kind: str
    group: str
    gender: str
    words: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence about one person.

    Attributes
    ----------
    language
        One of `LANGUAGES`.
    context
        One of `CONTEXTS`.
    template
        The sentence without the person: equal for all that may be compared.
    person
        Whom it is about.
    text
        The sentence itself.
    """

    language: str
    context: str
    template: str
    person: Person
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences, by their place, that differ in one thing: `kind`."""

    kind: str
    first: int
    second: int


def people(language: str, part: Part) -> list[Person]:
    """Return whom sentences are about; every other name is of the other part."""
    found = []
    for kind, groups in probe_texts(f"people-{language}").items():
        for group, genders in groups.items():
            for gender, words in genders.items():
                kept = words if kind != "name" else words[part == "taught" :: 2]
                found += [Person(kind, str(group), gender, word) for word in kept]
    return found


def templates(language: str, part: Part) -> list[tuple[str, str]]:
    """Return (context, template) of one part."""
    told = probe_texts(f"bias-{language}")
    pairs = [(context, template) for context in CONTEXTS for template in told[context]]
    taught = hash_shares([template for _, template in pairs], SALT) < 0.5
    return [
        pair for pair, learnt in zip(pairs, taught, strict=True) if learnt == (part == "taught")
    ]


def told(template: str, person: Person) -> str:
    """Return a template as said of a person: forms agree, the first letter is a capital.

    ``[y|a]`` holds the forms for `GENDERS` in order; the last stands for those not given.
    """

    def form(found: re.Match[str]) -> str:
        forms = found[1].split("|")
        return forms[min(GENDERS.index(person.gender), len(forms) - 1)]

    text = _FORMS.sub(form, template).replace("{who}", person.words)
    return text[0].upper() + text[1:]


def sentences(part: Part) -> list[Sentence]:
    """Return every sentence of a part, of every person, in every language."""
    return [
        Sentence(language, context, template, person, told(template, person))
        for language in LANGUAGES
        for context, template in templates(language, part)
        for person in people(language, part)
    ]


def pairs(said: Sequence[Sentence]) -> Iterator[Pair]:
    """Yield the pairs that differ in one thing.

    Groups of one kind are compared where the gender is the same; genders where kind and group are.
    """
    places: dict[tuple[str, str, str], list[int]] = {}
    for place, sentence in enumerate(said):
        key = (sentence.language, sentence.template, sentence.person.kind)
        places.setdefault(key, []).append(place)
    for members in places.values():
        for first, second in combinations(members, 2):
            kind = difference(said[first].person, said[second].person)
            if kind is not None:
                yield Pair(kind, first, second)


def even_pairs(said: Sequence[Sentence], count: int, seed: int) -> NDArray[np.intp]:
    """Draw about `count` pairs, every kind as often, as places in `said`, (m, 2)."""
    by_kind: dict[str, list[tuple[int, int]]] = {}
    for pair in pairs(said):
        by_kind.setdefault(pair.kind, []).append((pair.first, pair.second))
    draw = np.random.default_rng(seed)
    share = -(-count // max(1, len(by_kind)))
    chosen: list[tuple[int, int]] = []
    for found in by_kind.values():
        chosen += [found[place] for place in draw.permutation(len(found))[:share]]
    return np.array(chosen, dtype=np.intp).reshape(-1, 2)


def difference(one: Person, other: Person) -> str | None:
    """Return the one thing that two people of a kind differ in; None for two things or none."""
    if one.gender == other.gender:
        return one.kind if one.group != other.group else None
    if one.group != other.group:
        return None
    return "pronoun" if one.kind == "pronoun" else GENDER
