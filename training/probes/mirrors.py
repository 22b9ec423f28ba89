"""What should make no difference, as tasks for fine-tuning: two texts that should embed alike.

Who a sentence is about (on the sentences and names that fairness is not measured on), and slips of
the finger in the training texts themselves. Hand the tasks to `training.tuning.finetune` beside the
others.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from features.text.cleaning import clean
from training.probes.changes import HARMLESS
from training.probes.counterfactuals import even_pairs, sentences
from training.tuning.tasks import Task

PEOPLE_TASK, SLIPS_TASK = "counterfactuals", "slips"
PEOPLE_PAIRS = 4000
SLIP_TEXTS = 6000
SHORTEST = 12
"""Letters below which a slip changes what a text says."""

Twins = tuple[tuple[str, ...], tuple[str, ...]]
"""n texts and their n twins."""

UNREAD = ("capitals", "link")
"""Changes that cleaning undoes: there is nothing to practise."""


def people_twins(count: int = PEOPLE_PAIRS, seed: int = 0) -> Twins:
    """Return sentences that differ in one thing about a person, every kind as often.

    Parameters
    ----------
    count
        Pairs, about.
    seed
        Draws them.
    """
    said = sentences("taught")
    places = even_pairs(said, count, seed).tolist()
    first = tuple(said[place].text for place, _ in places)
    return first, tuple(said[place].text for _, place in places)


def slip_twins(texts: Mapping[str, Sequence[str]], count: int = SLIP_TEXTS, seed: int = 0) -> Twins:
    """Return texts beside copies changed in one of the ways of `training.probes.changes.HARMLESS`.

    Parameters
    ----------
    texts
        By language, from the training part alone.
    count
        Texts at most, as many of each language where it has them.
    seed
        Draws texts and changes.
    """
    draw = np.random.default_rng(seed)
    share = -(-count // max(1, len(texts)))
    first, second = [], []
    for language in sorted(texts):
        for place in draw.permutation(len(texts[language]))[:share]:
            text = texts[language][place]
            changed = _changed(text, draw)
            if len(text) >= SHORTEST and clean(changed) != clean(text):
                first.append(text)
                second.append(changed)
    return tuple(first), tuple(second)


def mirror_task(name: str, twins: Twins, weight: float, passes: float = 1.0) -> Task:
    """Return the task of bringing twins together; see `training.tuning.tasks.Task`."""
    first, second = twins
    return Task(name, first, np.empty((len(first), 0)), "mirror", (), weight, passes, second)


def _changed(text: str, draw: np.random.Generator) -> str:
    """Change a text in one way that does change it, Polish letters half of the time."""
    if draw.random() < 0.5 and (plain := HARMLESS["no_diacritics"](text)) != text:
        return plain
    ways = sorted(set(HARMLESS) - {"no_diacritics", *UNREAD})
    return HARMLESS[ways[draw.integers(len(ways))]](text)
