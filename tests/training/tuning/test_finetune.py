from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from features.errors import TrainingError
from tests.training.small_encoders import small_bert
from training.tuning.checkpoints import Checkpoints
from training.tuning.finetune import Finetuned, FinetuneOptions, finetune, use_bfloat16
from training.tuning.heads import Head
from training.tuning.tasks import Task

HAPPY = ("joy great news", "we won today", "radość great", "we won great news")
SAD = ("smutek lost", "we lost today", "nie radość lost", "smutek nie great")
TEXTS = HAPPY + SAD
LABELS = np.array([[1.0, 0.0]] * 4 + [[0.0, 1.0]] * 4)
OPTIONS = FinetuneOptions(batch_size=4, rate=3e-3, head_rate=3e-2, precision="float32")


def feelings(passes: float = 8.0) -> Task:
    return Task("feelings", TEXTS, LABELS, "intensity", ("joy", "sadness"), passes=passes)


def wins(passes: float = 8.0) -> Task:
    won = np.ones((4, 1))
    return Task("wins", HAPPY, won, "pairs", ("better",), passes=passes, rivals=SAD)


def logits(tuned: Finetuned, name: str, texts: tuple[str, ...]) -> np.ndarray:
    return tuned.heads[name](tuned.encoder.embed(texts))


def test_it_learns_several_tasks_at_once_and_hands_over_their_heads() -> None:
    scale = Task("scale", TEXTS, LABELS[:, :1] * 30 + 100, "value", ("score",), passes=8)
    tuned = finetune(small_bert(), [feelings(), wins(), scale], OPTIONS)
    joy = logits(tuned, "feelings", TEXTS)[:, 0]
    assert joy[:4].min() > 0 > joy[4:].max()
    better = logits(tuned, "wins", HAPPY) - logits(tuned, "wins", SAD)
    assert better.min() > 0
    assert logits(tuned, "scale", TEXTS)[:, 0] == pytest.approx(LABELS[:, 0] * 30 + 100, abs=12)


@pytest.mark.parametrize("name", ["training", "a.b", "type"])
def test_a_task_may_be_named_like_anything(name: str) -> None:
    tuned = finetune(small_bert(), [replace(feelings(), name=name)], OPTIONS)
    assert set(tuned.heads) == {name}


def test_missing_labels_leave_their_head_where_it_was() -> None:
    half = LABELS.copy()
    half[:, 1] = np.nan
    task = Task("feelings", TEXTS, half, "intensity", ("joy", "sadness"), passes=8)
    sadness = logits(finetune(small_bert(), [task], OPTIONS), "feelings", TEXTS)[:, 1]
    assert np.ptp(sadness) < 1


def test_equal_seeds_give_equal_weights_and_others_do_not() -> None:
    first, again = (finetune(small_bert(), [feelings()], OPTIONS) for _ in range(2))
    other = finetune(small_bert(), [feelings()], FinetuneOptions(seed=1, precision="float32"))
    assert (first.heads["feelings"].weights == again.heads["feelings"].weights).all()
    assert (first.heads["feelings"].weights != other.heads["feelings"].weights).any()


def test_word_embeddings_stay_as_they_are() -> None:
    base = small_bert()
    name = "embeddings.word_embeddings.weight"
    before = base.transformer.get_parameter(name).detach().clone()
    finetune(base, [feelings()], OPTIONS)
    assert torch.equal(base.transformer.get_parameter(name), before)


def test_a_share_of_the_weights_that_it_began_with_is_kept() -> None:
    name = "encoder.layer.0.output.dense.weight"
    before = small_bert().transformer.get_parameter(name).detach()
    free, half, whole = (
        finetune(small_bert(), [feelings()], replace(OPTIONS, kept=kept)).encoder
        for kept in (0.0, 0.5, 1.0)
    )
    after, mixed = (one.transformer.get_parameter(name).detach() for one in (free, half))
    assert not torch.equal(after, before)
    torch.testing.assert_close(mixed, (before + after) / 2)
    assert torch.equal(whole.transformer.get_parameter(name), before)


def test_translations_move_together() -> None:
    mirror = Task("mirror", HAPPY, np.zeros((4, 0)), "mirror", (), passes=20, rivals=SAD)
    tuned = finetune(small_bert(), [mirror], OPTIONS)
    before = (small_bert().embed(HAPPY) * small_bert().embed(SAD)).sum(axis=1)
    after = (tuned.encoder.embed(HAPPY) * tuned.encoder.embed(SAD)).sum(axis=1)
    assert after.min() > before.max()


class Interrupted:
    """A person who presses Ctrl-C after so many steps."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.seen: list[int] = []

    def __call__(self, done: int, total: int, loss: float) -> None:
        self.seen.append(done)
        if done == self.after:
            raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        finetune(small_bert(), [feelings()], OPTIONS, Interrupted(7), checkpoints)
    seen: list[int] = []
    told: list[str] = []
    resumed = finetune(
        small_bert(),
        [feelings()],
        OPTIONS,
        lambda done, *_: seen.append(done),
        Checkpoints(tmp_path, told.append),
    )
    assert told == ["Fine-tuning goes on where it stopped, after 7 of 16 steps."]
    straight = finetune(small_bert(), [feelings()], OPTIONS)
    assert seen[0] == 8
    np.testing.assert_array_equal(
        resumed.heads["feelings"].weights, straight.heads["feelings"].weights
    )


def test_runs_side_by_side_each_go_on_where_they_stopped(tmp_path: Path) -> None:
    begun = {seed: Interrupted(7 + seed) for seed in (1, 2)}
    again = {seed: Interrupted(9 + seed) for seed in begun}
    for seed, stop in [*begun.items(), *again.items()]:
        options = replace(OPTIONS, seed=seed)
        with pytest.raises(KeyboardInterrupt):
            finetune(small_bert(), [feelings()], options, stop, Checkpoints(tmp_path))
    assert {seed: stop.seen for seed, stop in again.items()} == {1: [9, 10], 2: [10, 11]}


def test_a_run_with_an_unreadable_checkpoint_starts_from_the_beginning(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        finetune(small_bert(), [feelings()], OPTIONS, Interrupted(7), Checkpoints(tmp_path))
    next(tmp_path.glob("*.pt")).write_bytes(b"")
    seen: list[int] = []
    finetune(
        small_bert(),
        [feelings()],
        OPTIONS,
        lambda done, *_: seen.append(done),
        Checkpoints(tmp_path),
    )
    assert seen[0] == 1


def test_a_finished_run_need_not_be_run_again(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    first = finetune(small_bert(), [feelings()], OPTIONS, None, checkpoints)
    seen: list[int] = []
    again = finetune(
        small_bert(), [feelings()], OPTIONS, lambda done, *_: seen.append(done), checkpoints
    )
    assert not seen
    np.testing.assert_array_equal(again.heads["feelings"].weights, first.heads["feelings"].weights)


def test_a_checkpoint_of_another_run_is_left_aside(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        finetune(small_bert(), [feelings()], OPTIONS, Interrupted(7), checkpoints)
    seen: list[int] = []
    finetune(small_bert(), [wins()], OPTIONS, lambda done, *_: seen.append(done), checkpoints)
    assert seen[0] == 1


def test_earlier_heads_are_taken_over_by_name_of_output() -> None:
    old = Head(("anger", "joy"), np.ones((32, 2), np.float32), np.array([7.0, 3.0], np.float32))
    still = FinetuneOptions(batch_size=4, rate=0.0, head_rate=0.0, precision="float32")
    tuned = finetune(small_bert(), [feelings(1)], still, initial={"feelings": old})
    embeddings = small_bert().embed(TEXTS)
    expected = embeddings.sum(axis=1) + 3.0
    assert tuned.heads["feelings"](embeddings)[:, 0] == pytest.approx(expected, abs=1e-3)


def test_bfloat16_learns_too() -> None:
    options = FinetuneOptions(batch_size=4, rate=3e-3, head_rate=3e-2, precision="bfloat16")
    joy = logits(finetune(small_bert(), [feelings()], options), "feelings", TEXTS)[:, 0]
    assert joy[:4].min() > joy[4:].max()


def test_precision_is_what_was_asked_for() -> None:
    assert use_bfloat16("bfloat16")
    assert not use_bfloat16("float32")


def test_nothing_to_train_on_is_refused() -> None:
    empty = Task("none", (), np.zeros((0, 1)), "intensity", ("joy",))
    with pytest.raises(TrainingError, match="at least one text"):
        finetune(small_bert(), [empty], OPTIONS)


def test_two_tasks_of_one_name_are_refused() -> None:
    with pytest.raises(TrainingError, match="different names"):
        finetune(small_bert(), [feelings(), feelings()], OPTIONS)


def test_a_loss_that_is_no_number_stops_the_run() -> None:
    wild = FinetuneOptions(batch_size=4, rate=1e30, head_rate=1e30, precision="float32")
    with pytest.raises(TrainingError, match="lower learning rate"):
        finetune(small_bert(), [feelings()], wild)


def test_a_checkpoint_of_other_texts_or_another_start_is_left_aside(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        finetune(small_bert(), [feelings()], OPTIONS, Interrupted(7), checkpoints)
    task = feelings()
    other = replace(task, texts=tuple(reversed(task.texts)))
    elsewhere = small_bert()
    with torch.no_grad():
        next(w for w in elsewhere.parameters() if w.dim() == 1).add_(0.1)
    for base, tasks in ((small_bert(), [other]), (elsewhere, [feelings()])):
        seen: list[int] = []
        finetune(base, tasks, OPTIONS, lambda done, *_: seen.append(done), checkpoints)  # noqa: B023
        assert seen[0] == 1
