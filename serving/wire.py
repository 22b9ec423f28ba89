"""HTTP on the wire: uvicorn's protocol, with an end to its patience.

Without one, a client that sends a byte a minute, or never fetches its answer, holds a connection
and what it has sent for as long as it likes.
"""

import asyncio
import json
from itertools import chain
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.policy import SECURITY_HEADERS
from serving.settings import Limits

REFUSAL_HEADERS = {
    "Content-Type": "application/problem+json",
    **SECURITY_HEADERS,
    "Connection": "close",
}


class HeadTooLongError(Exception):
    """Stops the parser at the end of a head that is too long."""


class PatientProtocol(HttpToolsProtocol):
    """Ends a connection whose request takes too long to arrive, or whose answer to leave.

    Parameters
    ----------
    limits
        `arrival_seconds`, `departure_seconds` and `head_bytes` are kept here.
    """

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._within(self._limits.arrival_seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._enough()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the head may be so long, and take its time only once."""
        if self._timer is None and self._at_rest():
            self._within(self._limits.arrival_seconds, self._late)
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._is_too_long():
            self._refuse_head()

    def on_headers_complete(self) -> None:
        """Note that what follows is the body, unless the head is too long.

        Raises
        ------
        HeadTooLongError
            To the parser, which then asks for `send_400_response`.
        """
        self._in_head = False
        # What came with it may be a body, or the end of the request before.
        self._head_bytes = len(self.url) + sum(map(len, chain.from_iterable(self.headers)))
        if self._is_too_long():
            raise HeadTooLongError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here; now its answer has to be made and fetched in time."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_complete()
        self._await_departure()

    def on_response_complete(self) -> None:
        """One answer is on its way; the next of a pipeline may be due."""
        self._enough()
        super().on_response_complete()
        self._await_departure()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Say what is wrong with what the parser did not take."""
        if not self._in_head and self._is_too_long():
            self._refuse_head()
        else:
            self._refuse(400, "Bad Request", "This is no HTTP request.")

    def _is_too_long(self) -> bool:
        return self._head_bytes > self._limits.head_bytes

    def _refuse_head(self) -> None:
        self._refuse(431, "Request Header Fields Too Large", "The headers are too long.")

    def _at_rest(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_departure(self) -> None:
        if not self._at_rest():
            limits = self._limits
            seconds = limits.request_seconds + limits.departure_seconds
            self._within(seconds, self._not_departed)

    def _not_departed(self) -> None:
        """Hang up, unless all that there is of an answer was fetched: then it is still made.

        An import tells how far it got for as long as it takes.
        """
        # Where requests wait, `cycle` is the last of them, and tells nothing of the one in work.
        begun = bool(self.pipeline) or (self.cycle is not None and self.cycle.response_started)
        if begun and not self.transport.get_write_buffer_size():
            self._within(self._limits.departure_seconds, self._not_departed)
        else:
            self.transport.abort()

    def _within(self, seconds: float, otherwise: Any) -> None:
        self._enough()
        self._timer = self.loop.call_later(seconds, otherwise)

    def _enough(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._count("slow-client")
        self._refuse(408, "Request Timeout", "The request took too long to arrive.")

    def _count(self, reason: str) -> None:
        turned_away = self.app_state.get("turned_away")
        if turned_away is not None:
            turned_away(reason)

    def _refuse(self, status: int, title: str, detail: str) -> None:
        """Say why, unless an answer has begun already, and hang up."""
        if self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(_refusal(status, title, detail))
        self.transport.close()


def _refusal(status: int, title: str, detail: str) -> bytes:
    """A whole answer with a problem document: no app is asked for it, which would seal it."""
    code = title.lower().replace(" ", "-")
    content = {
        "type": f"urn:prescore:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    body = json.dumps(content).encode()
    headers = REFUSAL_HEADERS | {"Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} {title}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
