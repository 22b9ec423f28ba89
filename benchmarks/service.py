"""The service against its limit and its peers: one run, ratios, on this machine.

python -m benchmarks.service [--quick] [--long] [--write]      what `make bench` runs

`--quick` tries everything for a moment; `--long` adds a minute of saturation and 100,000 posts to
`prescore score`; `--write` puts the table into BENCHMARKS.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.files import score_files
from benchmarks.load import Load
from benchmarks.measure import answer_of, median
from benchmarks.posts import ACCOUNT, PAST_POSTS
from benchmarks.report import machine, table, write
from benchmarks.runs import CLIENTS, Outcome, Run
from benchmarks.servers import Server

SHARE = "models:/prescore-share@champion"
STARTS = 3
ROUNDS = 4
TURN = 100
"""Posts in work from which a batch is under way."""
PLAIN_SCORE = "/v1/score?explain=false"
BATCH_SCORE = "/v1/score/batch?explain=false"


def main() -> None:
    """Measure everything, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a moment of everything")
    parser.add_argument("--long", action="store_true", help="a minute of saturation; 100k posts")
    parser.add_argument("--write", action="store_true", help="put the table into BENCHMARKS.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prescore-bench-") as place:
        folder = Path(place)
        env = {**os.environ, "PRESCORE_HOME": str(folder / "home")}
        env.pop("PRESCORE_DATABASE_URL", None)
        env["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/home/mlflow.db"
        run = Run(env, folder, 2.0 if options.quick else 8.0, options.long)
        about = machine()
        print(about)  # noqa: T201
        measure(run, options.quick)
    print("\n" + table(run.rows))  # noqa: T201
    if options.write:
        command = "make bench" + (" LONG=1" if options.long else "")
        write(run.rows, about, command)


def measure(run: Run, quick: bool) -> None:
    """Everything, one after the other: nothing here shares the machine but client and server."""
    answer_of("benchmarks.setup", env=run.env)
    _starts(run)
    with servers.prescore(run.env, run.folder) as ours:
        warm = run.load(ours, PLAIN_SCORE, "post", seconds=run.seconds / 2)
        singles = _against_the_limit(run, ours)
        _fairness(run, ours)
        _explanations(run, ours)
        _saturation(run, ours, singles)
        _weight(run, ours)
        assert not warm.others, warm.others
    with servers.mlflow(run.env, run.folder, SHARE) as theirs:
        _against_mlflow(run, theirs, singles)
    _against_torch(run, singles, quick)
    sizes = [1000] if quick else [1000, 10_000, *([100_000] if run.long else [])]
    score_files(run, sizes)


def _starts(run: Run) -> None:
    """Start both services in turn: the first time, then with everything in the cache."""
    ours, theirs = [], []
    for _ in range(1 + STARTS):
        with servers.prescore(run.env, run.folder) as server:
            ours.append(server.start_seconds)
        with servers.mlflow(run.env, run.folder, SHARE) as server:
            theirs.append(server.start_seconds)
    _start(run, "start to ready, the first time", ours[0], theirs[0], "told, no bar")
    again = f"start to ready, warm cache, median of {STARTS}"
    _start(run, again, median(ours[1:]), median(theirs[1:]), "<= 0.5")


def _start(run: Run, name: str, ours: float, theirs: float, bar: str) -> None:
    said = f"mlflow models serve: {theirs:.1f} s"
    run.add(name, f"{ours:.1f} s", said, ours / theirs, bar)


def _rounds(run: Run, ours: Server) -> tuple[dict[str, float], list[Outcome]]:
    """Limit and service in turn, since the machine changes its pace within a minute.

    Returns
    -------
    Means of the limit; and of batches, singles, one client, one client of a known account what came
    back in all rounds
    """
    seconds = run.seconds / 2
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        (BATCH_SCORE, "batch", {"clients": 4, "posts": 64, "most": 400}),
        (PLAIN_SCORE, "post", {}),
        (PLAIN_SCORE, "post", {"clients": 1}),
        (PLAIN_SCORE, "post", {"clients": 1, "account": ACCOUNT}),
    ]
    limits, rounds = [], []
    for _ in range(ROUNDS):
        limits.append(answer_of("benchmarks.limit", "--seconds", str(seconds), env=run.env))
        rounds.append(
            [run.load(ours, path, shape, seconds=seconds, **more) for path, shape, more in kinds]
        )
    limit = {name: sum(one[name] for one in limits) / ROUNDS for name in limits[0]}
    return limit, [Outcome.together(found) for found in zip(*rounds, strict=True)]


def _against_the_limit(run: Run, ours: Server) -> Outcome:
    limit, (batches, singles, alone, known) = _rounds(run, ours)
    limit_said = f"in-process, {run.threads} threads: {limit['scored']:.0f} posts/s"
    run.add(
        "batches of 64 posts, 4 clients",
        f"{batches.rate:.0f} posts/s",
        limit_said,
        batches.rate / limit["scored"],
        ">= 0.85",
    )
    run.add(
        f"single drafts, {CLIENTS} clients",
        f"{singles.rate:.0f} requests/s",
        limit_said,
        singles.rate / limit["scored"],
        ">= 0.7",
    )
    run.add(
        "one draft, one client, p50",
        f"{1e3 * alone.p50:.1f} ms",
        f"in-process: {1e3 * limit['single_p50']:.1f} ms",
        (alone.p50 - 0.002) / limit["single_p50"],
        "<= 1.5 after 2 ms",
    )
    run.add(
        f"the same of an account with {PAST_POSTS} known posts, p50",
        f"{1e3 * known.p50:.1f} ms",
        f"in-process, without an account: {1e3 * limit['single_p50']:.1f} ms",
        (known.p50 - 0.002) / limit["single_p50"],
        "told, no bar",
    )
    return singles


@contextmanager
def _beside(run: Run, server: Server, path: str, **more: Any) -> Iterator[None]:
    """A load of batches that goes on while the block lasts."""
    run.seed += 1
    wanted = Load(
        port=server.port, path=path, shape="batch", seconds=3 * run.seconds, seed=run.seed, **more
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"],
        env=run.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(wanted)))
    process.stdin.close()
    try:
        while server.metric("prescore_unfinished_posts") < TURN:
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def _fairness(run: Run, ours: Server) -> None:
    alone = run.load(ours, PLAIN_SCORE, "post", clients=1)
    with _beside(run, ours, BATCH_SCORE, clients=1, posts=256, most=60):
        beside = run.load(ours, PLAIN_SCORE, "post", clients=1)
    run.add(
        "single draft beside batches of 256, p95",
        f"{1e3 * beside.p95:.1f} ms",
        f"alone: {1e3 * alone.p95:.1f} ms",
        beside.p95 / alone.p95,
        "<= 3",
    )


def _explanations(run: Run, ours: Server) -> None:
    alone = run.load(ours, PLAIN_SCORE, "post", clients=1)
    for name, path in (("with reasons", "/v1/score"), ("explained in full", "/v1/explain")):
        asked = run.load(ours, path, "post", clients=1)
        run.add(
            f"one draft {name}, p50",
            f"{1e3 * asked.p50:.1f} ms",
            f"its score: {1e3 * alone.p50:.1f} ms",
            asked.p50 / alone.p50,
            "<= 10",
        )


def _saturation(run: Run, ours: Server, singles: Outcome) -> None:
    before = ours.memory_mb()
    seconds = 60.0 if run.long else 2.5 * run.seconds
    rate = 5 * singles.rate
    flood = run.load(
        ours,
        PLAIN_SCORE,
        "post",
        clients=200,
        seconds=seconds,
        rate=rate,
        most=int(rate * seconds) + 500,
    )
    after = run.load(ours, PLAIN_SCORE, "post", clients=1, seconds=1.0)
    refused = len(flood.taken.get(429, []))
    run.add(
        f"5x as many for {seconds:.0f} s: p95 of the accepted",
        f"{1e3 * flood.p95:.0f} ms; {refused} x 429, {flood.broken} broken, others {flood.others}",
        f"at capacity: {1e3 * singles.p95:.0f} ms",
        flood.p95 / singles.p95,
        "<= 3, only 429",
    )
    run.add(
        "right after it: slowest draft of the first second",
        f"{1e3 * max(after.good, default=float('nan')):.0f} ms; "
        f"memory {ours.memory_mb() - before:+.0f} MB",
        "1 s",
        max(after.good, default=float("nan")),
        "<= 1",
    )


def _weight(run: Run, ours: Server) -> None:
    memory = ours.memory_mb()
    torch = "torch loaded" if ours.carries("libtorch") else "no torch"
    run.add(
        f"memory of the serving process, {torch}",
        f"{memory:.0f} MB",
        "600 MB",
        memory / 600,
        "<= 1",
    )


def _against_mlflow(run: Run, theirs: Server, singles: Outcome) -> None:
    run.load(theirs, "/invocations", "frame", seconds=run.seconds / 2, clients=2)
    peers = run.load(theirs, "/invocations", "frame")
    run.add(
        f"single drafts, {CLIENTS} clients",
        f"{singles.rate:.0f} requests/s",
        f"mlflow models serve: {peers.rate:.0f} requests/s",
        singles.rate / peers.rate,
        ">= 5",
    )
    run.add(
        f"single drafts, {CLIENTS} clients, p95",
        f"{1e3 * singles.p95:.0f} ms",
        f"mlflow models serve: {1e3 * peers.p95:.0f} ms",
        singles.p95 / peers.p95,
        "<= 0.2",
    )


def _against_torch(run: Run, singles: Outcome, quick: bool) -> None:
    texts = "48" if quick else "192"
    found = answer_of("benchmarks.torch_model", str(run.folder), "--texts", texts, env=run.env)
    run.add(
        "encoder, one thread",
        f"{found['onnx']:.0f} texts/s",
        f"sentence-transformers on torch: {found['torch']:.0f} texts/s",
        found["onnx"] / found["torch"],
        ">= 2",
    )
    with servers.plain(run.env, run.folder, run.folder / "plain") as theirs:
        run.load(theirs, "/score", "text", seconds=run.seconds / 2, clients=2)
        peers = run.load(theirs, "/score", "text")
    run.add(
        f"single drafts, {CLIENTS} clients",
        f"{singles.rate:.0f} requests/s",
        f"plain FastAPI + sentence-transformers: {peers.rate:.0f} requests/s",
        singles.rate / peers.rate,
        "told, no bar",
    )


if __name__ == "__main__":
    main()
