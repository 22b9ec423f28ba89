"""The door: who asks is settled before a byte of the body is read."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access import refusals
from serving.access.buckets import Taken
from serving.access.keyring import Caller, Keyring
from serving.context import CALLER
from serving.limits import discard
from serving.problems import Problem, UnavailableError, unavailable

SESSION_COOKIE = "prescore_session"
SESSION_PATH = "/v1/session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


class Door:
    """Finds out who asks, and turns away whom no handler would serve.

    Leaves the caller in `request.state.caller`, None for nobody; `serving.access.requires` asks for
    it. What a handler leaves in `request.state.taken` goes out as RateLimit headers.

    Parameters
    ----------
    origins
        Other sites whose pages may call.
    only_here
        Whether it is meant for this machine alone, as long as no key was made.
    """

    def __init__(
        self, app: ASGIApp, keyring: Keyring, origins: tuple[str, ...], only_here: bool
    ) -> None:
        self.app = app
        self._keyring = keyring
        self._origins = origins
        self._only_here = only_here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app for a caller who may come in."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        problem = await self._problem(scope, state)
        if problem is not None:
            await discard(receive)
            await problem.response()(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and "taken" in state:
                _tell(MutableHeaders(scope=message), state["taken"])
            await send(message)

        await self.app(scope, receive, told)

    async def _problem(self, scope: Scope, state: dict[str, object]) -> Problem | None:
        headers = Headers(scope=scope)
        unsafe = scope["method"] not in SAFE
        if unsafe and self._is_of_another_site(headers):
            return refusals.another_site()
        try:
            asked = await self._keyring.asks()
            caller = await self._caller(headers) if asked else Caller()
        except UnavailableError as err:
            return None if _is_for_everybody(scope) else unavailable(err)
        state["caller"] = caller
        CALLER.set(caller.key.id if caller and caller.key else None)
        if self._only_here and not asked and _is_public_name(headers.get("host", "")):
            return refusals.another_name()
        if caller is None and not _is_for_everybody(scope):
            return refusals.bad_key() if "authorization" in headers else refusals.no_key()
        return None

    async def _caller(self, headers: Headers) -> Caller | None:
        if bearer := _BEARER.fullmatch(headers.get("authorization", "").strip()):
            return await self._keyring.of_key(bearer[1])
        token = cookie_parser(headers.get("cookie", "")).get(SESSION_COOKIE)
        return await self._keyring.of_session(token) if token else None

    def _is_of_another_site(self, headers: Headers) -> bool:
        """Only browsers say where a request comes from, and they say it truly."""
        origin = headers.get("origin")
        if origin in self._origins:
            return False
        if site := headers.get("sec-fetch-site"):
            return site not in ("same-origin", "none")
        return origin is not None and not _is_at(origin, headers.get("host"))


def _is_for_everybody(scope: Scope) -> bool:
    """Pages, their assets and the signs of life; what they show is asked for on its own."""
    path: str = scope["path"]
    if path == SESSION_PATH:
        return True
    return scope["method"] in SAFE and not path.startswith("/v1/") and path != "/metrics"


def _is_at(origin: str, host: str | None) -> bool:
    """Whether an origin is where the request was sent to; one that cannot be read is not."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def _is_public_name(host: str) -> bool:
    """Whether a Host header holds a name of the internet, or none that can be read.

    A page of another site can have its own name point to this machine ("DNS rebinding"); the
    browser then takes the service for a part of that site.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return True
    try:
        ip_address(name)
    except ValueError:
        return "." in name.rstrip(".") and not name.endswith(".localhost")
    return False


def _tell(headers: MutableHeaders, taken: Taken) -> None:
    """Say how much of the rate is left (IETF draft, "RateLimit header fields for HTTP")."""
    headers["RateLimit-Policy"] = f'"key";q={taken.quota};w=60'
    headers["RateLimit"] = f'"key";r={taken.left};t={taken.wait:.0f}'
