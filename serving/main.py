"""`serve`: from an empty folder to a service that answers."""

import logging
import socket
from ipaddress import ip_address

import uvicorn

from features.account.store import HistoryStore
from features.errors import ConfigError
from models.registry import Registry
from serving.app import create_app
from serving.settings import Settings

log = logging.getLogger("prescore.serving")


def serve(settings: Settings) -> None:
    """Prepare the state folder, the history store and the starter models; then serve.

    Returns when the service was told to stop and has finished the work in hand.

    Raises
    ------
    PrescoreError
        When the port is taken, or the folder, the store or the registry cannot be prepared.
    """
    _log_to_terminal()
    with listen(settings.host, settings.port) as listener:
        address = address_of(listener)
        log.info("Preparing %s", settings.home.root)
        registry = prepare(settings)
        app = create_app(
            settings, lambda: registry, on_ready=lambda: log.info("Ready: %s", address)
        )
        log.info("Loading the models")
        server = uvicorn.Server(_config(app, settings))
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
    registry.ensure_starter()
    return registry


def listen(host: str, port: int) -> socket.socket:
    """Take the port; 0 takes any that is free.

    Raises
    ------
    ConfigError
        When it is taken, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as err:
        raise ConfigError(
            f"Cannot listen on {host} port {port}: {err.strerror}. Choose another with --port."
        ) from err
    if not ip_address(listener.getsockname()[0]).is_loopback:
        log.warning("Open to the network: whoever reaches %s can use the service.", host)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the URL of what listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _config(app: object, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=int(settings.limits.drain_seconds),
    )


def _log_to_terminal() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("prescore").setLevel(logging.INFO)
