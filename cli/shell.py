"""How the command ends: one line and an exit code, whatever goes wrong."""

import errno
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from features.errors import PrescoreError

FAILED = 1
STOPPED = 130
"""As shells count a process that Ctrl-C ended: 128 + SIGINT."""

TERMINATED = 143
"""As shells count a process that was told to end: 128 + SIGTERM."""


class Terminated(KeyboardInterrupt):
    """The process was told to end; whatever tidies up after Ctrl-C does so after this."""


class Shell(TyperGroup):
    """The root of all commands, and the one place where an error becomes a line for a person."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit 1 when it failed, 130 or 143 when it was stopped."""
        try:
            with ending_tidily():
                return super().invoke(ctx)
        except PrescoreError as err:
            raise ended(str(err), FAILED) from err
        except OSError as err:
            if err.errno == errno.EPIPE:  # the reader of a pipe has seen enough
                raise
            place = f" ({err.filename})" if err.filename else ""
            raise ended(f"{err.strerror or 'The system refused'}{place}.", FAILED) from err
        except MemoryError as err:
            raise ended("There is not enough memory for this.", FAILED) from err
        except KeyboardInterrupt as err:
            code = TERMINATED if isinstance(err, Terminated) else STOPPED
            # Whoever keeps something on purpose says so in a note.
            left = " ".join(getattr(err, "__notes__", ["Nothing was left half done."]))
            raise ended(f"Stopped. {left}", code) from err


@contextmanager
def ending_tidily() -> Iterator[None]:
    """Let a block end on SIGTERM as it does on Ctrl-C."""

    def end(*_: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def ended(line: str, code: int) -> typer.Exit:
    """Say why on standard error, and return the exit to raise."""
    typer.echo(line if code in (STOPPED, TERMINATED) else f"Error: {line}", err=True)
    return typer.Exit(code)
