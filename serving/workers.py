"""Several processes behind one port: started, watched, replaced and told to stop by uvicorn.

This process does nothing else, and imports no model. A worker loads and warms its models before it
takes connections, so that a fresh one answers as the others do. It ends when this process is gone.
"""

import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING

from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from features.errors import ConfigError
from serving.listening import address_of, listen, server_config, share_the_cores
from serving.logs import log_to_terminal
from serving.metrics import SHARED
from serving.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger("prescore.serving")

SPAWN = get_context("spawn")


class Workers(Multiprocess):
    """The workers and what is left of those that died."""

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died, and take their share out of the metrics."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if pid is not None:
                log.error("Worker %d died; another takes its place.", pid)
                mark_process_dead(pid)  # type: ignore[no-untyped-call]


def serve(settings: Settings) -> None:
    """Prepare as `serving.main.serve` does, then serve with `settings.workers` processes.

    Raises
    ------
    PrescoreError
        When the port is taken, something cannot be prepared, or a worker cannot start.
    """
    log_to_terminal(settings.log_format)
    with listen(settings.host, settings.port) as listener, _shared_metrics():
        log.info("Preparing %s", settings.home.root)
        with ProcessPoolExecutor(1, mp_context=SPAWN) as once:
            once.submit(_prepare, settings).result()
        log.info("Starting %d workers", settings.workers)
        app = partial(_app, settings, address_of(listener), SPAWN.Event())
        config = server_config(app, settings, factory=True, workers=settings.workers)
        workers = Workers(config, [listener])
        workers.run()
        if any(process.exitcode == STARTUP_FAILURE for process in workers.processes):
            raise ConfigError("A worker could not start; the log says why.")
        log.info("Stopped: the work in hand was finished.")


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """A folder in which the workers keep their metrics together, for this run."""
    folder = tempfile.mkdtemp(prefix="prescore-metrics-")
    os.environ[SHARED] = folder
    try:
        yield
    finally:
        del os.environ[SHARED]
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(settings: Settings) -> None:
    from serving.main import check_exposure, prepare
    from serving.tracing import send_where_told

    log_to_terminal(settings.log_format)
    # Workers do so again; what keeps them from it is one line for a person here.
    send_where_told()
    check_exposure(settings)
    prepare(settings)


def _app(settings: Settings, address: str, announced: Event) -> "FastAPI":
    """Make the app of a worker; runs there."""
    from serving.app import create_app
    from serving.tracing import send_where_told

    log_to_terminal(settings.log_format)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def ready() -> None:
        log.info("Worker %d is ready", os.getpid())
        if not announced.is_set():
            announced.set()
            log.info("Ready: %s", address)

    send_where_told()
    share_the_cores()
    return create_app(settings, on_ready=ready)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
