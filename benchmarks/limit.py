"""The limit: the same models on the same posts, without a service around them.

python -m benchmarks.limit [--seconds 6] [--threads 2]     reads PRESCORE_HOME; prints JSON
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from threadpoolctl import threadpool_limits

from benchmarks.measure import median, quantile
from benchmarks.posts import bodies, stream_of
from features.schema import Post
from models.registry import Registry
from models.scorer import Scorer
from models.settings import Home
from models.versions import CHAMPION, EMOTION_NAME, SHARE_NAME

BATCH = 64


def posts_of(stream: Iterator[str], count: int) -> list[Post]:
    """Return the next posts, as the load generator sends them."""
    found = bodies(list(islice(stream, count)))
    return [Post(body["text"], platform=body.get("platform")) for body in found]


def sustained(act: Callable[[list[Post]], object], seconds: float, threads: int) -> float:
    """Posts per second of so many threads, each with batches of its own."""

    def work(seed: int) -> tuple[int, float]:
        ready = iter(batches[seed])
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            posts = next(ready)
            act(posts)
            done += len(posts)
        return done, time.perf_counter() - began

    most = int(60 * seconds) + 4
    streams = [stream_of(100 + seed) for seed in range(threads)]
    batches = [[posts_of(stream, BATCH) for _ in range(most)] for stream in streams]
    with ThreadPoolExecutor(threads) as pool:
        return sum(done / took for done, took in pool.map(work, range(threads)))


def alone(scorer: Scorer, count: int, explain: bool) -> list[float]:
    """Seconds of single drafts, one after the other."""
    taken = []
    for post in posts_of(stream_of(7), count):
        began = time.perf_counter()
        scorer.score([post], explain=explain)
        taken.append(time.perf_counter() - began)
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--raw", action="store_true", help="the encoder alone")
    options = parser.parse_args()
    registry = Registry(Home.from_environment(os.environ))
    emotion, share = (
        registry.load(f"models:/{name}@{CHAMPION}") for name in (EMOTION_NAME, SHARE_NAME)
    )
    scorer = Scorer(emotion, share)
    encoder = emotion.encoder

    def raw() -> float:
        return sustained(
            lambda posts: encoder.encode([post.text for post in posts]),
            options.seconds,
            options.threads,
        )

    with threadpool_limits(1):
        if options.raw:
            print(json.dumps({"encoded": raw()}))  # noqa: T201
            return
        alone(scorer, 20, explain=True)
        singles = alone(scorer, int(40 * options.seconds), explain=False)
        explained = alone(scorer, int(20 * options.seconds), explain=True)
        scored = sustained(
            lambda posts: scorer.score(posts, explain=False), options.seconds, options.threads
        )
        encoded = raw()
    found = {
        "scored": scored,
        "encoded": encoded,
        "single_p50": median(singles),
        "single_p95": quantile(singles, 0.95),
        "explained_p50": median(explained),
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
