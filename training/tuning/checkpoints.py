"""Where interrupted fine-tunings go on from: a file for each, whichever command it is part of."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import torch

LONGEST_KEPT = timedelta(days=14)
"""Each takes as much as three encoders; whoever comes back for one does so before."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of one command, each under the mark that tells its fine-tuning from others.

    Commands at work at the same time share the folder and none of its files, unless they do the
    very same: then either may go on from what the other wrote.

    Attributes
    ----------
    folder
        Of checkpoints alone; made where it is missing.
    used
        The files that the command has read or written.
    """

    folder: Path
    used: set[Path] = field(default_factory=set)

    def read(self, mark: str) -> dict[str, Any] | None:
        """Return the state that was last written under a mark, or None where there is none."""
        path = self._file(mark)
        if not path.is_file():
            return None
        state: dict[str, Any] = torch.load(path, weights_only=True)
        self.used.add(path)
        return state

    def write(self, mark: str, state: Mapping[str, Any]) -> None:
        """Put a state in place of the last one under a mark, whole or not at all.

        Raises
        ------
        OSError
            When it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{mark}.", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save(state, file)
                file.flush()
                # Or the name may be on the disk before what it stands for.
                os.fsync(file.fileno())
            Path(partial).replace(self._file(mark))
        finally:
            Path(partial).unlink(missing_ok=True)
        self.used.add(self._file(mark))

    def drop_old(self, now: datetime) -> None:
        """Delete what any command left behind longer than `LONGEST_KEPT` ago."""
        for path in self.folder.glob("*"):
            # Another command may have done so, or be done with its own.
            with suppress(FileNotFoundError):
                if now.timestamp() - path.stat().st_mtime > LONGEST_KEPT.total_seconds():
                    path.unlink()

    @contextmanager
    def until_used(self) -> Iterator[None]:
        """Let a block make use of what is fine-tuned; the command's own files go when it has."""
        yield
        for path in self.used:
            path.unlink(missing_ok=True)

    def _file(self, mark: str) -> Path:
        return self.folder / f"{mark}.pt"
