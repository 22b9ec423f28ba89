from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.errors import TrainingError
from features.schema import TARGETS
from training.emotion.auxiliary import Labelled
from training.emotion.data import TaskWeights, emotion_tasks, prepare, without_held_out
from training.splits import text_key, vault


def table(n: int, name: str = "post", split: str | None = None, **labels: float) -> pd.DataFrame:
    frame = pd.DataFrame({"text": [f"{name} number {i}" for i in range(n)], "language": "en"})
    for target in TARGETS:
        frame[target] = np.linspace(0, 1, n) * labels[target] if target in labels else np.nan
    return frame if split is None else frame.assign(split=split)


def rated(language: str, texts: Sequence[str], keys: Sequence[str] = ()) -> Labelled:
    labels = np.full((len(texts), 1), 0.3)
    return Labelled("ours", language, tuple(texts), labels, ("joy",), True, tuple(keys))


def test_the_vault_is_never_trained_on() -> None:
    data = prepare([table(1000, joy=1)])
    assert (data.held_out == vault(map(text_key, data.frame["text"]))).all()
    assert not (data.train & data.held_out).any()
    assert (data.train | data.held_out).all()


def test_rows_of_a_test_split_are_used_for_nothing_and_dev_rows_like_any_other() -> None:
    data = prepare(
        [
            table(300, "a", "train", joy=1),
            table(100, "b", "dev", joy=1),
            table(50, "c", "test", joy=1),
        ]
    )
    kinds = data.frame["text"].str[0]
    assert not (data.train | data.held_out)[kinds == "c"].any()
    assert (data.train | data.held_out)[kinds != "c"].all()
    assert set(kinds[data.train]) == {"a", "b"}


def test_a_text_that_recurs_follows_its_strictest_copy() -> None:
    twice = table(60, "same", "train", joy=1)
    data = prepare([table(900, "a", "train", joy=1), twice, twice.assign(split="test")])
    assert not (data.train | data.held_out)[data.frame["text"].str.startswith("same")].any()


def test_a_target_with_few_labels_is_not_taught() -> None:
    few = table(1000, joy=1, fear=1)
    few.loc[50:, "fear"] = np.nan
    assert prepare([few]).targets == ("joy",)


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(TrainingError, match="Too few labels"):
        prepare([table(40, joy=1)])


def test_a_language_that_was_not_given_is_detected() -> None:
    frame = table(1000, joy=1)
    frame["language"] = frame["language"].astype("str")
    frame.loc[0, ["text", "language"]] = ["Bardzo się dzisiaj cieszę z tego zwycięstwa.", None]
    assert prepare([frame]).frame["language"][0] == "pl"


def test_languages_are_measured_where_emotions_are_labelled() -> None:
    polish = table(1000, "wpis", valence=1).assign(language="pl")
    assert prepare([table(1000, joy=1), polish]).measured == {"en"}


def test_tasks_hold_training_rows_and_labelled_columns_alone() -> None:
    data = prepare([table(1000, "a", joy=1, fear=1), table(1000, "b", valence=1)])
    emotion, dimensions = emotion_tasks(data, (), TaskWeights())
    assert (emotion.name, emotion.outputs, emotion.loss) == (
        "emotion",
        ("fear", "joy"),
        "intensity",
    )
    assert (dimensions.name, dimensions.outputs) == ("dimensions", ("valence",))
    assert {text[0] for text in emotion.texts} == {"a"}
    assert len(emotion) + len(dimensions) == data.train.sum()


def test_auxiliary_rows_that_are_held_out_elsewhere_stay_out() -> None:
    data = prepare([table(1000, joy=1)])
    held = data.frame["text"][data.held_out].iloc[0]
    free = data.frame["text"][data.train].iloc[0]
    extra = Labelled("extra", "pl", (held, free), np.ones((2, 1)), ("joy",))
    task = emotion_tasks(data, without_held_out(data, [extra]), TaskWeights())[-1]
    assert (task.name, task.texts, task.outputs) == ("extra", (free,), ("joy",))


def test_a_translation_of_what_must_not_be_taught_is_not_taught_either() -> None:
    data = prepare([table(1000, joy=1)])
    held = data.frame["text"][data.held_out].iloc[0]
    free = [f"wpis {i}" for i in range(60)]
    polish = rated("pl", free, keys=["a", *(f"k{i}" for i in range(59))])
    english = rated("en", [held, "post"], keys=["a", ""])
    left = without_held_out(data, [polish, english])
    assert free[0] not in left[0].texts
    assert {text for text in free[1:] if not vault([text_key(text)])[0]} == set(left[0].texts)
    assert left[1].texts == ("post",)


def test_a_target_with_few_ratings_is_not_taught() -> None:
    part = rated("pl", [f"wpis {i}" for i in range(60)])
    labels = np.column_stack([part.labels, np.where(np.arange(60) < 20, 0.5, np.nan)])
    two = replace(part, labels=labels, outputs=("joy", "fear"))
    (left,) = without_held_out(prepare([table(1000, joy=1)]), [two])
    assert (left.outputs, left.labels.shape[1]) == (("joy",), 1)
    assert without_held_out(prepare([table(1000, joy=1)]), [rated("pl", ["wpis"])]) == []


def test_rated_texts_weigh_and_are_seen_by_rules_of_their_own() -> None:
    data = prepare([table(1000, joy=1)])
    texts = tuple(f"wpis {i}" for i in range(40))
    parts = [rated("en", texts[:20]), rated("pl", texts[20:])]
    weights = TaskWeights(rated=0.7, rated_visits=20, auxiliary_visits=8)
    _, task = emotion_tasks(data, parts, weights)
    assert (task.texts, task.weight, task.passes) == (texts, 0.7, 0.5)
    _, reminded = emotion_tasks(data, parts, weights, known=["ours"])
    assert reminded.passes == 0.2
    _, often = emotion_tasks(data, parts, replace(weights, rated_visits=200, rated_passes=3.0))
    assert often.passes == 3.0


def test_a_text_that_differs_in_whom_it_mentions_follows_its_strictest_copy() -> None:
    found = table(900, "a post about cinema", joy=1)
    names = ("@ala", "@ola")
    data = prepare([found.assign(text=f"{name} " + found["text"]) for name in names])
    said = data.frame["text"].str.split(n=1).str[1]
    held = set(said[data.held_out])
    assert held
    assert not held & set(said[data.train])
    other = Labelled("other", "en", ("@ela " + min(held),), np.ones((1, 1)), ("joy",))
    assert not without_held_out(data, [other])[0].texts
