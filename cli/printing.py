"""Standard output and standard error: for people, for programs, and bars only for terminals."""

import errno
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

WIDTH_WITHOUT_TERMINAL = 100
WIDEST = 10_000
SECONDS_BETWEEN_LINES = 60.0


def is_terminal(stream: TextIO) -> bool:
    """Whether a person is looking at a stream."""
    return stream.isatty()


def console(file: TextIO | None = None) -> "Console":
    """Return what prints to a file, standard output by default; 100 wide where nobody looks."""
    from rich.console import Console

    target = file or sys.stdout
    width = None if is_terminal(target) else WIDTH_WITHOUT_TERMINAL
    return Console(file=target, width=width, highlight=False, markup=False, emoji=False)


def show(part: "RenderableType") -> None:
    """Print to standard output; where nobody looks, a table has the width that its cells need."""
    screen = console()
    if not is_terminal(sys.stdout):
        unbounded = screen.options.update(max_width=WIDEST)
        screen.width = max(screen.width, screen.measure(part, options=unbounded).maximum)
    screen.print(part)


def say(line: str) -> None:
    """Tell a person something beside the result."""
    typer.echo(line, err=True)


def counted(number: int, one: str, many: str) -> str:
    """Return how many there are, `1 post` or `2,000 posts`."""
    return f"{number:,} {one if number == 1 else many}"


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def give_json(value: Any, out: Path | None) -> None:
    """Write a value to a file, or print it where the file is `-`; nothing for None."""
    if out is None:
        return
    if str(out) == "-":
        print_json(value)
        return
    with whole_file(out) as file:
        json.dump(value, file, ensure_ascii=False, indent=2, allow_nan=False)
        file.write("\n")


def check_target(out: Path | None) -> Path | None:
    """Return where figures are to go, if they can: what runs for an hour must not fail at the end.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    if out is None or str(out) == "-":
        return out
    if out.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(out))
    if is_replaceable(out):
        handle, partial = _partial(_end_of_links(out))
        os.close(handle)
        Path(partial).unlink()
    elif not os.access(out, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(out))
    return out


def is_replaceable(path: Path) -> bool:
    """Whether nothing is lost when a new file takes the place: a pipe or a device is no file."""
    return path.is_file() or not path.exists()


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a file that appears under its name only when all of it is written.

    A link goes on pointing to it. What is there and not replaceable is written to as it is.
    """
    if is_replaceable(path):
        with _appearing(_end_of_links(path)) as file:
            yield file
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file


@contextmanager
def _appearing(path: Path) -> Iterator[TextIO]:
    handle, partial = _partial(path)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(partial).chmod(0o666 & ~_umask())
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _end_of_links(path: Path) -> Path:
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _partial(path: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as err:
        raise OSError(err.errno, err.strerror, str(path)) from err


@contextmanager
def counting(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while a block runs, if it is a terminal.

    Yields
    ------
    Call it with how many more are done.
    """
    if not is_terminal(sys.stderr):
        yield lambda _: None
        return
    with _bars() as bars:
        task = bars.add_task(label, total=total)
        yield lambda done: bars.advance(task, done)


class _Log:
    """Lines with the time: one as a stage begins, and one a minute while it goes on."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        """Say how far a stage has got, unless that was said just now."""
        now, last = time.monotonic(), self.told.get(what)
        if last is not None and now - last < SECONDS_BETWEEN_LINES:
            return
        self.told[what] = now
        far = f"{total:,}" if last is None else f"{done:,} of {total:,}"
        # Of some stages nobody knows how much there is.
        say(f"{datetime.now(UTC):%H:%M:%S}Z {what}" + (f" ({far})" if total else ""))


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show one bar for each stage of a long run; without a terminal, lines with the time.

    Yields
    ------
    Call it with what is going on, how much of it is done, and how much there is in all.
    """
    if not is_terminal(sys.stderr):
        yield _Log().tell
        return
    from rich.progress import TaskID

    tasks: dict[str, TaskID] = {}
    with _bars() as bars:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total or None)

        yield show


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show that something of unknown length is going on, if standard error is a terminal."""
    if not is_terminal(sys.stderr):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(label):
        yield


def _bars() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
