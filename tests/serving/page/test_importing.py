import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from features.account.store import HistoryStore
from serving.page.importing import steps

GOOD = "id,account,platform,text,date,shares\na1,kino,x,We open today.,2026-05-01T10:00Z,3\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'history.db'}"


def told(url: str, content: str, **given: Any) -> list[dict[str, Any]]:
    found = steps(url, "may.csv", content.encode(), zone="UTC", day_first=None, given=given)
    return list(json.loads(json.dumps(list(found))))


def test_an_import_tells_how_far_it_got_and_what_came_of_it(url: str) -> None:
    reading, keeping, last = told(url, GOOD + "a2,kino,x,Hello there.,2026-05-02T10:00Z,many\n")
    assert (reading, keeping) == ({"stage": "reading"}, {"stage": "keeping", "posts": 1})
    done = last["done"]
    assert (done["added"], done["refused"]) == (1, 1)
    assert done["accounts"] == [{"platform": "x", "account_id": "kino", "posts": 1}]
    assert [one["row"] for one in done["problems"]] == [3]
    assert "Hello there." in done["refused_rows"]
    store = HistoryStore(url)
    assert store.posts()["post_id"].tolist() == ["a1"]
    store.close()


def test_counts_without_a_time_are_of_now_and_may_be_too_young(url: str) -> None:
    published = datetime.now(UTC) - timedelta(minutes=5)
    done = told(url, GOOD + f"a2,kino,x,Hello there.,{published.isoformat()},0\n")[-1]["done"]
    assert done["too_young"] == 1


def test_account_and_platform_can_be_given_for_a_file_without(url: str) -> None:
    content = "id,text,date,shares\na1,We open today.,2026-05-01T10:00Z,3\n"
    last = told(url, content, account_id="kino", platform="facebook")[-1]
    assert last["done"]["accounts"] == [{"platform": "facebook", "account_id": "kino", "posts": 1}]


def test_a_file_that_cannot_be_used_keeps_nothing(url: str) -> None:
    last = told(url, "colour\nred\n")[-1]
    assert last["failed"].startswith("may.csv: ")
    assert "/tmp" not in last["failed"]
