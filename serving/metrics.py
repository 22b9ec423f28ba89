"""Prometheus metrics of one app; no label ever holds a text.

One process keeps them in a registry of its own. Several workers share them through the files of
`PROMETHEUS_MULTIPROC_DIR`, which `serving.workers` sets: whichever worker is asked answers for all.
"""

import os
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from models.score import Provenance, Score

SHARED = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
POSTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
STAGES = ("queue", "features", "encode", "predict", "explain")


class ChampionMetrics:
    """What is told of the versions that score, and of the registry that they come from."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._serving: set[tuple[str, str, str]] = set()
        self._swaps = Counter(
            "prescore_swaps", "Champions taken over.", ("result",), registry=registry
        )
        self._models = Gauge(
            "prescore_model_info",
            "Workers that score with this version now.",
            ("kind", "name", "version"),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.registry_reachable = Gauge(
            "prescore_registry_reachable",
            "Whether the registry answered when last asked.",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def swapped(self, provenance: Provenance) -> None:
        """Count a takeover and name the versions that score now."""
        self._swaps.labels("taken_over").inc()
        for gone in self._serving:
            self._models.labels(*gone).set(0)
        self._serving = {
            (kind, model.name, model.version)
            for kind, model in (("emotion", provenance.emotion), ("share", provenance.share))
        }
        for now in self._serving:
            self._models.labels(*now).set(1)

    def swap_refused(self) -> None:
        """Count a version that was not fit to take over."""
        self._swaps.labels("refused").inc()


class Metrics:
    """What one app counts and times."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self._requests = counter(
            "prescore_requests", "Requests answered.", ("method", "route", "status")
        )
        self._latency = histogram(
            "prescore_request_seconds",
            "Time from the first byte to the answer.",
            ("route",),
            buckets=SECONDS,
        )
        self._stages = histogram(
            "prescore_stage_seconds",
            "Time in a stage: queue (a request), features, encode, predict, explain (a step).",
            ("stage",),
            buckets=SECONDS,
        )
        self._steps = histogram(
            "prescore_step_posts", "Posts that went through the model together.", buckets=POSTS
        )
        self._posts = counter("prescore_posts", "Posts scored or refused.", ("status", "reason"))
        self._turned_away = counter(
            "prescore_turned_away",
            "Requests that were not answered with a score, by reason.",
            ("reason",),
        )
        self._cache = counter(
            "prescore_cache_texts",
            "Texts whose embedding was at hand (hit) or was not (miss).",
            ("result",),
        )
        self.champions = ChampionMetrics(self.registry)
        self._history = counter(
            "prescore_history_failures",
            "Requests scored without history because the store failed.",
        )
        self.unfinished = gauge(
            "prescore_unfinished_posts", "Posts waiting or in work.", multiprocess_mode="livesum"
        )
        self.receipts = counter(
            "prescore_receipts",
            "Receipts kept, dropped for want of room, and writes that failed.",
            ("result",),
        )
        for stage in STAGES:
            self._stages.labels(stage)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Time one stage."""
        self._stages.labels(name).observe(seconds)

    def step(self, posts: int) -> None:
        """Count a step's posts."""
        self._steps.observe(posts)

    def scored(self, scores: list[Score]) -> None:
        """Count posts by what became of them."""
        for score in scores:
            reason = score.refusal.code if score.refusal else ""
            self._posts.labels(score.status, reason).inc()

    def turned_away(self, reason: str) -> None:
        """Count a request that got no score: queue-full, too-slow, client-gone, slow-client."""
        self._turned_away.labels(reason).inc()

    def cached(self, hits: int, texts: int) -> None:
        """Count texts whose embedding was at hand, of all that were asked for."""
        self._cache.labels("hit").inc(hits)
        self._cache.labels("miss").inc(texts - hits)

    def history_failed(self) -> None:
        """Count a request that was scored without its history."""
        self._history.inc()

    def exposition(self) -> bytes:
        """Return all metrics in the text format: of all workers where there are several."""
        if SHARED not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
