"""A state folder with the starter models and an account with a past; reads PRESCORE_HOME."""

import csv
import os
from pathlib import Path

from benchmarks.posts import past_posts
from features.account.store import HistoryStore
from features.tables.validation import read_posts
from models.registry import Registry
from models.settings import Home
from models.shipped import ensure_starter


def registry() -> Registry:
    """Return the registry of PRESCORE_HOME, with the starter models in it."""
    found = Registry(Home.from_environment(os.environ).prepare())
    ensure_starter(found)
    return found


def _import_past(store: HistoryStore, table: Path) -> None:
    rows = past_posts()
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    store.upsert(read_posts(table).frame)


if __name__ == "__main__":
    home = registry().home
    store = HistoryStore(home.database_url)
    _import_past(store, home.root / "past-posts.csv")
    store.close()
    print("{}")  # noqa: T201
