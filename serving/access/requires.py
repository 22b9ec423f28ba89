"""What a router asks of its callers: `dependencies=[Depends(Requires("score"))]`."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from serving.access import refusals
from serving.access.buckets import Buckets
from serving.access.keyring import Caller
from serving.access.keys import SCOPES
from serving.problems import ProblemError

BEARER = HTTPBearer(
    scheme_name="key",
    auto_error=False,
    description="A key from `prescore keys create`. Not asked for where none was ever made.",
)


async def caller(request: Request) -> Caller:
    """Return who asks; not in a thread, which costs a switch.

    Raises
    ------
    ProblemError
        401 when nobody knows.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        raise ProblemError(refusals.no_key())
    return known


CallerDep = Annotated[Caller, Depends(caller)]


class Requires:
    """Lets callers pass whose key is good for a scope, and not faster than it may.

    Parameters
    ----------
    scope
        One of `serving.access.keys.SCOPES`.
    """

    def __init__(self, scope: str) -> None:
        assert scope in SCOPES
        self.scope = scope

    async def __call__(
        self, request: Request, who: CallerDep, _: Annotated[object, Security(BEARER)]
    ) -> Caller:
        """Return the caller.

        Raises
        ------
        ProblemError
            401 when nobody knows who asks, 403 when the key lacks the scope, 429 when it asks too
            often.
        """
        if not who.allows(self.scope):
            raise ProblemError(refusals.lacks(self.scope))
        if who.key is not None and who.key.per_minute is not None:
            buckets: Buckets = request.app.state.desk.buckets
            taken = request.state.taken = buckets.take(who.key.id, who.key.per_minute)
            if not taken.allowed:
                raise ProblemError(refusals.too_fast(taken))
        return who
