"""The port and the server on it; light to import, for whoever only minds the workers."""

import socket
import sys
from functools import partial
from typing import Any

import uvicorn

from features.errors import ConfigError
from serving.settings import Limits, Settings
from serving.wire import PatientProtocol

SWITCH_SECONDS = 0.001
"""How soon a thread that computes in Python lets another have its turn: Python's own five
milliseconds are most of a draft's answer."""

THIS_MACHINE = ("127.0.0.1", "::1")
"""Where a proxy on this machine comes from; it is believed unasked."""


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
            f"Cannot listen on {host} port {port}: {err.strerror}. Choose another with --port, "
            "or with make serve PORT=8080."
        ) from err
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the URL of what listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    """Return how the server runs an app, or with `factory=True` what makes one."""
    return uvicorn.Config(
        app,
        http=patient(settings.limits),
        ws="none",
        timeout_worker_healthcheck=15,
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=int(settings.limits.drain_seconds),
        forwarded_allow_ips=[*THIS_MACHINE, *settings.access.proxies],
        **more,
    )


def patient(limits: Limits) -> Any:
    """Return the protocol that waits for slow clients, but not for ever."""
    return partial(PatientProtocol, limits=limits)


def share_the_cores() -> None:
    """Let the lanes of the model be the only threads that compute, and the others have their turn.

    numpy's linear algebra would start as many threads again as there are cores, in every lane.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    sys.setswitchinterval(SWITCH_SECONDS)
