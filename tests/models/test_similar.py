from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import pytest

from features.account.past import AccountPast
from features.schema import Post
from models.scorer import Scorer
from models.similar import NEAREST, SEARCHED, similar
from models.stepwise import finish
from tests.serving.standins import loaded

DAY = 86_400 * 10**9
START = 1_700_000_000 * 10**9
LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def scorer() -> Scorer:
    return Scorer(loaded("emotion"), loaded("share"))


def past_of(texts: list[str], shares: list[float]) -> AccountPast:
    n = len(texts)
    times = np.arange(n, dtype=np.int64) * DAY + START
    ids = tuple(f"p{row}" for row in range(n))
    return AccountPast(times, np.log1p(np.array(shares)), tuple(texts), ids)


def test_the_nearest_past_posts_come_with_their_results(scorer: Scorer) -> None:
    # The tiny encoder tells texts apart by length and exclamation marks.
    films = ["film", "obraz", "seans", "teatr", "scena", "ekran", "bilet", "widz"]
    texts = [f"{word}{'!' * n}" for n, word in enumerate(films)]
    past = past_of(texts, [10.0] * 7 + [40.0])
    found = finish(similar(scorer, Post("kino!!!!!!!!!", platform="x", published_at=LATER), past))
    assert found.posts[0].post_id == "p7"
    assert len(found.posts) == NEAREST
    assert found.posts[0].shares == 40
    assert found.posts[0].published_at == datetime(2023, 11, 21, 22, 13, 20, tzinfo=UTC)
    assert found.population.size == 8
    # Seven earlier posts of 10 shares: no deviation of theirs, 5 of the reference spread of 1.
    assert found.posts[0].relative == pytest.approx(np.log(41 / 11) / (5 / 12))


def test_the_first_post_has_no_baseline_and_an_early_count_is_not_told(scorer: Scorer) -> None:
    past = past_of(["one film", "two films"], [10.0, np.nan])
    first, second = sorted(
        finish(similar(scorer, Post("kino", platform="x", published_at=LATER), past)).posts,
        key=lambda post: post.post_id,
    )
    assert (first.shares, first.relative) == (10, None)
    assert (second.shares, second.relative) == (None, None)


def test_later_posts_are_not_known_yet(scorer: Scorer) -> None:
    past = past_of(["one", "two", "three"], [1.0, 2.0, 3.0])
    at = datetime.fromtimestamp((START + DAY) / 1e9, UTC)
    found = finish(similar(scorer, Post("kino", platform="x", published_at=at), past))
    assert [post.post_id for post in found.posts] == ["p0"]


def test_equal_texts_are_shown_once_and_long_histories_are_cut(scorer: Scorer) -> None:
    past = past_of(["same"] * 1000, [1.0] * 1000)
    found = finish(similar(scorer, Post("kino", platform="x", published_at=LATER), past))
    assert [post.post_id for post in found.posts] == ["p999"]
    assert found.population.size == SEARCHED


def test_posts_in_the_words_of_the_draft_are_not_passed_over(scorer: Scorer) -> None:
    waits = [f"{name} czeka na dom. Łagodny, lubi dzieci." for name in ("Reks", "Mila", "Łatek")]
    # The tiny encoder takes these for nearest: they are as long as the draft, without a mark.
    others = [
        "Brakuje nam koców i ręczników przed zimą dla psów.",
        "Zapraszamy na spacery w sobotę",
    ]
    past = past_of([*waits, *others], [1.0] * 5)
    draft = Post("Burek szuka domu. Jest łagodny i lubi dzieci.", platform="x", published_at=LATER)
    assert finish(similar(scorer, draft, past)).posts[0].text in waits


def test_posts_that_differ_by_a_number_are_shown_once_with_how_many_they_are(
    scorer: Scorer,
) -> None:
    food = [f"We need food for {n} dogs, the store room is empty." for n in range(10, 30)]
    past = past_of([*food, "We did it! Luna went to a new home today."], [1.0] * 21)
    draft = Post("We have run out of dog food.", platform="x", published_at=LATER)
    found = finish(similar(scorer, draft, past)).posts
    assert sorted(post.alike for post in found) == [1, 20]


def test_nothing_known_is_said(scorer: Scorer) -> None:
    found = finish(similar(scorer, Post("kino"), None))
    assert found.posts == ()
    assert [note.code for note in found.warnings] == ["no_history"]


def test_an_emotion_encoder_of_its_own_is_not_asked() -> None:
    emotion, share = loaded("emotion"), loaded("share")
    other, model = cast("Any", emotion.encoder), cast("Any", emotion.model)
    other.digest = model.encoder_digest = "sha256:" + "1" * 64
    scorer = Scorer(emotion, share)
    other.calls.clear()
    past = past_of(["one film", "two films"], [10.0, 20.0])
    found = finish(similar(scorer, Post("kino", platform="x", published_at=LATER), past))
    assert len(found.posts) == 2
    assert other.calls == []
