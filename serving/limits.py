"""What stands between the wire and the handlers: the body limit and the security headers."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem, ProblemError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


DISCARDED = 20_000_000
"""Bytes of a refused body that are read and thrown away: a client that is still sending when the
connection closes loses the answer. One that sends more than this may lose it."""


class BodyLimit:
    """Refuses larger bodies with 413: by their declared length, else while reading them."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app on a body that is counted as it arrives."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.limit:
            await _discard(receive)
            await self._problem().response()(scope, receive, send)
            return
        await self.app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                if message.get("more_body", False):
                    await _discard(receive)
                raise ProblemError(self._problem())
            return message

        return counted

    def _problem(self) -> Problem:
        detail = f"The body is too large: at most {self.limit:,} bytes. Send fewer posts at once."
        return Problem(413, "too-large", detail, headers={"Connection": "close"})


async def _discard(receive: Receive) -> None:
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
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sealed if scope["type"] == "http" else send)
