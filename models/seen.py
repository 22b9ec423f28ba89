"""What the embedded registry last answered, so that it need not be asked again while it stands.

MLflow takes two seconds to import and to open its database. SQLite counts the transactions of a
database in its header (https://sqlite.org/fileformat2.html, section 1.3.7): while that count, and
the file itself, are the same, so is every answer.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from models.versions import Address, Version

MAGIC = b"SQLite format 3\x00"
WRITES_AT, COUNT_AT = slice(18, 20), slice(24, 28)
ROLLBACK = b"\x01\x01"
"""The journal of which the count is of every transaction; a write-ahead log counts elsewhere."""

MOST = 50


class Seen:
    """Answers of a registry in a SQLite file, kept in another beside it.

    Parameters
    ----------
    database
        The registry; None for one that is elsewhere, of which nothing is kept.
    record
        Where answers are kept. It may be deleted at any time.
    """

    def __init__(self, database: Path | None, record: Path) -> None:
        self._database = database
        self._record = record

    def answer(self, address: Address, ask: Callable[[Address], Version]) -> Version:
        """Return the version that an address stands for now, asking only where it may be news."""
        mark = self._mark()
        answers = self._answers(mark)
        found = answers.get(str(address))
        if found is None:
            found = ask(address)
            if mark is not None:
                self._keep(mark, {**answers, str(address): found})
        return found

    def knows(self, addresses: Sequence[Address]) -> bool:
        """Return whether all of some addresses are known to stand for a version now."""
        return {str(address) for address in addresses} <= self._answers(self._mark()).keys()

    def _mark(self) -> list[int] | None:
        """Return what differs after any change of the database; None where nothing tells."""
        if self._database is None:
            return None
        try:
            with self._database.open("rb") as file:
                head = file.read(COUNT_AT.stop)
                stat = os.fstat(file.fileno())
        except OSError:
            return None
        if not head.startswith(MAGIC) or head[WRITES_AT] != ROLLBACK:
            return None
        return [stat.st_ino, stat.st_size, stat.st_mtime_ns, int.from_bytes(head[COUNT_AT], "big")]

    def _answers(self, mark: list[int] | None) -> Mapping[str, Version]:
        if mark is None:
            return {}
        try:
            kept: dict[str, Any] = json.loads(self._record.read_text(encoding="utf-8"))
            if kept["mark"] != mark:
                return {}
            return {address: _version(told) for address, told in kept["answers"].items()}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _keep(self, mark: list[int], answers: Mapping[str, Version]) -> None:
        last = dict(list(answers.items())[-MOST:])
        told = {address: _told(version) for address, version in last.items()}
        beside = self._record.with_name(f".{self._record.name}.{os.getpid()}")
        # A full disk or a folder that may not be written to costs time at the next start, no more.
        with suppress(OSError):
            beside.write_text(json.dumps({"mark": mark, "answers": told}), encoding="utf-8")
            beside.replace(self._record)


def _told(version: Version) -> dict[str, Any]:
    return asdict(version) | {"created": version.created.isoformat()}


def _version(told: Mapping[str, Any]) -> Version:
    created = datetime.fromisoformat(told["created"])
    return Version(**{**told, "created": created, "aliases": tuple(told["aliases"])})
