"""Whether the emotion model knows what sayings mean.

python benchmarks/sayings.py [--posts benchmarks/data/sayings.csv]

A language model wrote the 110 posts for this and named the emotion that each expresses most, before
any model had read them: 60 Polish and 30 English sayings, and 20 Polish posts that use the same
words and express nothing. Nothing is trained on them; the sayings themselves, in other sentences,
are among the texts written for training.

`--posts benchmarks/data/everyday.csv` asks the same of 50 posts of grief and of plain public life,
36 Polish and 14 English, whose words mislead; they were made in the same way.
"""

import sys
from pathlib import Path

from benchmarks.parallel import NONE, asked, by_language, right
from features.schema import EMOTIONS, FloatArray

POSTS = Path(__file__).parent / "data" / "sayings.csv"
FAINT = 0.25
"""Below this the page names no emotion without reserve."""


def calm(value: FloatArray, strongest: list[str]) -> tuple[int, int]:
    """Return how many posts that express nothing are told to, and how many there are."""
    rows = [row for row, name in enumerate(strongest) if name == NONE]
    return int((value[rows, : len(EMOTIONS)].max(axis=1) < FAINT).sum()), len(rows)


def main() -> None:
    """Print for each language how often the strongest emotion is the one that is expressed."""
    posts, loaded = asked(__doc__, POSTS)
    sys.stdout.write(f"{loaded.version.uri}\n")
    for code, part, value in by_language(posts, loaded):
        strongest = part["strongest"].tolist()
        hits, count = right(value, strongest)
        quiet, still = calm(value, strongest)
        sys.stdout.write(f"{code}: strongest emotion right {hits} of {count}")
        sys.stdout.write(f"; nothing in {quiet} of {still}\n" if still else "\n")


if __name__ == "__main__":
    main()
