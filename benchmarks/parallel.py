"""Whether the emotion model reads a Polish post as it reads its English version.

python benchmarks/parallel.py [--posts benchmarks/data/parallel-posts.csv]

A language model wrote the hundred posts for this, before any model had read them, and named of each
what an average reader would feel most: one emotion, either of two, or none. Nobody rated how
strongly, and nothing is trained on them.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from benchmarks.setup import registry
from features.schema import DIMENSIONS, EMOTIONS, INTENSITIES, FloatArray
from models.emotion import EmotionModel
from models.versions import EMOTION_NAME, Loaded

POSTS = Path(__file__).parent / "data" / "parallel-posts.csv"
LANGUAGES = ("pl", "en")
NONE = "none"


def alike(first: FloatArray, second: FloatArray, name: str) -> float:
    """Return Pearson's r between the forecasts of one number in two languages."""
    column = INTENSITIES.index(name)
    return float(np.corrcoef(first[:, column], second[:, column])[0, 1])


def right(value: FloatArray, strongest: list[str]) -> tuple[int, int]:
    """Return how often the strongest forecast is one that is named, and of how many posts."""
    named = [row for row, names in enumerate(strongest) if names != NONE]
    top = value[:, : len(EMOTIONS)].argmax(axis=1)
    return sum(EMOTIONS[top[row]] in strongest[row].split("|") for row in named), len(named)


def height(value: FloatArray, rows: list[int]) -> float:
    """Return how strong the strongest emotion of some posts is on average."""
    return float(value[rows, : len(EMOTIONS)].max(axis=1).mean())


def forecasts(loaded: Loaded, texts: list[str], language: str) -> FloatArray:
    """Return the nine numbers of each text."""
    model, count = cast("EmotionModel", loaded.model), len(texts)
    return model.predict(texts, loaded.encoder.encode(texts), [language] * count).value


def asked(description: str | None, posts: Path) -> tuple[pd.DataFrame, Loaded]:
    """Return the posts that the command line names, else those at hand, and the champion."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--posts", type=Path, default=posts)
    return pd.read_csv(parser.parse_args().posts), registry().load(EMOTION_NAME)


def by_language(
    posts: pd.DataFrame, loaded: Loaded
) -> Iterator[tuple[str, pd.DataFrame, FloatArray]]:
    """Yield each language, its posts, and the nine numbers of each."""
    for code in LANGUAGES:
        part = posts[posts["language"] == code]
        yield code, part, forecasts(loaded, part["text"].tolist(), code)


def main() -> None:
    """Print what the languages have in common, and for each how well it names the strongest."""
    posts, loaded = asked(__doc__, POSTS)
    strongest = posts["strongest"].tolist()
    values = {code: forecasts(loaded, posts[code].tolist(), code) for code in LANGUAGES}
    polish, english = values["pl"], values["en"]
    mean = np.mean([alike(polish, english, name) for name in EMOTIONS])
    others = ", ".join(f"{name} {alike(polish, english, name):.3f}" for name in DIMENSIONS)
    sys.stdout.write(f"{loaded.version.uri}, pl against en: six emotions {mean:.3f}, {others}\n")
    plain = [row for row, names in enumerate(strongest) if names == NONE]
    stirring = [row for row, names in enumerate(strongest) if names != NONE]
    for code, value in values.items():
        hits, count = right(value, strongest)
        there, elsewhere = height(value, stirring), height(value, plain)
        sys.stdout.write(
            f"{code}: strongest emotion right {hits} of {count}; its mean {there:.2f} there,"
            f" {elsewhere:.2f} where none is named\n"
        )


if __name__ == "__main__":
    main()
