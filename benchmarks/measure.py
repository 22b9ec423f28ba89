"""Small things that measuring needs."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def rate_of(count: int, act: Callable[[], object]) -> float:
    """Things done per second."""
    began = time.perf_counter()
    act()
    return count / (time.perf_counter() - began)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which a part of the values lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))] if ranked else float("nan")


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values) if values else float("nan")


def answer_of(module: str, *options: str, env: Mapping[str, str], given: Any = None) -> Any:
    """Run a module of this package in a process of its own; what it prints last is JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        env=dict(env),
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])
