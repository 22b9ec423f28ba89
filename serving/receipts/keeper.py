"""Receipts on their way to the store: off the path of scores, bounded, and never in their way."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from features.errors import PrescoreError
from serving.metrics import Metrics
from serving.problems import log_failure
from serving.receipts.record import Kept, Receipt
from serving.receipts.store import ReceiptStore

log = logging.getLogger("prescore.serving")

CAPACITY = 4096
"""Receipts that may wait; about 20 MB of them with long histories."""

AT_ONCE = 256
RETRY_SECONDS = 2.0
PURGE_SECONDS = 3600.0


class Keeper:
    """Writes receipts in a thread of its own.

    Parameters
    ----------
    connect
        Opens the store; called on first use and again after a failure to open.
    metrics
        Told what became of receipts.
    days
        How long receipts are kept.
    capacity
        Receipts that may wait; more are dropped, and counted.
    """

    def __init__(
        self,
        connect: Callable[[], ReceiptStore],
        metrics: Metrics,
        days: int,
        capacity: int = CAPACITY,
    ) -> None:
        self._connect = connect
        self._metrics = metrics
        self._keep_for = timedelta(days=days)
        self._capacity = capacity
        self._store: ReceiptStore | None = None
        self._opening = threading.Lock()
        self._waiting: dict[str, Receipt] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._troubled = False
        self._purge_at = 0.0
        self._thread = threading.Thread(target=self._work, name="prescore-receipts", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def keep(self, receipts: Sequence[Receipt]) -> None:
        """Hand receipts over; those that find no room are dropped."""
        with self._changed:
            room = self._capacity - len(self._waiting)
            self._waiting |= {receipt.score.id: receipt for receipt in receipts[: max(room, 0)]}
            self._changed.notify_all()
        if room < len(receipts):
            self._metrics.receipts.labels("dropped").inc(len(receipts) - max(room, 0))

    def find(self, receipt_id: str) -> Kept | None:
        """Return a receipt, written or still waiting; None where there is none.

        Raises
        ------
        StoreError
            When the database fails.
        """
        with self._changed:
            waiting = self._waiting.get(receipt_id)
        return Kept.from_row(waiting.row()) if waiting else self._opened().find(receipt_id)

    def close(self, seconds: float) -> None:
        """Write what is waiting, for so long at most, and let go of the store."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(seconds)
        if self._waiting:
            log.error("%d receipts could not be written.", len(self._waiting))
            self._metrics.receipts.labels("dropped").inc(len(self._waiting))
        if self._store is not None:
            self._store.close()

    def _work(self) -> None:
        while (batch := self._next()) is not None:
            try:
                self._purge_when_due()
                if batch:
                    self._opened().add(batch)
            except PrescoreError as err:
                if not self._in_trouble(err):
                    return
            except Exception as err:  # noqa: BLE001 - the thread must outlive any fault of a receipt
                log_failure(err)
                self._settled(batch, "dropped")
                self._pause()
            else:
                self._written(batch)

    def _next(self) -> list[Receipt] | None:
        """Wait for receipts, or for the time to purge; None when closed and nothing is left."""
        with self._changed:
            if not self._waiting and not self._closing:
                self._changed.wait(max(0.0, self._purge_at - time.monotonic()))
            if not self._waiting and self._closing:
                return None
            return list(self._waiting.values())[:AT_ONCE]

    def _purge_when_due(self) -> None:
        if time.monotonic() < self._purge_at:
            return
        gone = self._opened().purge(datetime.now(UTC) - self._keep_for)
        self._purge_at = time.monotonic() + PURGE_SECONDS
        if gone:
            log.info("Forgot %d receipts older than %d days.", gone, self._keep_for.days)

    def _written(self, batch: Sequence[Receipt]) -> None:
        self._settled(batch, "kept")
        if self._troubled:
            log.info("Receipts are written again.")
        self._troubled = False

    def _settled(self, batch: Sequence[Receipt], result: str) -> None:
        with self._changed:
            for receipt in batch:
                self._waiting.pop(receipt.score.id, None)
        self._metrics.receipts.labels(result).inc(len(batch))

    def _in_trouble(self, err: PrescoreError) -> bool:
        """Say so once, and pause."""
        if not self._troubled:
            log.warning("Receipts wait, since they cannot be written: %s", err)
        self._troubled = True
        self._metrics.receipts.labels("failed").inc()
        return self._pause()

    def _pause(self) -> bool:
        """Wait before the next try; False when there is none."""
        with self._changed:
            if not self._closing:
                self._changed.wait_for(lambda: self._closing, RETRY_SECONDS)
                return True
            return False

    def _opened(self) -> ReceiptStore:
        with self._opening:
            if self._store is None:
                self._store = self._connect()
            return self._store
