"""How fast each key may ask: token buckets that the workers of one machine share.

A bucket is one number in a small file: the time at which it will be full again (GCRA, the generic
cell rate algorithm of ATM networks, ITU-T I.371). A file lock makes each step atomic.
"""

import fcntl
import logging
import os
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
        to, or its disk is full, each worker counts for itself.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Bucket] = {}

    def take(self, key_id: str, quota: int) -> Taken:
        """Take one token from a key's bucket."""
        now = time.monotonic()
        try:
            return self._bucket(key_id).take(quota, now)
        except OSError as err:
            log.warning("Rates are kept by each worker for itself: %s.", err.strerror)
            return self._own(key_id).take(quota, now)

    def close(self) -> None:
        """Let go of the files."""
        while self._open:
            self._open.popitem()[1].close()

    def _bucket(self, key_id: str) -> "_Bucket":
        if key_id not in self._open:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open[key_id] = _Shared(self._folder / key_id)
        return self._open[key_id]

    def _own(self, key_id: str) -> "_Bucket":
        """Return a bucket of this worker alone, in place of one that failed."""
        if key_id in self._open:
            self._open[key_id].close()
        self._open[key_id] = _Bucket()
        return self._open[key_id]


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
        path.touch()
        self._file = path.open("r+b", buffering=0)

    def take(self, quota: int, now: float) -> Taken:
        # Never mapped: a full disk is an OSError here, where a map would end the process by SIGBUS.
        file = self._file.fileno()
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            taken, full_at = take(_time_in(os.pread(file, _TIME.size, 0)), quota, now)
            os.pwrite(file, _TIME.pack(full_at), 0)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
        return taken

    def close(self) -> None:
        self._file.close()


def _time_in(kept: bytes) -> float:
    """When the bucket of a file will be full again; 0 where nothing was written yet."""
    full_at: float = _TIME.unpack(kept)[0] if len(kept) == _TIME.size else 0.0
    return full_at
