"""`serve`: from an empty folder to a service that answers."""

import logging
from contextlib import closing
from datetime import UTC, datetime

import uvicorn

from features.account.store import HistoryStore
from features.database import Database
from features.errors import ConfigError
from models.registry import Registry
from models.shipped import ensure_starter
from serving.access.settings import is_loopback
from serving.access.store import KeyStore
from serving.app import create_app
from serving.listening import address_of, listen, server_config, share_the_cores
from serving.logs import log_to_terminal
from serving.settings import Settings
from serving.tracing import send_where_told

log = logging.getLogger("prescore.serving")


def serve(settings: Settings) -> None:
    """Prepare the state folder, the history store and the starter models; then serve.

    Returns when the service was told to stop and has finished the work in hand.

    Raises
    ------
    PrescoreError
        When the port is taken, or the folder, the store or the registry cannot be prepared.
    """
    log_to_terminal(settings.log_format)
    share_the_cores()
    if send_where_told():
        log.info("Spans are sent where OTEL_EXPORTER_OTLP_ENDPOINT says.")
    with listen(settings.host, settings.port) as listener:
        address = address_of(listener)
        log.info("Preparing %s", settings.home.root)
        check_exposure(settings)
        registry = prepare(settings)
        app = create_app(
            settings, lambda: registry, on_ready=lambda: log.info("Ready: %s", address)
        )
        log.info("Loading the models")
        server = uvicorn.Server(server_config(app, settings))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            # Raised once the work in hand is done; pressed twice, it is not waited for.
            if server.force_exit:
                raise
        log.info("Stopped: the work in hand was finished.")


def prepare(settings: Settings) -> Registry:
    """Make what is missing under the state folder, and return the registry."""
    home = settings.home.prepare()
    HistoryStore(home.database_url).close()
    registry = Registry(home)
    ensure_starter(registry)
    return registry


def check_exposure(settings: Settings) -> None:
    """See to it that nobody is let in from the network by oversight, and say who is.

    Raises
    ------
    ConfigError
        When others could reach the service, no key was ever made, and nobody said that it is meant.
    """
    with closing(KeyStore(Database(settings.home.prepare().database_url))) as store:
        keys = store.all()
    live = sum(key.is_live(datetime.now(UTC)) for key in keys)
    if keys:
        log.info("Callers need a key; %d are good. See `prescore keys list`.", live)
    elif is_loopback(settings.host):
        log.info("Open to this machine: no key is needed.")
    elif settings.access.open_to_network:
        log.warning("Open to the network: whoever reaches %s can use the service.", settings.host)
    else:
        raise ConfigError(
            f"Refused to listen on {settings.host}: whoever reaches it could use the service. "
            "Create a key with `prescore keys create NAME`, or say --open-to-network."
        )
