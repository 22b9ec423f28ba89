"""The versions that score now, and how a newly promoted one takes over without a pause."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from features.errors import PrescoreError
from models import canary
from models.scorer import Encode, Scorer
from models.versions import CHAMPION, EMOTION_NAME, SHARE_NAME, Loaded, Version
from serving.metrics import Metrics
from serving.problems import StillLoadingError, log_failure

log = logging.getLogger("prescore.serving")

NAMES = (EMOTION_NAME, SHARE_NAME)
RETRY_SECONDS = 60.0
"""A refused version is tried again after this: its files may have been restored."""


class Registry(Protocol):
    """The part of `models.registry.Registry` that serving needs."""

    def resolve(self, address: str) -> Version:
        """Return the version that an address stands for."""

    def load(self, address: str) -> Loaded:
        """Bring a version into memory."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that was not fit to take over."""

    version: str
    why: str
    at: datetime

    def to_json(self) -> dict[str, str]:
        """Return the refusal as it stands in `/readyz`."""
        return {
            "version": self.version,
            "why": self.why,
            "at": self.at.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, slots=True)
class State:
    """What serves, and what stands in the way of something newer.

    Attributes
    ----------
    canary
        Largest difference between what the canaries score and what was recorded; None where
        nothing was recorded.
    trouble
        Why the registry could not be asked when last tried.
    """

    scorer: Scorer | None = None
    loaded: tuple[Loaded, ...] = ()
    canary: float | None = None
    since: datetime | None = None
    refusal: Refusal | None = None
    trouble: str | None = None


class Champions:
    """Holds the scorer of the champion versions and replaces it when an alias moves.

    All of it may be used from any thread.

    Parameters
    ----------
    connect
        Opens the registry; called on first use, since the library behind it is slow to import.
    encode
        How texts become embeddings.
    """

    def __init__(
        self,
        connect: Callable[[], Registry],
        metrics: Metrics,
        encode: Encode | None = None,
    ) -> None:
        self._connect = connect
        self._registry: Registry | None = None
        self._metrics = metrics
        self._encode = encode
        self._state = State()
        self._refreshing = threading.Lock()
        self._retry_at = 0.0
        self._refused: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The state as it is now; a frozen value."""
        return self._state

    @property
    def scorer(self) -> Scorer:
        """The scorer of the champions.

        Raises
        ------
        StillLoadingError
            Until the first champions are loaded.
        """
        scorer = self._state.scorer
        if scorer is None:
            raise StillLoadingError("The models are not loaded yet. See /readyz.")
        return scorer

    @property
    def registry(self) -> Registry:
        """The registry, opened on first use.

        Raises
        ------
        PrescoreError
            When it cannot be opened.
        """
        with self._refreshing:
            if self._registry is None:
                self._registry = self._connect()
            return self._registry

    def refresh(self) -> bool:
        """Look at the aliases; load and take over what is new. Return whether it took over.

        Nothing that goes wrong here touches the scorer in service.
        """
        with self._refreshing:
            return self._refresh()

    def _refresh(self) -> bool:
        try:
            wanted = self._wanted()
        except Exception as err:  # noqa: BLE001 - whatever a registry does, the champions serve on
            self._unanswered(err)
            return False
        self._metrics.champions.registry_reachable.set(1)
        if wanted == tuple(loaded.version.uri for loaded in self._state.loaded):
            self._state = replace(self._state, trouble=None, refusal=None)
            return False
        if wanted == self._refused and time.monotonic() < self._retry_at:
            self._state = replace(self._state, trouble=None)
            return False
        return self._take_over(wanted)

    def _wanted(self) -> tuple[str, ...]:
        if self._registry is None:
            self._registry = self._connect()
        return tuple(self._registry.resolve(f"models:/{name}@{CHAMPION}").uri for name in NAMES)

    def _unanswered(self, err: Exception) -> None:
        self._metrics.champions.registry_reachable.set(0)
        why = _line(err, "asking the registry")
        if why != self._state.trouble:
            _log_foreign(err)
            log.warning("The registry does not answer: %s", why)
        self._state = replace(self._state, trouble=why)

    def _take_over(self, wanted: tuple[str, ...]) -> bool:
        """Take over what is fit, in one step; a version that is not leaves its kind as it is."""
        before = self._state
        serving = [part.version.uri for part in before.loaded]
        found = before
        self._refused = ()
        for place, uri in enumerate(wanted):
            if uri in serving:
                continue
            try:
                found = self._with(found, place, uri)
            except Exception as err:  # noqa: BLE001 - whatever a bad version does, the old one serves on
                self._refuse(wanted, uri, err)
        if found.scorer is None or found.scorer is before.scorer:
            return False
        refusal = self._state.refusal if self._refused else None
        self._state = replace(found, since=datetime.now(UTC), refusal=refusal, trouble=None)
        self._metrics.champions.swapped(found.scorer.provenance)
        log.info("Serving %s", " and ".join(part.version.uri for part in found.loaded))
        return True

    def _with(self, state: State, place: int, uri: str) -> State:
        """Return a state with another version in place, tried and warm.

        At the start the first version has nothing to score with: its canary alone is checked.
        """
        loaded = (*state.loaded[:place], self._load(uri), *state.loaded[place + 1 :])
        differences = [canary.check(part) for part in loaded]
        if len(loaded) < len(NAMES):
            return replace(state, loaded=loaded)
        scorer = Scorer(loaded[0], loaded[1], self._encode, self._metrics.stage)
        # Without its language, so that what tells languages is warm too.
        scorer.score([canary.CANARY, replace(canary.CANARY, language=None)])
        worst = max((value for value in differences if value is not None), default=None)
        return replace(state, scorer=scorer, loaded=loaded, canary=worst)

    def version(self, uri: str) -> Loaded:
        """Return any version, loaded; what reigns is at hand.

        Raises
        ------
        PrescoreError
            When there is no such version any more, or it cannot be loaded.
        """
        if self._registry is None:
            self._registry = self._connect()
        return self._load(uri)

    def _load(self, uri: str) -> Loaded:
        """Load a version, or take it from what is loaded already."""
        for part in self._state.loaded:
            if part.version.uri == uri:
                return part
        assert self._registry is not None
        log.info("Loading %s", uri)
        return self._registry.load(uri)

    def _refuse(self, wanted: tuple[str, ...], uri: str, err: Exception) -> None:
        _log_foreign(err)
        why = _line(err, "loading")
        self._refused = wanted
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._metrics.champions.swap_refused()
        log.error("Refused %s: %s", uri, why)
        refusal = Refusal(uri, why, datetime.now(UTC))
        self._state = replace(self._state, refusal=refusal, trouble=None)


def _line(err: Exception, doing: str) -> str:
    """What went wrong, as people may read it; an error that is not ours may quote anything."""
    if isinstance(err, PrescoreError):
        return str(err)
    return f"{type(err).__name__} while {doing}; see the log."


def _log_foreign(err: Exception) -> None:
    if not isinstance(err, PrescoreError):
        log_failure(err)
