"""The load: clients in a process of their own that do little else than send what lies ready.

python -m benchmarks.load     reads one `Load` as JSON from standard input, prints what came back

A client keeps its connection and asks again as soon as it has its answer; with `rate`, requests
leave by the clock instead, whatever the answers do.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from benchmarks.posts import bodies, stream_of


@dataclass(frozen=True)
class Load:
    """What is to be asked.

    Attributes
    ----------
    shape
        `post` (our single), `batch` (ours), `frame` (MLflow's), `text` (the plain service's).
    posts
        In a request.
    most
        Requests that lie ready; the run ends early when they are used up.
    rate
        Requests a second; 0 leaves it to the answers.
    account
        Whose posts they are; empty for nobody's.
    """

    port: int
    path: str
    shape: str
    clients: int
    seconds: float
    seed: int
    posts: int = 1
    most: int = 4000
    rate: float = 0.0
    account: str = ""


@dataclass
class Came:
    """What came back: seconds of each answered request by status, and what broke."""

    seconds: float = 0.0
    taken: dict[int, list[float]] = field(default_factory=dict)
    broken: int = 0


def requests_of(load: Load) -> list[bytes]:
    """Return whole requests, no text twice."""
    stream = stream_of(load.seed)
    return [_request(load, list(islice(stream, load.posts))) for _ in range(load.most)]


def _request(load: Load, texts: list[str]) -> bytes:
    posts = bodies(texts, load.account)
    shapes: dict[str, Any] = {
        "post": posts[0],
        "batch": {"posts": posts},
        "frame": {"dataframe_records": posts},
        "text": {"text": texts[0]},
    }
    body = json.dumps(shapes[load.shape]).encode()
    head = (
        f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run(load: Load) -> Came:
    """Send and count."""
    came = Came()
    ready = iter(requests_of(load))
    began = time.perf_counter()
    moments = _moments(load.rate, began) if load.rate else None
    clients = [
        _client(load, ready, began + load.seconds, came, moments) for _ in range(load.clients)
    ]
    await asyncio.gather(*clients)
    came.seconds = time.perf_counter() - began
    return came


def _moments(rate: float, began: float) -> Iterator[float]:
    number = 0
    while True:
        yield began + number / rate
        number += 1


async def _client(
    load: Load,
    ready: Iterator[bytes],
    until: float,
    came: Came,
    moments: Iterator[float] | None,
) -> None:
    wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while time.perf_counter() < until:
        request = next(ready, None)
        if request is None:
            break
        if moments is not None:
            await asyncio.sleep(next(moments) - time.perf_counter())
        began = time.perf_counter()
        try:
            if wire is None:
                wire = await asyncio.open_connection("127.0.0.1", load.port)
            status = await _ask(*wire, request)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            came.broken += 1
            wire = None
            continue
        came.taken.setdefault(status, []).append(time.perf_counter() - began)
    if wire is not None:
        wire[1].close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    place = lowered.index(b"content-length:") + 15
    length = int(lowered[place : lowered.index(b"\r", place)])
    await reader.readexactly(length)
    return int(head[9:12])


def main() -> None:
    """Do what standard input says."""
    came = asyncio.run(run(Load(**json.load(sys.stdin))))
    print(json.dumps(asdict(came)))  # noqa: T201


if __name__ == "__main__":
    main()
