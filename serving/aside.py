"""Work that may wait: explanations, past posts and hours, in steps between those of scoring."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Any

from models.stepwise import Steps

EVERY = 4
"""Steps of scoring after which waiting work has a turn, however many drafts come in."""


@dataclass(eq=False, slots=True)
class Errand:
    """Work of one request, and who waits for it."""

    work: Steps[Any]
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    dropped: bool = False


class Aside:
    """Errands in turn; the owner's lock guards `add`, `leave` and `take`."""

    def __init__(self) -> None:
        self._waiting: deque[Errand] = deque()
        self._scored = 0

    def __len__(self) -> int:
        """Errands that wait for their next step."""
        return len(self._waiting)

    def add(self, errand: Errand) -> None:
        """Queue an errand."""
        self._waiting.append(errand)

    def leave(self, errand: Errand) -> None:
        """Forget an errand, whatever ended it."""
        errand.dropped = True
        with contextlib.suppress(ValueError):
            self._waiting.remove(errand)

    def take(self, scoring: bool) -> Errand | None:
        """Return the errand whose turn it is; None while scoring goes first.

        Parameters
        ----------
        scoring
            Whether posts wait to be scored.
        """
        self._scored += scoring
        if not self._waiting or (scoring and self._scored < EVERY):
            return None
        self._scored = 0
        return self._waiting.popleft()


def step(errand: Errand) -> bool:
    """Do one step of an errand; whether there is more.

    Raises
    ------
    Exception
        Whatever the work raised; who waits has to be told.
    """
    try:
        next(errand.work)
    except StopIteration as end:
        settle(errand, end.value, None)
        return False
    return not errand.dropped


def settle(errand: Errand, value: Any, failure: Exception | None) -> None:
    """Give whoever waits the value or the failure."""

    def tell() -> None:
        if errand.future.done():
            return
        if failure is not None:
            errand.future.set_exception(failure)
        else:
            errand.future.set_result(value)

    # A loop that is closed has nobody left who waits.
    with contextlib.suppress(RuntimeError):
        errand.loop.call_soon_threadsafe(tell)
