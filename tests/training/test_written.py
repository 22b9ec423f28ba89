from pathlib import Path

import pandas as pd

from training.splits import text_key

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks" / "data"


def test_no_text_of_a_benchmark_is_among_those_that_teach() -> None:
    written = pd.read_csv(ROOT / "training" / "data" / "written.csv", keep_default_na=False)
    taught = set(map(text_key, written["text"]))
    for path in BENCHMARKS.glob("*.csv"):
        posts = pd.read_csv(path, keep_default_na=False)
        columns = [column for column in ("text", "pl", "en") if column in posts]
        asked = {text_key(text) for column in columns for text in posts[column]}
        assert asked, path.name
        assert not asked & taught, path.name
