"""`prescore score` on files: how near to the raw encoder, how much memory, how the cost grows."""

import csv
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

from benchmarks.measure import answer_of, median
from benchmarks.posts import bodies, stream_of
from benchmarks.runs import Run

POLL = 0.1
TURN, RAW_SECONDS = 15.0, 4.0
"""Seconds after which scoring is halted, and for which the raw encoder is measured then: a machine
changes its pace within a minute, and a file would be compared with a moment."""

ROUNDS, FEW = 3, 1000
"""How often the start and files of so few posts are scored: a few seconds tell little."""


def score_files(run: Run, sizes: list[int]) -> None:
    """Score files of some sizes; start and loading are taken off by a file of one post."""
    start = median([_scored(run, 1)[0] for _ in range(ROUNDS)])
    smallest, before = 0.0, _raw(run)
    for size in sizes:
        taken, memories, raws = [], [], [before]
        for _ in range(ROUNDS if size <= FEW else 1):
            seconds, memory, during = _scored(run, size)
            taken.append(seconds)
            memories.append(memory)
            raws += [*during, _raw(run)]
        seconds, memory = sum(taken) / len(taken), max(memories)
        raw, before = sum(raws) / len(raws), raws[-1]
        rate = (size - 1) / max(seconds - start, 1e-9)
        smallest = smallest or memory
        run.add(
            f"prescore score, {size:,} posts to CSV",
            f"{rate:.0f} posts/s, {memory:.0f} MB at most ({memory / smallest:.2f}x)",
            f"raw encoder, {run.threads} threads: {raw:.0f} texts/s",
            rate / raw,
            ">= 0.85",
        )


def _raw(run: Run) -> float:
    """Texts per second of the encoder alone, on all cores."""
    options = ("--raw", "--threads", str(run.threads), "--seconds", str(RAW_SECONDS))
    return float(answer_of("benchmarks.limit", *options, env=run.env)["encoded"])


def _scored(run: Run, size: int) -> tuple[float, float, list[float]]:
    """Seconds and the most memory of one run, and the raw encoder's rates where it was halted."""
    source, out = run.folder / f"posts-{size}.csv", run.folder / "scores.csv"
    run.seed += 1
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["text", "platform"])
        writer.writeheader()
        writer.writerows(bodies(list(islice(stream_of(run.seed), size))))
    command = [sys.executable, "-m", "cli.main", "score", str(source), "--out", str(out)]
    raws: list[float] = []
    most = taken = 0.0
    began = time.perf_counter()
    process = subprocess.Popen(command, env=run.env, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, _most_resident(process.pid))
        time.sleep(POLL)
        if time.perf_counter() - began > TURN:
            process.send_signal(signal.SIGSTOP)
            taken += time.perf_counter() - began
            try:
                raws.append(_raw(run))
            finally:
                process.send_signal(signal.SIGCONT)
            began = time.perf_counter()
    taken += time.perf_counter() - began
    with out.open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == size + 1
    return taken, most, raws


def _most_resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
