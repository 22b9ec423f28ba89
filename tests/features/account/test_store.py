"""The history store, in SQLite and in PostgreSQL; what is SQLite's alone says so by its `url`."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from features.account.past import past_of
from features.account.store import HistoryStore, ImportSummary
from features.errors import StoreError
from features.tables.formats import POSTS
from tests.postgres import Postgres

Open = Callable[..., HistoryStore]

COLLECTED = pd.Timestamp("2026-04-07", tz="UTC")


def posts(*changes: dict[str, Any]) -> pd.DataFrame:
    """A canonical frame; row i is post i, an hour after post i - 1."""
    rows = [
        {
            "post_id": str(i),
            "account_id": "teatr",
            "platform": "facebook",
            "text": f"Wpis {i}",
            "language": "pl",
            "published_at": pd.Timestamp("2026-03-01", tz="UTC") + pd.Timedelta(hours=i),
            "media_type": "photo",
            "followers": np.nan,
            "is_paid": None,
            "shares": float(i),
            "likes": 10.0,
            "comments": np.nan,
            "collected_at": COLLECTED,
            "timezone": None,
            **change,
        }
        for i, change in enumerate(changes)
    ]
    frame = pd.DataFrame(rows)[[field.name for field in POSTS.fields]]
    for name in ("published_at", "collected_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    types = {"time": "datetime64[us, UTC]", "count": "float64", "flag": "boolean"}
    return frame.astype({field.name: types.get(field.kind, "str") for field in POSTS.fields})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'home' / 'history.db'}"


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens stores, which are closed when the test is over."""
    with ExitStack() as stores:
        yield lambda *given: stores.enter_context(closing(HistoryStore(*given)))


@pytest.fixture
def store(database_url: str, opened: Open) -> HistoryStore:
    return opened(database_url)


def test_what_goes_in_comes_out(store: HistoryStore) -> None:
    frame = posts({"is_paid": True, "followers": 5.0}, {"language": None}, {"collected_at": pd.NaT})
    assert store.upsert(frame) == ImportSummary(added=3, updated=0, unchanged=0)
    pd.testing.assert_frame_equal(store.posts(), frame)


def test_importing_twice_changes_nothing(store: HistoryStore) -> None:
    frame = posts({}, {}, {"collected_at": pd.NaT})
    store.upsert(frame)
    assert store.upsert(frame, refused=4) == ImportSummary(0, 0, 3, refused=4)


LATER = COLLECTED + pd.Timedelta(days=7)
EARLIER = COLLECTED - pd.Timedelta(days=7)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (COLLECTED, LATER, 99.0),
        (COLLECTED, COLLECTED, 99.0),
        (COLLECTED, EARLIER, 5.0),
        (COLLECTED, pd.NaT, 5.0),
        (pd.NaT, COLLECTED, 99.0),
        (pd.NaT, pd.NaT, 99.0),
    ],
)
def test_later_counts_win(
    first: pd.Timestamp, second: pd.Timestamp, kept: float, store: HistoryStore
) -> None:
    store.upsert(posts({"shares": 5.0, "collected_at": first}))
    summary = store.upsert(posts({"shares": 99.0, "collected_at": second}))
    assert store.posts()["shares"].tolist() == [kept]
    assert summary == ImportSummary(0, int(kept == 99.0), int(kept == 5.0))


def test_what_the_later_telling_leaves_empty_stays(store: HistoryStore) -> None:
    store.upsert(posts({"followers": 1200.0, "timezone": "Europe/Warsaw"}))
    store.upsert(posts({"shares": 7.0, "language": None, "collected_at": LATER}))
    (row,) = store.posts().to_dict("records")
    assert (row["followers"], row["timezone"], row["language"]) == (1200.0, "Europe/Warsaw", "pl")
    assert row["shares"] == 7.0


NEXT_MONTH = {"text": "Inny wpis", "published_at": pd.Timestamp("2026-04-01", tz="UTC")}


@pytest.mark.parametrize(
    ("change", "clashes"),
    [
        (NEXT_MONTH, 1),
        ({"text": "Wpis 0, poprawiony"}, 0),
        ({"published_at": NEXT_MONTH["published_at"]}, 0),
        (NEXT_MONTH | {"published_at": pd.Timestamp("2026-03-02", tz="UTC")}, 0),
        (NEXT_MONTH | {"published_at": pd.Timestamp("2026-02-27", tz="UTC")}, 1),
    ],
)
def test_an_id_that_comes_with_another_text_and_day_is_a_clash(
    store: HistoryStore, change: dict[str, Any], clashes: int
) -> None:
    store.upsert(posts({}, {}))
    summary = store.upsert(posts({"collected_at": LATER, **change}))
    assert summary == ImportSummary(0, 1, 0, clashes=clashes)


def test_a_clash_is_told_whichever_post_is_kept(store: HistoryStore) -> None:
    store.upsert(posts({"collected_at": LATER, **NEXT_MONTH}))
    assert store.upsert(posts({})) == ImportSummary(0, 0, 1, clashes=1)
    assert store.posts()["text"].tolist() == ["Inny wpis"]


def test_one_id_on_two_platforms_is_two_posts(store: HistoryStore) -> None:
    frame = posts({"post_id": "1"}, {"post_id": "1", "platform": "x"})
    assert store.upsert(frame).added == 2


def test_a_frame_that_tells_of_a_post_twice_is_settled_first(store: HistoryStore) -> None:
    frame = posts({"post_id": "1", "shares": 9.0, "collected_at": LATER}, {"post_id": "1"})
    assert store.upsert(frame).added == 1
    assert store.posts()["shares"].tolist() == [9.0]


def test_past_is_the_last_posts_before_a_time(store: HistoryStore) -> None:
    store.upsert(posts({}, {}, {}, {"account_id": "kino"}, {}))
    past = store.past("facebook", "teatr", before=datetime(2026, 3, 1, 4, tzinfo=UTC), limit=2)
    assert past.post_ids == ("1", "2")
    assert past.texts == ("Wpis 1", "Wpis 2")
    assert past.log_shares.tolist() == np.log1p([1.0, 2.0]).tolist()
    hour = 3_600 * 10**9
    assert np.diff(past.times).tolist() == [hour]
    assert past.times[0] == pd.Timestamp("2026-03-01T01:00Z").value


def test_the_past_is_that_of_the_stored_posts(store: HistoryStore) -> None:
    at = pd.Timestamp("2026-03-01T02:00Z")
    early = {"collected_at": pd.Timestamp("2026-03-01T03:01Z")}
    twins = ({"published_at": at, "shares": 7.0}, {"published_at": at, "shares": 3.0})
    store.upsert(posts({}, early, *twins, {"collected_at": pd.NaT}))
    whole, lean = past_of(store.posts("facebook", "teatr")), store.past("facebook", "teatr")
    assert (lean.texts, lean.post_ids) == (whole.texts, whole.post_ids)
    np.testing.assert_array_equal(lean.times, whole.times)
    np.testing.assert_array_equal(lean.log_shares, whole.log_shares)
    assert np.isnan(lean.log_shares).sum() == 1
    assert np.expm1(lean.log_shares[2:4]).round().tolist() == [3, 7]


def test_past_of_an_unknown_account_is_empty(store: HistoryStore) -> None:
    past = store.past("facebook", "nobody")
    assert (len(past.times), past.texts) == (0, ())


def test_forgetting_takes_one_account_on_one_platform(store: HistoryStore) -> None:
    store.upsert(posts({}, {}, {"account_id": "kino"}, {"platform": "x"}))
    assert store.forget("facebook", "teatr") == 2
    assert store.posts()["post_id"].tolist() == ["2", "3"]
    assert store.forget("facebook", "teatr") == 0


def test_forgetting_takes_posts_that_were_told_apart(store: HistoryStore) -> None:
    store.upsert(of("kino"))
    store.upsert(of("teatr"))
    assert store.forget("facebook", "teatr") == 2
    assert store.posts("facebook", "kino")["post_id"].tolist() == ["1", "2"]


def test_what_is_forgotten_half_way_is_all_there(database_url: str, opened: Open) -> None:
    opened(database_url).upsert(posts({}, {}))
    store = opened(database_url)

    def fail(*_: object) -> None:
        raise sa.exc.OperationalError("DELETE", None, Exception("the disk is gone"))

    sa.event.listen(store._database.engine, "after_cursor_execute", fail)
    with pytest.raises(StoreError, match="the disk is gone"):
        store.forget("facebook", "teatr")
    assert len(opened(database_url).posts()) == 2


def test_accounts_overview(store: HistoryStore) -> None:
    store.upsert(posts({}, {}, {"account_id": "kino"}))
    overview = store.accounts()
    assert overview[["account_id", "posts"]].to_numpy().tolist() == [["teatr", 2], ["kino", 1]]
    assert overview["last_at"].tolist()[0] == pd.Timestamp("2026-03-01T01:00Z")


def test_an_empty_store_has_canonical_columns(store: HistoryStore) -> None:
    assert store.posts().dtypes.equals(posts({}).dtypes)
    assert store.accounts().empty


def test_the_store_is_there_next_time(database_url: str, opened: Open) -> None:
    opened(database_url).upsert(posts({}))
    assert len(opened(database_url).posts()) == 1


def test_readers_are_not_stopped_by_a_writer(url: str, tmp_path: Path) -> None:
    HistoryStore(url).upsert(posts({}))
    writer = sqlite3.connect(tmp_path / "home" / "history.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert len(HistoryStore(url).posts()) == 1
    writer.close()


# Trouble


def test_a_locked_store_says_so(url: str, tmp_path: Path) -> None:
    store = HistoryStore(url, lock_seconds=0.0)
    writer = sqlite3.connect(tmp_path / "home" / "history.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"failed: database is locked\.$"):
        store.upsert(posts({}))
    writer.close()
    assert store.upsert(posts({})).added == 1


def test_a_store_that_another_writes_to_says_so(postgres: Postgres, opened: Open) -> None:
    url = postgres.url(postgres.fresh())
    store, other = opened(url, 0.05), opened(url)
    store.upsert(posts({}))
    with other._database.write():
        assert len(store.posts()) == 1
        with pytest.raises(StoreError, match=r"failed: canceling statement due to lock timeout\.$"):
            store.upsert(posts({}, {}))
    assert store.upsert(posts({}, {})).added == 1


def test_two_who_import_the_same_add_it_once(database_url: str, opened: Open) -> None:
    frame = posts(*[{}] * 200)
    with ThreadPoolExecutor(2) as pool:
        stores = [opened(database_url) for _ in range(2)]
        added = list(pool.map(lambda store: store.upsert(frame).added, stores))
    assert sorted(added) == [0, 200]


def test_a_full_disk_leaves_the_store_as_it_was(url: str) -> None:
    store = HistoryStore(url)
    store.upsert(posts({}))
    sa.event.listen(
        store._database.engine,
        "checkout",
        lambda raw, *_: raw.execute("PRAGMA max_page_count = 30"),
    )
    many = posts(*[{"text": "długi wpis " * 40}] * 500)
    with pytest.raises(StoreError, match=r"failed: database or disk is full\.$"):
        store.upsert(many)
    assert len(HistoryStore(url).posts()) == 1


def test_a_store_that_may_only_be_read(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    HistoryStore(f"sqlite:///{file}").upsert(posts({}))
    store = HistoryStore(f"sqlite:///file:{file}?mode=ro&uri=true")
    assert len(store.posts()) == 1
    with pytest.raises(StoreError, match=r"attempt to write a readonly database\.$"):
        store.upsert(posts({}, {}))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    file.write_text("To nie jest baza danych. " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"failed: file is not a database\.$"):
        HistoryStore(f"sqlite:///{file}")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="folder cannot be made"):
        HistoryStore(f"sqlite:///{tmp_path / 'file' / 'deeper' / 'history.db'}")


@pytest.mark.parametrize("url", ["nonsense", "klingon://home", "mysql+nodriver://home/db"])
def test_an_url_that_is_none(url: str) -> None:
    with pytest.raises(StoreError, match="URL cannot be used"):
        HistoryStore(url)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as caught:
        HistoryStore("postgresql+psycopg://me:s3cret@127.0.0.1:1/none")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


KILLED = """
import os, sys
import pandas as pd
import sqlalchemy as sa
from features.account.past import past_of
from features.account.store import HistoryStore, _POSTS

store = HistoryStore(sys.argv[1])

def die(connection, clause, *_):
    if getattr(clause, "table", None) is _POSTS and clause.is_insert:
        os.kill(os.getpid(), 9)

sa.event.listen(store._database.engine, "after_execute", die)
store.upsert(pd.read_pickle(sys.argv[2]))
"""


def of(account: str, count: int = 2, **change: Any) -> pd.DataFrame:
    """Posts 1, 2, … of an account."""
    return posts(
        *[
            {"post_id": str(i), "account_id": account, "text": f"{account} {i}", **change}
            for i in range(1, count + 1)
        ]
    )


def test_accounts_that_number_their_posts_alike_stay_apart(store: HistoryStore) -> None:
    assert store.upsert(of("kino")) == ImportSummary(2, 0, 0)
    assert store.upsert(of("teatr")) == ImportSummary(2, 0, 0, told_apart=2)
    assert store.upsert(of("teatr", shares=50.0)) == ImportSummary(0, 2, 0, told_apart=2)
    assert store.upsert(of("kino")) == ImportSummary(0, 0, 2)
    assert store.posts("facebook", "kino")["shares"].tolist() == [0.0, 1.0]
    assert store.posts("facebook", "teatr")["shares"].tolist() == [50.0, 50.0]


@pytest.mark.parametrize("first", ["kino", "teatr"])
def test_one_file_of_both_accounts_is_idempotent_after_either(
    store: HistoryStore, first: str
) -> None:
    store.upsert(of(first))
    both = pd.concat([of("kino"), of("teatr")], ignore_index=True)
    assert store.upsert(both) == ImportSummary(2, 0, 2, told_apart=2)
    assert store.upsert(both) == ImportSummary(0, 0, 4, told_apart=2)
    assert len(store.posts()) == 4


def test_a_post_that_moved_to_another_account_is_still_that_post(store: HistoryStore) -> None:
    store.upsert(of("kino"))
    moved = of("kino").assign(account_id="Kino")
    assert store.upsert(moved) == ImportSummary(0, 2, 0, renamed=2)
    assert store.upsert(moved) == ImportSummary(0, 0, 2)
    assert store.accounts()["account_id"].tolist() == ["Kino"]


@pytest.mark.parametrize("days", [-28, 28])
def test_accounts_that_publish_the_same_texts_weeks_apart_stay_apart(
    store: HistoryStore, days: int
) -> None:
    centrum = of("centrum", 4)
    later = centrum["published_at"] + pd.Timedelta(days=days)
    osiedle = centrum.assign(account_id="osiedle", published_at=later, shares=50.0)
    store.upsert(centrum)
    assert store.upsert(osiedle) == ImportSummary(4, 0, 0, told_apart=4)
    assert store.upsert(centrum) == ImportSummary(0, 0, 4)
    assert store.upsert(osiedle) == ImportSummary(0, 0, 4, told_apart=4)
    assert store.accounts()["posts"].tolist() == [4, 4]


def test_killed_in_the_middle_leaves_the_store_whole(
    database_url: str, tmp_path: Path, opened: Open
) -> None:
    before = posts({}, {})
    opened(database_url).upsert(before)
    frame = tmp_path / "frame.pkl"
    posts(*[{"shares": 99.0, "collected_at": LATER}] * 50).to_pickle(frame)
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, database_url, str(frame)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert ended.returncode == -9
    store = opened(database_url)
    pd.testing.assert_frame_equal(store.posts(), before)
    assert store.upsert(pd.read_pickle(frame)) == ImportSummary(48, 2, 0)
