"""`prescore forget`: an account out of the history store."""

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.places import open_store
from cli.printing import counted, is_terminal, print_json, say
from cli.shell import FAILED

if TYPE_CHECKING:
    from features.account.store import HistoryStore

EXAMPLES = """Examples:

prescore forget --platform facebook --account my-page

prescore forget --platform x --account my-page --yes --json
"""


def forget(
    platform: Annotated[
        str, typer.Option("--platform", metavar="NAME", help="Of the account, e.g. facebook, x.")
    ],
    account: Annotated[
        str, typer.Option("--account", metavar="NAME", help="As it was imported, to the letter.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; needed where there is no terminal.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove all stored posts of an account, as after a wrong import; there is no way back."""
    if not yes and not is_terminal(sys.stdin):
        raise typer.BadParameter("there is no terminal to ask on: give --yes to remove posts.")
    place = _platform(platform)
    with closing(open_store()) as store:
        known = _known_posts(store, place, account)
        if not yes:
            _ask(f"Remove {_posts_of(account, place, known)}?")
        removed = store.forget(place, account)
    if as_json:
        print_json({"platform": place, "account_id": account, "removed": removed})
    else:
        typer.echo(f"Removed {_posts_of(account, place, removed)}.")


def _platform(word: str) -> str:
    """Read a platform as tables of posts have it read."""
    from features.errors import InputError
    from features.schema import PLATFORMS
    from features.tables.words import PLATFORM_WORDS

    platform = PLATFORM_WORDS.get(word.strip().lower())
    if platform is None:
        raise InputError(f"Got platform={word!r}; expected one of {', '.join(PLATFORMS)}.")
    return platform


def _known_posts(store: "HistoryStore", platform: str, account: str) -> int:
    """Return how many posts an account has.

    Raises
    ------
    InputError
        When it has none; the line names the account that may have been meant.
    """
    from features.errors import InputError
    from models.grounds import nearest_account

    accounts = store.accounts()
    names = list(zip(accounts["platform"], accounts["account_id"], strict=True))
    if (platform, account) in names:
        return int(accounts["posts"].iloc[names.index((platform, account))])
    nearest = nearest_account(platform, account, names)
    asked = "." if nearest is None else f"; did you mean {nearest!r}?"
    raise InputError(f"No posts of account {account!r} on {platform} are known{asked}")


def _ask(question: str) -> None:
    # Standard output is for the result alone.
    if not typer.confirm(question, err=True):
        say("Nothing was removed.")
        raise typer.Exit(FAILED)


def _posts_of(account: str, platform: str, number: int) -> str:
    return f"{counted(number, 'post', 'posts')} of account {account!r} on {platform}"
