"""What commands work on: the state folder, the registry, the history store, the scorer.

Everything is imported when it is opened: `prescore --help` must not wait for any of it.
"""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from cli.printing import working
from cli.strangers import Strangers

if TYPE_CHECKING:
    from datetime import datetime

    from features.account.past import AccountPast
    from features.account.store import HistoryStore
    from features.schema import Post
    from models.emotion import EmotionModel
    from models.registry import Registry
    from models.scorer import Scorer
    from models.settings import Home
    from models.versions import Loaded
    from serving.access.store import KeyStore

ACCOUNTS_REMEMBERED = 256


def open_home() -> "Home":
    """Return the state folder that the environment names, made where it is missing."""
    from models.settings import Home

    return Home.from_environment(os.environ).prepare()


def open_registry(home: "Home | None" = None) -> "Registry":
    """Return the registry; the shipped models reign where nothing else does."""
    from models.registry import Registry
    from models.shipped import ensure_starter

    registry = Registry(home or open_home())
    ensure_starter(registry)
    return registry


def open_store(home: "Home | None" = None) -> "HistoryStore":
    """Return the history store, made where it is missing."""
    from features.account.store import HistoryStore

    return HistoryStore((home or open_home()).database_url)


def open_keys() -> "KeyStore":
    """Return the keys of those who may call, beside the history."""
    from features.database import Database
    from serving.access.store import KeyStore

    return KeyStore(Database(open_home().database_url))


def open_scorer(
    registry: "Registry", emotion: str | None, share: str | None, threads: int | None = None
) -> "Scorer":
    """Return a scorer of two versions, the champions by default, that encodes on all cores."""
    from features.cores import available_cores
    from models.scorer import Scorer

    threads = threads or available_cores()
    return Scorer(
        registry.load(full_name(emotion or "emotion"), threads),
        registry.load(full_name(share or "share"), threads),
    )


def open_version(registry: "Registry", model: str | None, kind: str) -> "Loaded":
    """Return the version of a kind that `--model` names, the champion by default.

    Raises
    ------
    ModelError
        When it is of the other kind.
    """
    from models.versions import check_kind

    with working("Loading the model"):
        loaded = registry.load(full_name(model or kind))
    check_kind(loaded.version, kind)
    return loaded


def scored_languages(registry: "Registry") -> frozenset[str]:
    """Return the languages of posts that are scored: those that the emotion champion has learnt."""
    with working("Loading the emotion model"):
        loaded = registry.load(full_name("emotion"))
    return cast("EmotionModel", loaded.model).languages


def past_reader(
    store: "HistoryStore",
) -> "Callable[[Sequence[Post]], list[AccountPast | None]]":
    """Return a function that looks up the account of each post, remembering the last few.

    It says which accounts nothing is known of.
    """
    from features.account.past import past_for
    from models.grounds import past_by_name

    strangers = Strangers(store)

    @lru_cache(ACCOUNTS_REMEMBERED)
    def past(platform: str, account: str, before: "datetime | None") -> "AccountPast | None":
        return past_by_name(store.past, platform, account, before, strangers.plain_names)

    def read(posts: "Sequence[Post]") -> "list[AccountPast | None]":
        return [past_of(post) for post in posts]

    def past_of(post: "Post") -> "AccountPast | None":
        if post.account_id is None:
            return None
        found = None
        if post.platform:
            found = past_for(past, post.platform, post.account_id, post.published_at)
        if found is None or not len(found.times):
            strangers.tell(post.platform, post.account_id)
        return found

    return read


def full_name(name: str) -> str:
    """Let `emotion` and `share` stand for the names that they are registered under."""
    from models.versions import NAMES

    return NAMES.get(name, name)
