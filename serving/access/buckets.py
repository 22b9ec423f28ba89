"""How fast each key may ask: token buckets that the workers of one machine share.

A bucket is one number in a small file: the time at which it will be full again (GCRA, the generic
cell rate algorithm of ATM networks, ITU-T I.371). A file lock makes each step atomic.
"""

import fcntl
import logging
import mmap
import struct
import time
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("prescore.serving")

WINDOW = 60.0
"""Seconds in which a bucket that is empty becomes full."""

_TIME = struct.Struct("<d")


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking for one token.

    Attributes
    ----------
    quota
        Tokens of a full bucket.
    left
        Tokens that are left.
    wait
        Seconds until the next request is let through; 0 while tokens are left.
    """

    allowed: bool
    quota: int
    left: int
    wait: float


def take(full_at: float, quota: int, now: float) -> tuple[Taken, float]:
    """Take one token from a bucket of `quota` tokens, which refills in `WINDOW` seconds.

    Parameters
    ----------
    full_at
        When the bucket will be full again.
    quota
        Tokens of a full bucket.
    now
        Seconds of the clock that `full_at` is of.

    Returns
    -------
    What came of it, and when the bucket will be full then.
    """
    each = WINDOW / quota
    # A time much further off than a whole window is another clock's, from before a restart.
    full_at = now if full_at > now + 2 * WINDOW else max(full_at, now)
    lacking = full_at + each - now
    if lacking > WINDOW * (1 + 1e-9):
        return Taken(False, quota, 0, lacking - WINDOW), full_at
    left = int((WINDOW - lacking) / each + 1e-6)
    return Taken(True, quota, left, 0.0 if left else each), full_at + each


class Buckets:
    """The buckets of all keys.

    Parameters
    ----------
    folder
        Where the workers of this machine find them; made on first use. Where it cannot be written
        to, each worker counts for itself.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Bucket] = {}

    def take(self, key_id: str, quota: int) -> Taken:
        """Take one token from a key's bucket."""
        if key_id not in self._open:
            self._open[key_id] = self._bucket(key_id)
        return self._open[key_id].take(quota, time.monotonic())

    def close(self) -> None:
        """Let go of the files."""
        while self._open:
            self._open.popitem()[1].close()

    def _bucket(self, key_id: str) -> "_Bucket":
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return _Shared(self._folder / key_id)
        except OSError as err:
            log.warning("Rates are kept by each worker for itself: %s.", err.strerror)
            return _Bucket()


class _Bucket:
    """One worker's own."""

    def __init__(self) -> None:
        self._full_at = 0.0

    def take(self, quota: int, now: float) -> Taken:
        taken, self._full_at = take(self._full_at, quota, now)
        return taken

    def close(self) -> None:
        return


class _Shared(_Bucket):
    """One that all workers of this machine share."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with path.open("a+b") as file:
            if path.stat().st_size < _TIME.size:
                file.truncate(_TIME.size)
            # Kept open by the map's own handle; the lock needs one too.
            self._map = mmap.mmap(file.fileno(), _TIME.size)
        self._lock = path.open("rb")

    def take(self, quota: int, now: float) -> Taken:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            (full_at,) = _TIME.unpack(self._map[:])
            taken, full_at = take(full_at, quota, now)
            self._map[:] = _TIME.pack(full_at)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        return taken

    def close(self) -> None:
        self._map.close()
        self._lock.close()
