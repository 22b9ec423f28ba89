"""Whether the emotion model reads what a post says rather than the words it says it in.

python benchmarks/denials.py [--posts benchmarks/data/denials.csv]

A language model wrote the 65 posts for this before any model had read them: feelings that are
denied, over, or praised in irony. Each names the emotion that an average reader would feel most, or
none, and the one that its words speak of and it does not. Nothing is trained on them; posts of the
same kinds, in other words, are among the texts written for training.
"""

import sys
from pathlib import Path

from benchmarks.parallel import asked, by_language, right
from benchmarks.sayings import FAINT, calm
from features.schema import EMOTIONS, FloatArray

POSTS = Path(__file__).parent / "data" / "denials.csv"


def strengths(value: FloatArray, names: list[str]) -> FloatArray:
    """Return of each post how strongly it is forecast to evoke the emotion named for it."""
    return value[range(len(names)), [EMOTIONS.index(name) for name in names]]


def main() -> None:
    """Print for each language what is taken for what is meant, and how high what is not stands."""
    posts, loaded = asked(__doc__, POSTS)
    sys.stdout.write(f"{loaded.version.uri}\n")
    for code, part, value in by_language(posts, loaded):
        strongest, denied = part["strongest"].tolist(), strengths(value, part["denied"].tolist())
        hits, count = right(value, strongest)
        quiet, still = calm(value, strongest)
        faint = int((denied < FAINT).sum())
        sys.stdout.write(
            f"{code}: strongest emotion right {hits} of {count}; nothing in {quiet} of {still}; "
            f"what is not meant faint in {faint} of {len(part)}, {denied.mean():.2f} on average\n"
        )


if __name__ == "__main__":
    main()
