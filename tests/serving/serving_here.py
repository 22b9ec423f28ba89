"""An app behind a real socket, and the whole service in processes of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

import uvicorn

from models.settings import Home


class Served:
    """An app behind a real socket, in a thread."""

    def __init__(self, app: Any, config: uvicorn.Config | None = None) -> None:
        config = config or uvicorn.Config(app, log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> int:
        self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


READY = re.compile(r"Ready: (http://127\.0\.0\.1:(\d+))$")


def read_until_ready(log: IO[str]) -> tuple[str, str]:
    """Read what a service says until it is ready; return its address, and what was read."""
    lines: list[str] = []
    for line in log:
        lines.append(line)
        if found := READY.search(line.rstrip()):
            return found[1], "".join(lines)
    raise AssertionError("".join(lines))


class ServedElsewhere:
    """`prescore serve` as it is run, on a port of its own; `log` grows while it runs."""

    def __init__(self, home: Home, *options: str) -> None:
        environment = {**os.environ, "PRESCORE_HOME": str(home.root), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "cli.main", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self.log: list[str] = []
        self.port = 0
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if found := READY.search(line.rstrip()):
                self.port = int(found[2])
                self._ready.set()
        self._ready.set()

    def __enter__(self) -> "ServedElsewhere":
        self._reader.start()
        self._ready.wait(300)
        if not self.port:
            self.__exit__()
            raise AssertionError("".join(self.log))
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return json.load(answer)

    def metrics(self) -> str:
        """All metrics as text."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=60) as answer:
            return str(answer.read().decode())

    def children(self) -> list[int]:
        """Processes that answer, where there are several."""
        pid = self.process.pid
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return [
            int(pid) for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
