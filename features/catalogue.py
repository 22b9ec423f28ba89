"""Every input column in one table: what it holds, and when it becomes known.

`docs/features.md` is this table: `python -m features.catalogue > docs/features.md`.
"""

import re
import sys
from collections.abc import Iterable
from functools import cache

from features import clock, context
from features.account import history
from features.columns import AFTER, Column
from features.errors import LeakageError
from features.schema import FIRST_YEAR, LAST_YEAR, POST_OUTCOMES
from features.text import surface

FAMILIES = {
    "post": "What a person gives: the columns of every scorer",
    "text": "What the text says (`features.text.encoder`, `models.textview`)",
    "surface": "What can be counted in the text (`features.text.surface`)",
    "clock": "When it goes out (`features.clock`)",
    "context": "Where and how it goes out (`features.context`)",
    "history": "How the account has been doing (`features.account.history`)",
    "recall": "How posts like it did for this account (`models.recall`)",
    "outcome": "What is learnt from, and never given to a model",
}

YEARS = f"{FIRST_YEAR}..{LAST_YEAR}"
POST: tuple[Column, ...] = (
    Column("text", "post", "the text as it will be published", "text", "any"),
    Column("platform", "post", "where it goes out", "name", "facebook, instagram, …, other"),
    Column("account_id", "post", "the account, to find its history", "text", "any"),
    Column("published_at", "post", "planned publishing time", "UTC time", YEARS),
    Column("timezone", "post", "zone of the readers' clock", "IANA name", "Europe/Warsaw, …"),
    Column("media_type", "post", "what is attached", "name", "text, link, photo, …, other"),
    Column("language", "post", "detected where absent", "ISO 639-1", "pl, en, …"),
    Column("followers", "post", "followers of the account when publishing", "count", "0.."),
    Column("is_paid", "post", "paid reach rather than organic", "yes or no", "true, false"),
)
EMBEDDING = Column(
    "embedding_0, embedding_1, …",
    "text",
    "what the text says, as the encoder reads it",
    "-",
    "-1..1",
)
VIEWS = Column(
    "view_posts_words, view_posts_dense, …",
    "text",
    "what linear models of words and of meaning say of the text alone",
    "account spreads",
    "any",
)
RECALL: tuple[Column, ...] = (
    Column(
        "recall_outlook",
        "recall",
        "what the account's last 400 known posts say of one that reads like this",
        "account spreads",
        "any; 0 for no account",
    ),
    Column(
        "recall_ground",
        "recall",
        "how much like it they are: the part of its variance that they tell",
        "share",
        "0..1; 0 for no account",
    ),
)
OUTCOMES: tuple[Column, ...] = (
    Column("shares", "outcome", "how often it was passed on", "count", "0..", AFTER),
    Column("likes", "outcome", "reactions", "count", "0..", AFTER),
    Column("comments", "outcome", "comments", "count", "0..", AFTER),
    Column("collected_at", "outcome", "when the counts were taken", "UTC time", YEARS, AFTER),
)
_NUMBERED = re.compile(r"embedding_\d+|view_\w+_(words|dense)")
"""Columns whose number depends on the encoder, or on the platforms that were compared."""
_HEAD = """# Input columns

Made by `python -m features.catalogue > docs/features.md`; do not edit by hand.

Every column that a model may be given, and when its value becomes known. A model is refused any
column that is known only after publishing, or that is not in this table. `log1p x` is the natural
logarithm of 1 + x. A value that is not known is NaN.
"""


@cache
def columns() -> tuple[Column, ...]:
    """Every column, family by family; those of an embedding share one row."""
    computed = (*surface.COLUMNS, *clock.COLUMNS, *context.COLUMNS, *history.COLUMNS)
    return (*POST, EMBEDDING, VIEWS, *computed, *RECALL, *OUTCOMES)


def guard(names: Iterable[str]) -> None:
    """Let only inputs pass that are known before publishing.

    Parameters
    ----------
    names
        Columns that a model is about to be given.

    Raises
    ------
    LeakageError
        When one of them is known only afterwards, or is not in the catalogue: of such a column
        nobody has said when it becomes known.
    """
    known = {column.name: column.known for column in columns()}
    for name in names:
        if name in POST_OUTCOMES or known.get(name) == AFTER:
            raise LeakageError(
                f"Got the input {name!r}, which is known only after publishing; "
                "a forecast cannot use it. Leave it out."
            )
        if name not in known and not _NUMBERED.fullmatch(name):
            raise LeakageError(
                f"Got the input {name!r}, which is not in the catalogue of features; "
                "describe it in the COLUMNS of its feature module first."
            )


def markdown() -> str:
    """Return the catalogue as a document."""
    return "\n".join([_HEAD, *(_section(family) for family in FAMILIES)])


def _section(family: str) -> str:
    rows = [column for column in columns() if column.family == family]
    lines = [f"## {family}", "", f"{FAMILIES[family]}.", ""]
    lines += ["| column | holds | unit | range | known |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {row.description} | {row.unit} | {row.range} | {row.known} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
