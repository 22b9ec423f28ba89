"""Where interrupted fine-tunings go on from: a file for each, whichever command it is part of."""

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import torch

LONGEST_KEPT = timedelta(days=14)
"""Each takes as much as three encoders; whoever comes back for one does so before."""


GOES_ON = "What was fine-tuned is kept: the same command goes on from there."


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of one command, each under the mark that tells its fine-tuning from others.

    Commands at work at the same time share the folder and none of its files, unless they do the
    very same: then either may go on from what the other wrote.

    Attributes
    ----------
    folder
        Of checkpoints alone; made where it is missing.
    tell
        Told, in a sentence, what a person should know of them.
    used
        The files that the command has read or written.
    """

    folder: Path
    tell: Callable[[str], None] | None = None
    used: set[Path] = field(default_factory=set)

    def read(self, mark: str) -> dict[str, Any] | None:
        """Return the state that was last written under a mark, or None where there is none.

        One that was cut short or altered is none; the person is told.
        """
        path = self._file(mark)
        try:
            with path.open("rb") as file:
                state = _state_in(file)
        except FileNotFoundError:
            return None
        if state is None:
            self.say(f"The checkpoint {path} cannot be read: fine-tuning starts anew.")
            return None
        self.used.add(path)
        return state

    def say(self, sentence: str) -> None:
        """Tell the person, if anybody listens."""
        if self.tell is not None:
            self.tell(sentence)

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
        """Let a block make use of what is fine-tuned; the command's own files go when it has.

        Whoever stops it finds in a note of the exception what is kept.
        """
        try:
            yield
        except KeyboardInterrupt as err:
            if self.used:
                err.add_note(GOES_ON)
            raise
        for path in self.used:
            path.unlink(missing_ok=True)

    def _file(self, mark: str) -> Path:
        return self.folder / f"{mark}.pt"


def _state_in(file: BinaryIO) -> dict[str, Any] | None:
    """Return what was written to a file, or None if that is not all there as it was."""
    try:
        with zipfile.ZipFile(file) as archive:
            # PyTorch reads altered weights without a word.
            whole = archive.testzip() is None
    except zipfile.BadZipFile:
        return None
    file.seek(0)
    state: dict[str, Any] | None = torch.load(file, weights_only=True) if whole else None
    return state
