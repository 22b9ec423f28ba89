"""`docs/cli.md`, made from the commands themselves.

`python -m cli.reference > docs/cli.md`; a test tells when that is due.
"""

import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from cli.main import app

HEAD = """# Commands

Made by `python -m cli.reference > docs/cli.md`; do not edit by hand.

Every command takes `--help`. Exit codes: 0 done; 1 failed, with one clear line on standard error;
2 wrong usage; 130 stopped by Ctrl-C and 143 by SIGTERM, which both end `prescore serve` with 0.

State lives in the folder that `PRESCORE_HOME` names (`.prescore` if it is not set), the registry
in `MLFLOW_TRACKING_URI`, the history store in `PRESCORE_DATABASE_URL`; both are SQLite files in
the state folder if not set.
"""


def markdown() -> str:
    """Return the reference as a document."""
    return "\n".join([HEAD, *(_section(path, command) for path, command in commands())])


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with the words that call it."""
    yield from _leaves("prescore", get_command(app))


def parameters(command: Any) -> Iterator[tuple[str, str]]:
    """Yield every argument and option of a command as it is written, with its help."""
    for parameter in command.params:
        if parameter.name != "help":
            yield _written(parameter), getattr(parameter, "help", "") or ""


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, sub in below.items():
        yield from _leaves(f"{path} {name}", sub)


def _written(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    words = ", ".join(parameter.opts)
    if parameter.is_flag:
        return " / ".join([words, *parameter.secondary_opts])
    return f"{words} {parameter.metavar}"


def _section(path: str, command: Any) -> str:
    lines = [f"## `{path}`", "", command.help or "", ""]
    rows = [
        f"| `{written.replace('|', chr(92) + '|')}` | {told} |"
        for written, told in parameters(command)
    ]
    if rows:
        lines += ["| argument or option | what it does |", "|---|---|", *rows, ""]
    _, _, examples = (command.epilog or "").partition("Examples:")
    shown = [line for line in examples.splitlines() if line.strip()]
    return "\n".join([*lines, "```bash", *shown, "```", ""])


if __name__ == "__main__":
    sys.stdout.write(markdown())
