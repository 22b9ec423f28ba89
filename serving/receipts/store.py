"""Receipts in the history database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from features.database import Database
from features.tables.dates import microseconds
from serving.receipts.record import Kept, Receipt

# The table as statements see it; `features.account.migrations` makes the lasting one.
_RECEIPTS = sa.Table(
    "receipts",
    sa.MetaData(),
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("created_us", sa.BigInteger()),
    *(sa.Column(name, sa.Text()) for name in ("key_id", "request", "answer")),
    *(sa.Column(name, sa.LargeBinary()) for name in ("past", "vectors")),
)
_ADD_NEW = {
    "sqlite": sqlite.insert(_RECEIPTS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_RECEIPTS).on_conflict_do_nothing(),
}


class ReceiptStore:
    """Keeps receipts and finds them by id.

    Parameters
    ----------
    database
        Where they are kept; the store closes it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, receipts: Sequence[Receipt]) -> None:
        """Keep receipts, all of them or none; those that are there already stay as they are.

        So what was written without the caller's hearing of it can be handed over again.

        Raises
        ------
        StoreError
            When the database fails.
        """
        rows: list[dict[str, Any]] = [receipt.row() for receipt in receipts]
        with self._database.write() as connection:
            connection.execute(_ADD_NEW[connection.dialect.name], rows)

    def find(self, receipt_id: str) -> Kept | None:
        """Return a receipt; None where there is none."""
        query = sa.select(_RECEIPTS).where(_RECEIPTS.c.id == receipt_id)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else Kept.from_row(dict(row))

    def purge(self, before: datetime) -> int:
        """Forget receipts that are older than a time; return how many."""
        old = _RECEIPTS.c.created_us < microseconds(before)
        with self._database.write() as connection:
            return int(connection.execute(_RECEIPTS.delete().where(old)).rowcount)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
