"""What each family of inputs is worth to the share model, and a control with shuffled outcomes.

python benchmarks/ablations.py --posts posts.parquet --comparisons pairs.parquet [--most 12000]

Embeddings come from the cache of PRESCORE_HOME. Each row retrains on three seeds with the columns
of one family made constant; figures are on posts whose account was left out in turn.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np

from benchmarks.setup import registry
from features.schema import FloatArray
from features.tables.validation import read_comparisons, read_posts
from features.text.cache import EmbeddingCache
from models.emotion import EmotionModel
from models.share_columns import CLOCK_AT, CONTEXT_AT, SURFACE_AT
from models.versions import EMOTION_NAME
from training.embedding import Embedder
from training.emotion.data import EMOTION_TASK
from training.share.data import PairRows, PostRows, gather_posts, in_vault, pair_rows, post_rows
from training.share.data import chosen as places_of
from training.share.options import ShareOptions, Workplace
from training.share.train import fit, remembering
from training.share.trees import TreeOptions

SEEDS = (0, 1, 2)
TREES = TreeOptions(rounds=120)
OPTIONS = ShareOptions(trees=TREES, stuffed_posts=0.0, stuffed_pairs=0.0)
FIXED = {"surface": SURFACE_AT, "clock": CLOCK_AT, "context": CONTEXT_AT}


@dataclass(frozen=True)
class World:
    """What is trained on, and where."""

    posts: PostRows
    pairs: PairRows | None
    place: Workplace
    emotion: FloatArray


def without(rows: PostRows, family: str, emotion: FloatArray) -> PostRows:
    """Return posts with one family of inputs made constant."""
    embeddings, fixed, states, counts = rows.embeddings, rows.fixed.copy(), rows.states, rows.counts
    if family == "text":
        embeddings, counts = np.zeros_like(embeddings), counts * 0
    if family == "emotion":  # what the emotion heads can read of the embedding
        basis = np.linalg.qr(emotion)[0]
        embeddings = (embeddings - embeddings @ basis @ basis.T).astype(np.float32)
    if family == "history":
        states = np.full_like(states, np.nan)
    if family in FIXED:
        fixed[:, FIXED[family]] = np.nan
    return replace(
        rows,
        embeddings=embeddings,
        fixed=fixed,
        counts=counts,
        states=states,
        recalled=np.zeros_like(rows.recalled) if family == "recall" else rows.recalled,
    )


def measure(world: World, family: str, seed: int) -> Mapping[str, float]:
    """Return the figures of a training without a family."""
    posts, pairs = without(world.posts, family, world.emotion), world.pairs
    if pairs is not None:
        first, second = (without(side, family, world.emotion)
                         for side in (pairs.first, pairs.second))  # fmt: skip
        pairs = replace(pairs, first=first, second=second)
    _, found = fit(posts, pairs, replace(OPTIONS, seed=seed), world.place)
    return found


def gather(files: Sequence[Path], comparisons: Sequence[Path], most: int) -> World:
    """Read tables, draw a part of their accounts and embed it."""
    models = registry()
    home, emotion = models.home, models.load(EMOTION_NAME)
    encoder = emotion.encoder.trunk or emotion.encoder
    place = Workplace(
        home.root, encoder, datetime.now(UTC), Embedder(EmbeddingCache(home.embeddings))
    )
    table = gather_posts([read_posts(file).frame for file in files])
    table = table[~in_vault(table)].reset_index(drop=True)
    places = places_of(table, 60, seed=0)
    draw = np.random.default_rng(0)
    accounts = draw.permutation(table["account_id"].iloc[places].unique())
    sizes = table["account_id"].iloc[places].value_counts().reindex(accounts).cumsum()
    kept = table["account_id"].iloc[places].isin(sizes.index[sizes <= most]).to_numpy()
    rows = post_rows(table, places[kept], place.vectors, None, seed=0)
    known = np.isfinite(rows.outcome)
    rows = remembering(rows.take(known), table, places[kept][known])
    frames = [read_comparisons(file).frame.head(most // 3) for file in comparisons]
    pairs = pair_rows(frames[0], place.vectors) if frames else None
    heads = cast(EmotionModel, emotion.model).heads.of_tasks(frozenset({EMOTION_TASK}))
    return World(rows, pairs, place, heads.weights)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=Path, action="append", required=True)
    parser.add_argument("--comparisons", type=Path, action="append", default=[])
    parser.add_argument("--most", type=int, default=12_000, help="posts at most")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    told = parser.parse_args()
    world = gather(told.posts, told.comparisons, told.most)
    say(f"{len(world.posts)} posts, {len(np.unique(world.posts.keys))} accounts")
    say("| without | within-account Spearman | shuffled outcomes |\n|---|---|---|")
    for family in ("nothing", "recall", "history", "text", "emotion", *FIXED):
        found = [measure(world, family, seed) for seed in range(told.seeds)]
        rho = [one["within_account_spearman"] for one in found]
        control = [one["shuffled_control"] for one in found]
        say(f"| {family} | {np.mean(rho):.3f} ± {np.std(rho):.3f} | {np.mean(control):+.3f} |")


if __name__ == "__main__":
    main()
