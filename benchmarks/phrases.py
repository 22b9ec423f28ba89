"""Whether explanations point where a person would, and what they cost beside a score.

python benchmarks/phrases.py [--marked benchmarks/data/marked-phrases.jsonl]

The examples were written for this: twelve Polish and twelve English posts, each with the one
passage in square brackets that carries the emotion named. A hit is a top phrase (the one that adds
most to that emotion) of which at least half lies in the brackets; chance is the part of all phrases
of the post that would be one.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.setup import registry
from features.schema import Post
from models.explaining import Phrase, phrase_effects
from models.scorer import Scorer
from models.stepwise import finish
from models.versions import EMOTION_NAME, SHARE_NAME

MARKED = Path(__file__).parent / "data" / "marked-phrases.jsonl"
INSIDE = 0.5
RUNS = 5


@dataclass(frozen=True, slots=True)
class Marked:
    """A post and the passage that carries an emotion."""

    post: Post
    emotion: str
    start: int
    end: int


def read_marked(path: Path) -> list[Marked]:
    """Read the examples, the brackets taken out."""
    return [_marked(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _marked(entry: dict[str, Any]) -> Marked:
    text = entry["text"]
    start, end = text.index("["), text.index("]") - 1
    post = Post(text.replace("[", "").replace("]", ""), language=entry["language"])
    return Marked(post, entry["emotion"], start, end)


def is_hit(phrase: Phrase, marked: Marked) -> bool:
    """Whether at least half of a phrase lies in the marked passage."""
    shared = min(phrase.end, marked.end) - max(phrase.start, marked.start)
    return shared >= INSIDE * (phrase.end - phrase.start)


def agreement(scorer: Scorer, examples: list[Marked]) -> tuple[float, float]:
    """How often the top phrase is a hit, and how often a random one would be."""
    hits, chances = [], []
    for marked in examples:
        found = finish(phrase_effects(scorer, marked.post, None))
        top = max(found, key=lambda phrase: phrase.effects[marked.emotion] or 0.0)
        hits.append(is_hit(top, marked))
        chances.append(np.mean([is_hit(phrase, marked) for phrase in found]))
    return float(np.mean(hits)), float(np.mean(chances))


def cost(scorer: Scorer, posts: list[Post]) -> tuple[float, float]:
    """Median seconds of a score with reasons, and of the phrases of the same post."""
    scores = [_seconds(partial(scorer.score, [post])) for post in posts]
    effects = [_seconds(partial(_effects, scorer, post)) for post in posts]
    return float(np.median(scores)), float(np.median(effects))


def _effects(scorer: Scorer, post: Post) -> object:
    return finish(phrase_effects(scorer, post, None))


def _seconds(act: Callable[[], object]) -> float:
    """The shortest of some runs: the others shared the processor with somebody."""
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return min(found)


def main() -> None:
    """Print one line for each language, and one for the cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marked", type=Path, default=MARKED)
    options = parser.parse_args()
    models = registry()
    scorer = Scorer(models.load(EMOTION_NAME), models.load(SHARE_NAME))
    examples = read_marked(options.marked)
    for language in sorted({marked.post.language or "" for marked in examples}):
        part = [marked for marked in examples if marked.post.language == language]
        hit, chance = agreement(scorer, part)
        sys.stdout.write(f"{language}: top phrase {hit:.0%}, chance {chance:.0%}, n {len(part)}\n")
    score, effects = cost(scorer, [marked.post for marked in examples[::4]])
    told = f"score {1000 * score:.1f} ms, phrases {1000 * effects:.1f} ms"
    sys.stdout.write(f"{told}: {effects / score:.1f} times\n")


if __name__ == "__main__":
    main()
