"""What stands between the wire and the handlers: the body limit and the security headers."""

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import Metrics
from serving.policy import SECURITY_HEADERS
from serving.problems import Problem, ProblemError

HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
"""Sent over HTTPS alone: it would lock a browser out of a service that has no certificate."""

UNCACHED = {"Cache-Control": "no-store"}
"""For answers of the API: forecasts and figures of an account are nobody else's."""


DISCARDED = 20_000_000
"""Bytes of a refused body that are read and thrown away: a client that is still sending when the
connection closes loses the answer. One that sends more than this may lose it."""


class BodyLimit:
    """Refuses larger bodies with 413: by their declared length, else while reading them.

    Parameters
    ----------
    limit
        Largest body, in bytes.
    larger
        The same for paths that take more.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.limit = limit
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app on a body that is counted as it arrives."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.larger.get(scope["path"], self.limit)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await discard(receive)
            await _too_large(limit).response()(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            if message.get("more_body", False):
                await discard(receive)
            raise ProblemError(_too_large(limit))
        return message

    return counted


def _too_large(limit: int) -> Problem:
    detail = f"The body is too large: at most {limit:,} bytes. Send fewer posts at once."
    closing = {"Connection": "close"}
    return Problem(413, "too-large", detail, headers=closing, most_bytes=limit)


class Crowded:
    """Refuses drafts while too many wait, before anything of them is read: under a rush, saying no
    must cost next to nothing. Whatever else comes, and what slips in, the batcher refuses.
    """

    PATH = "/v1/score"

    def __init__(
        self, app: ASGIApp, refusal: Callable[[int], Problem | None], metrics: Metrics
    ) -> None:
        self.app = app
        self._refusal = refusal
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app unless a draft would not be taken in."""
        if scope["type"] == "http" and scope["path"] == self.PATH and scope["method"] == "POST":
            problem = self._refusal(1)
            if problem is not None:
                self._metrics.turned_away(problem.code)
                await problem.response()(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def discard(receive: Receive) -> None:
    """Read the body of a request that is refused, up to a limit, so that the answer arrives."""
    seen = 0
    while seen < DISCARDED:
        message = await receive()
        seen += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


class SecurityHeaders:
    """Adds the security headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; its responses carry the headers."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _sealing(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sealed if scope["type"] == "http" else send)


def _sealing(scope: Scope) -> dict[str, str]:
    return (
        SECURITY_HEADERS
        | (HTTPS_ONLY if scope["scheme"] == "https" else {})
        | (UNCACHED if scope["path"].startswith("/v1/") else {})
    )
