"""One run of the service's benchmark: the loads that it puts, and what came back."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.load import Load
from benchmarks.measure import answer_of, median, quantile
from benchmarks.report import Row
from benchmarks.servers import Server

CLIENTS = 16


@dataclass
class Run:
    """What one run measures with, and what it has found.

    Attributes
    ----------
    seconds
        Of each load.
    seed
        Rises with every load, so that no text comes twice.
    """

    env: dict[str, str]
    folder: Path
    seconds: float
    long: bool
    threads: int = len(os.sched_getaffinity(0))
    seed: int = 1000
    rows: list[Row] = field(default_factory=list)

    def load(self, server: Server, path: str, shape: str, **more: Any) -> "Outcome":
        """Put a load on a server and wait for its end."""
        self.seed += 1
        wanted = Load(
            port=server.port,
            path=path,
            shape=shape,
            **{"clients": CLIENTS, "seconds": self.seconds, "seed": self.seed, **more},
        )
        came = answer_of("benchmarks.load", env=self.env, given=asdict(wanted))
        taken = {int(status): seconds for status, seconds in came["taken"].items()}
        return Outcome(came["seconds"], taken, came["broken"], wanted.posts)

    def add(self, *row: Any) -> None:
        """Keep a row of the table and show it."""
        self.rows.append(Row(*row))
        print(self.rows[-1].line(), flush=True)  # noqa: T201


@dataclass(frozen=True)
class Outcome:
    """What came back from a load."""

    seconds: float
    taken: dict[int, list[float]]
    broken: int
    posts: int

    @classmethod
    def together(cls, parts: Sequence["Outcome"]) -> "Outcome":
        """Return loads of one kind as if they had been one."""
        taken: dict[int, list[float]] = {}
        for part in parts:
            for status, seconds in part.taken.items():
                taken.setdefault(status, []).extend(seconds)
        whole = sum(part.seconds for part in parts)
        return cls(whole, taken, sum(part.broken for part in parts), parts[0].posts)

    @property
    def good(self) -> list[float]:
        """Seconds of the answers that were scores."""
        return self.taken.get(200, [])

    @property
    def rate(self) -> float:
        """Scores per second."""
        return self.posts * len(self.good) / self.seconds

    @property
    def p50(self) -> float:
        """Median of the seconds."""
        return median(self.good)

    @property
    def p95(self) -> float:
        """What 95 in a hundred stay below."""
        return quantile(self.good, 0.95)

    @property
    def others(self) -> dict[int, int]:
        """How many answers had another status than 200 and 429."""
        return {
            status: len(seconds)
            for status, seconds in self.taken.items()
            if status not in (200, 429)
        }
