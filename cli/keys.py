"""`prescore keys`: who may call the service."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson
from cli.places import open_keys
from cli.printing import print_json, say, show

if TYPE_CHECKING:
    from rich.table import Table

    from serving.access.keys import Key

CREATE_EXAMPLES = """Examples:

prescore keys create planner

prescore keys create night-import --scope import --rate 60 --days 90
"""
LIST_EXAMPLES = """Examples:

prescore keys list

prescore keys list --json
"""
REVOKE_EXAMPLES = """Examples:

prescore keys revoke planner
"""

app = typer.Typer(help="Make, list and revoke keys of those who may call.", no_args_is_help=True)


class Scope(StrEnum):
    """What a key may be good for."""

    SCORE = "score"
    IMPORT = "import"
    METRICS = "metrics"
    ADMIN = "admin"


KeyName = Annotated[str, typer.Argument(metavar="NAME", help="Of the key: who or what uses it.")]


@app.command("create", epilog=CREATE_EXAMPLES)
def create(
    name: KeyName,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="score (if not given), import, metrics, or admin: all of it. May be repeated.",
        ),
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option("--rate", metavar="N", min=1, help="At most N requests a minute."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="N", min=1, max=36_500, help="Good for N days."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once; from the first on, the service asks for one."""
    from serving.access.keys import Wanted

    now = datetime.now(UTC)
    scopes = frozenset(str(each) for each in scope or [Scope.SCORE])
    wanted = Wanted(name, scopes, rate, None if days is None else now + timedelta(days=days))
    with closing(open_keys()) as store:
        key, written = store.create(wanted, now)
    if as_json:
        print_json({**_json(key, now), "key": written})
        return
    say(f"Key {name!r}, good for {', '.join(sorted(scopes))}. It is not shown again:")
    typer.echo(written)


@app.command("list", epilog=LIST_EXAMPLES)
def list_keys(as_json: AsJson = False) -> None:
    """List the keys that were made, newest first; never what they are."""
    now = datetime.now(UTC)
    with closing(open_keys()) as store:
        keys = store.all()
    if as_json:
        print_json([_json(key, now) for key in keys])
    elif keys:
        show(_table(keys, now))
    else:
        say("No keys yet: whoever reaches the service may use it.")


@app.command("revoke", epilog=REVOKE_EXAMPLES)
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the key, or its id.")],
    as_json: AsJson = False,
) -> None:
    """End a key and whoever is signed in with it; a running service knows within two seconds."""
    now = datetime.now(UTC)
    with closing(open_keys()) as store:
        key = store.revoke(name, now)
    if as_json:
        print_json(_json(key, now))
    else:
        typer.echo(f"Key {key.name!r} ({key.id}) is revoked.")


def _standing(key: "Key", now: datetime) -> str:
    if key.revoked is not None:
        return "revoked"
    return "good" if key.is_live(now) else "expired"


def _json(key: "Key", now: datetime) -> dict[str, Any]:
    times = {"created": key.created, "expires": key.expires, "revoked": key.revoked}
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "requests_per_minute": key.per_minute,
        **{name: at and at.isoformat(timespec="seconds") for name, at in times.items()},
        "standing": _standing(key, now),
    }


def _table(keys: "tuple[Key, ...]", now: datetime) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for title in ("name", "id", "scopes", "a minute", "made", "expires", "standing"):
        table.add_column(title, overflow="fold")
    for key in keys:
        table.add_row(
            key.name,
            key.id,
            ", ".join(sorted(key.scopes)),
            "" if key.per_minute is None else f"{key.per_minute:,}",
            f"{key.created:%Y-%m-%d %H:%M}",
            "" if key.expires is None else f"{key.expires:%Y-%m-%d %H:%M}",
            _standing(key, now),
        )
    return table
