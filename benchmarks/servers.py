"""The services under test, each in a process of its own: started, timed, weighed and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

BIN = Path(sys.executable).parent
PATIENCE = 180.0


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Server:
    """A service that runs while the block lasts.

    Attributes
    ----------
    start_seconds
        From its start until `ready` answered 200.
    """

    def __init__(
        self, command: Sequence[str], port: int, ready: str, env: Mapping[str, str], log: Path
    ) -> None:
        self.port = port
        self.start_seconds = 0.0
        self._command = list(command)
        self._ready = f"http://127.0.0.1:{port}{ready}"
        self._env = dict(env)
        self._log = log

    def __enter__(self) -> Self:
        began = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        while not self._answers():
            if self._process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"{self._command[0]} did not start; see {self._log}")
            time.sleep(0.05)
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urlopen(self._ready, timeout=5) as answer:
                return int(answer.status) == 200
        except (URLError, OSError):
            return False

    def memory_mb(self) -> float:
        """Resident memory of the largest of its processes."""
        return max(_resident(pid) for pid in self._family())

    def metric(self, name: str) -> float:
        """One of its Prometheus metrics."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    def carries(self, name: str) -> bool:
        """Whether a library is in the memory of any of its processes."""
        maps = (Path(f"/proc/{pid}/maps").read_text(encoding="utf-8") for pid in self._family())
        return any(name in text for text in maps)

    def _family(self) -> list[int]:
        found = [self._process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            found += [int(child) for child in children.read_text(encoding="ascii").split()]
        return found


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def prescore(env: Mapping[str, str], logs: Path) -> Server:
    """`prescore serve`, as anybody runs it."""
    port = free_port()
    command = [sys.executable, "-m", "cli.main", "serve", "--port", str(port)]
    return Server(command, port, "/readyz", env, logs / "prescore.log")


def mlflow(env: Mapping[str, str], logs: Path, address: str) -> Server:
    """`mlflow models serve` of a registered version."""
    port = free_port()
    command = [str(BIN / "mlflow"), "models", "serve", "-m", address, "--env-manager", "local"]
    env = {**env, "PATH": f"{BIN}{os.pathsep}{env.get('PATH', '')}"}
    return Server([*command, "-p", str(port)], port, "/ping", env, logs / "mlflow.log")


def plain(env: Mapping[str, str], logs: Path, model: Path) -> Server:
    """The thirty lines of `benchmarks.plain_service`."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.plain_service:app"]
    env = {**env, "PLAIN_MODEL": str(model)}
    return Server(
        [*command, "--port", str(port), "--no-access-log"],
        port,
        "/healthz",
        env,
        logs / "plain.log",
    )
