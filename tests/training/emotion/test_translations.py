from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from features.schema import FloatArray
from training.emotion.auxiliary import Labelled
from training.emotion.translations import (
    in_two_languages,
    mined,
    translation_task,
    translation_tasks,
)

MEANINGS = {
    "What luck!": (1.0, 0.0, 0.0),
    "Go away.": (0.0, 1.0, 0.0),
    "So be it.": (0.0, 0.0, 1.0),
    "Co za szczęście!": (0.96, 0.28, 0.0),
    "Odejdź.": (0.0, 0.96, 0.28),
}


def embed(texts: Sequence[str]) -> FloatArray:
    return np.array([MEANINGS[text] for text in texts], dtype=np.float32)


def labelled(name: str, language: str, texts: Sequence[str], joys: Sequence[int]) -> Labelled:
    return Labelled(name, language, tuple(texts), np.array(joys, float)[:, None], ("joy",))


ENGLISH = labelled("x-en", "en", ["So be it.", "What luck!", "Go away."], [0, 1, 0])


def test_each_line_finds_its_translation_and_the_odd_one_out_none() -> None:
    pairs = mined(embed(ENGLISH.texts), embed(["Odejdź.", "Co za szczęście!"]))
    assert pairs.tolist() == [[1, 1], [2, 0]]


def test_pairs_that_are_labelled_otherwise_are_no_translations() -> None:
    polish = labelled("x-pl", "pl", ["Odejdź.", "Co za szczęście!"], [1, 1])
    task = translation_task(ENGLISH, polish, embed)
    assert (task.texts, task.rivals) == (("What luck!",), ("Co za szczęście!",))
    assert (task.loss, task.targets.shape) == ("mirror", (1, 0))


def test_only_sets_of_the_same_labels_in_two_languages_are_paired() -> None:
    polish = labelled("x-pl", "pl", ["Odejdź."], [0])
    other = Labelled("y-pl", "pl", ("Odejdź.",), np.zeros((1, 1)), ("anger",))
    assert list(in_two_languages([ENGLISH, polish, other])) == [(ENGLISH, polish)]


def test_rated_texts_of_one_key_are_translations_and_no_others_are_looked_for() -> None:
    english = replace(ENGLISH, rated=True, keys=("", "b", "c"))
    polish = labelled("x-en", "pl", ["Co za szczęście!", "Odejdź.", "Idź."], [1, 0, 0])
    polish = replace(polish, rated=True, keys=("b", "c", "c"))
    other = replace(polish, name="another file")
    (task,) = translation_tasks([english, polish, other], embed)
    assert (task.texts, task.rivals) == (("What luck!",), ("Co za szczęście!",))
    assert list(in_two_languages([english, polish])) == []
