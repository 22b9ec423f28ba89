from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from models.settings import Home
from serving.app import create_app
from serving.settings import Settings


@pytest.fixture(scope="module")
def whole(home: Home) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(home, poll_seconds=3600))) as client:
        yield client


def test_an_accounts_past_is_counts_and_times_without_texts(whole: TestClient) -> None:
    answer = whole.get("/v1/page/past?platform=facebook&account_id=kino")
    posts = answer.json()["posts"]
    assert len(posts) == 40
    assert posts[0] == {"published_at": "2026-01-01T00:00:00Z", "shares": 3}
    assert "kinie" not in answer.text


def test_an_unknown_account_has_no_past(whole: TestClient) -> None:
    assert whole.get("/v1/page/past?platform=x&account_id=nobody").json() == {"posts": []}
