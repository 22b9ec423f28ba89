"""A state folder with the starter models; reads PRESCORE_HOME."""

import os

from features.account.store import HistoryStore
from models.registry import Registry
from models.settings import Home

if __name__ == "__main__":
    home = Home.from_environment(os.environ).prepare()
    HistoryStore(home.database_url).close()
    Registry(home).ensure_starter()
    print("{}")  # noqa: T201
