"""How the command ends: one line and an exit code, whatever goes wrong."""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from features.errors import PrescoreError

FAILED = 1
STOPPED = 130
"""As shells count a process that Ctrl-C ended: 128 + SIGINT."""


class Shell(TyperGroup):
    """The root of all commands, and the one place where an error becomes a line for a person."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit 1 when it failed, 130 when it was stopped."""
        try:
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
            raise ended("Stopped. Nothing was left half done.", STOPPED) from err


def ended(line: str, code: int) -> typer.Exit:
    """Say why on standard error, and return the exit to raise."""
    typer.echo(line if code == STOPPED else f"Error: {line}", err=True)
    return typer.Exit(code)
