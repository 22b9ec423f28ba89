"""The app: what is made at start, kept while it runs, and closed at the end."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.cors import CORSMiddleware

from features.database import Database
from serving import page
from serving.access.buckets import Buckets
from serving.access.door import Door
from serving.access.keyring import Keyring
from serving.access.settings import is_loopback
from serving.access.store import KeyStore
from serving.api import docs, health, insight, models, receipts, score, session
from serving.batching import Batcher
from serving.champions import Champions, Registry
from serving.deps import Desk
from serving.embeddings import RecentEmbeddings
from serving.limits import BodyLimit, Crowded, SecurityHeaders
from serving.metrics import Metrics
from serving.naming import RequestNames
from serving.page import importing
from serving.pasts import PastReader, Store
from serving.problems import LastResort, install
from serving.receipts.keeper import Keeper
from serving.receipts.store import ReceiptStore
from serving.settings import Settings
from serving.tracing import Tracing
from serving.turns import Turns
from serving.watching import RequestMetrics

log = logging.getLogger("prescore.serving")

API_VERSION = "1"
"""Of the addresses under /v1; which prescore it is, is nobody's business on the network."""

KEYS_LOCK_SECONDS = 1.0
RECEIPTS_DRAIN_SECONDS = 10.0

DESCRIPTION = (
    "Forecasts a post before it is published: how strongly it moves people, and how far it "
    "travels by its account's own standard. Every score has a 90% interval; where there is no "
    "ground to stand on, the answer is a reasoned refusal. No forecast can promise virality."
)


ROUTERS = (
    *(score.router, insight.router, models.router, health.router, session.router, receipts.router),
    *(docs.router, page.router),
)
CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "X-Request-ID"],
    "expose_headers": ["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"],
}
"""For the pages of named origins; they bring a key, never the cookie of our own page."""


def create_app(
    settings: Settings,
    registry: Callable[[], Registry] | None = None,
    store: Callable[[], Store] | None = None,
    on_ready: Callable[[], None] | None = None,
) -> FastAPI:
    """Make the app; nothing is loaded or opened before it starts.

    Parameters
    ----------
    settings
        Where the state lives, and the limits.
    registry, store
        Open the model registry and the history store; those of `settings.home` by default.
    on_ready
        Called once, when the first models are warm.
    """
    desk = make_desk(settings, registry, store)
    app = FastAPI(
        title="prescore",
        version=API_VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _: _running(desk, on_ready),
    )
    app.state.desk = desk
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("serving.page", "static")]), name="static")
    docs.describe(app)
    install(app)
    app.add_exception_handler(404, page.lost)
    # The last one added is the outermost.
    larger = {importing.PATH: importing.MOST_BYTES}
    app.add_middleware(BodyLimit, limit=settings.limits.body_bytes, larger=larger)
    app.add_middleware(
        Door,
        keyring=desk.keyring,
        origins=settings.access.origins,
        only_here=is_loopback(settings.host) and not settings.access.open_to_network,
    )
    app.add_middleware(Crowded, refusal=desk.batcher.refusal, metrics=desk.metrics)
    app.add_middleware(LastResort)
    if settings.access.origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.access.origins, **CORS)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, metrics=desk.metrics)
    app.add_middleware(Tracing)
    app.add_middleware(RequestNames)
    return app


def make_desk(
    settings: Settings,
    registry: Callable[[], Registry] | None = None,
    store: Callable[[], Store] | None = None,
) -> Desk:
    """Put together what one app holds."""
    metrics = Metrics()
    encode = RecentEmbeddings(settings.embedding_cache, metrics).encode
    lanes = settings.model_threads
    return Desk(
        settings=settings,
        metrics=metrics,
        champions=Champions(registry or _registry_of(settings), metrics, encode),
        batcher=Batcher(settings.limits, settings.batch_characters, metrics, lanes),
        pasts=PastReader(store or _store_of(settings), metrics),
        encode_past=RecentEmbeddings(settings.past_embedding_cache, metrics).encode,
        keyring=Keyring(_keys_of(settings), always=_always_asks(settings)),
        buckets=Buckets(settings.home.root / "rates"),
        keeper=_keeper_of(settings, metrics),
        drafts=Turns(settings.limits.queued_tables, metrics),
        imports=Turns(settings.limits.queued_imports, metrics),
        recomputes=Turns(settings.limits.queued_recomputes, metrics),
    )


@contextlib.asynccontextmanager
async def _running(
    desk: Desk, on_ready: Callable[[], None] | None
) -> AsyncIterator[dict[str, Any]]:
    desk.batcher.start()
    await desk.keyring.read_now()
    if desk.keeper is not None:
        desk.keeper.start()
    if desk.settings.workers > 1:
        # The others answer meanwhile: a worker that cannot score yet should take no request.
        await asyncio.to_thread(desk.champions.refresh)
    following = asyncio.create_task(_follow(desk, on_ready))
    try:
        yield {"turned_away": desk.metrics.turned_away}
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await asyncio.to_thread(desk.batcher.close)
        if desk.keeper is not None:
            await asyncio.to_thread(desk.keeper.close, RECEIPTS_DRAIN_SECONDS)
        desk.pasts.close()
        desk.keyring.close()
        desk.buckets.close()


async def _follow(desk: Desk, on_ready: Callable[[], None] | None) -> None:
    """Keep the champions current; the loop itself never waits for the registry."""
    while True:
        await asyncio.to_thread(desk.champions.refresh)
        if on_ready and desk.champions.state.scorer:
            on_ready()
            on_ready = None
        await asyncio.sleep(desk.settings.poll_seconds)


def _registry_of(settings: Settings) -> Callable[[], Registry]:
    def connect() -> Registry:
        # The library behind it takes seconds to import; the service answers meanwhile.
        from models.registry import Registry as MlflowRegistry

        return MlflowRegistry(settings.home)

    return connect


def _always_asks(settings: Settings) -> bool:
    """Where others can reach it, a key is asked for unless it was said that none is."""
    return not (is_loopback(settings.host) or settings.access.open_to_network)


def _keys_of(settings: Settings) -> Callable[[], KeyStore]:
    def connect() -> KeyStore:
        return KeyStore(Database(settings.home.database_url, KEYS_LOCK_SECONDS, held=False))

    return connect


def _keeper_of(settings: Settings, metrics: Metrics) -> Keeper | None:
    if settings.receipt_days is None:
        return None

    def connect() -> ReceiptStore:
        return ReceiptStore(Database(settings.home.database_url))

    return Keeper(connect, metrics, settings.receipt_days)


def _store_of(settings: Settings) -> Callable[[], Store]:
    def connect() -> Store:
        from features.account.store import HistoryStore

        return HistoryStore(settings.home.database_url)

    return connect
