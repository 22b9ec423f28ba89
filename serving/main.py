"""`serve`: from an empty folder to a service that answers."""

import logging

import uvicorn

from features.store import HistoryStore
from models.registry import Registry
from serving.app import create_app
from serving.settings import Settings


def serve(settings: Settings) -> None:
    """Prepare the state folder, the history store and the starter models; then serve.

    Returns when the service was told to stop and has finished the work in hand.

    Raises
    ------
    PrescoreError
        When the state folder, the store or the registry cannot be prepared.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    home = settings.home.prepare()
    HistoryStore(home.database_url)
    registry = Registry(home)
    registry.ensure_starter()
    app = create_app(settings, registry=lambda: registry)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=int(settings.limits.drain_seconds),
    )
    uvicorn.Server(config).run()
