from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from features.account.past import AccountPast, to_ns
from features.schema import Post
from features.text import surface
from models import recall
from models.recall import MEMORY, Memory, Reader, Recall, Recollection
from models.textview import BITS

"""Of the drafts below by the past below, before versions said how much they recall."""

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = START + timedelta(days=900)
QUIZ, MINUTES = "Quiz time: name this street", "Minutes of the board meeting are online"
DRAFTS = [
    Post(text=text, platform="x", published_at=LATER)
    for text in ("Quiz time: name this bridge", "Minutes of the last board meeting")
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    width = len(surface.NAMES)
    return Reader(
        np.ones(2**BITS, np.float32), np.zeros(width, np.float32), np.ones(width, np.float32)
    )


def past(rows: int = 60) -> AccountPast:
    """An account whose quizzes are shared far more than its minutes."""
    texts = tuple(f"{QUIZ} {n}" if n % 2 else f"{MINUTES} {n}" for n in range(rows))
    shares = np.array([80.0 if n % 2 else 5.0 for n in range(rows)])
    times = np.array([to_ns(START + timedelta(days=n)) for n in range(rows)])
    return AccountPast(times, np.log1p(shares), texts, tuple(map(str, range(rows))))


def test_a_draft_like_posts_that_did_well_looks_better(reader: Reader) -> None:
    found = Recall(reader)(DRAFTS, [past()] * 2)
    (quiz, minutes), ground = found[:, 0], found[:, 1]
    assert quiz > 0.3
    assert minutes < -0.3
    assert ((ground > 0.2) & (ground < 1)).all()


def test_a_draft_unlike_anything_posted_rests_on_little_ground(reader: Reader) -> None:
    strange = replace(DRAFTS[0], text="Żółw!!! 😀😀😀 #wow #pies #kot " * 5)
    outlook, ground = Recall(reader)([strange], [past()])[0]
    assert abs(outlook) < 0.15
    assert ground < 0.2


def test_nothing_is_recalled_without_an_account_or_with_few_posts(reader: Reader) -> None:
    found = Recall(reader)([DRAFTS[0]] * 3, [None, past(4), AccountPast(*_bare(past()))])
    assert (found == 0).all()


def _bare(known: AccountPast) -> tuple[np.ndarray, np.ndarray]:
    return known.times, known.log_shares


def test_only_what_had_settled_by_the_time_is_recalled(reader: Reader) -> None:
    known, early = past(), START + timedelta(days=30)
    cut = AccountPast(known.times[:30], known.log_shares[:30], known.texts[:30])
    drafts = [replace(post, published_at=early) for post in DRAFTS]
    seen, whole = Recall(reader)(drafts, [cut] * 2), Recall(reader)(drafts, [known] * 2)
    np.testing.assert_array_equal(seen, whole)


def test_an_answer_is_the_same_alone_among_others_and_when_asked_again(reader: Reader) -> None:
    ask, known = Recall(reader), past()
    together = ask(DRAFTS, [known] * 2)
    alone = [ask([post], [replace(known)])[0] for post in DRAFTS]
    np.testing.assert_array_equal(together, np.array(alone))


def test_only_the_last_posts_count(reader: Reader) -> None:
    known = past(MEMORY.posts + 40)
    times, shares, texts = known.times, known.log_shares.copy(), list(known.texts)
    texts[:20] = [DRAFTS[0].text] * 20
    old = AccountPast(times, shares, tuple(texts))
    np.testing.assert_array_equal(
        Recall(reader)(DRAFTS, [old] * 2), Recall(reader)(DRAFTS, [known] * 2)
    )


def test_no_more_accounts_are_kept_than_allowed(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "REMEMBERED", 2)
    ask = Recall(reader)
    first = ask(DRAFTS, [past(20)] * 2)
    for rows in (30, 40, 50):
        ask(DRAFTS, [past(rows)] * 2)
    np.testing.assert_array_equal(ask(DRAFTS, [past(20)] * 2), first)


def test_what_moved_people_long_ago_moves_them_less(reader: Reader) -> None:
    known = past(200)
    shares = known.log_shares.copy()
    shares[:100] = shares[:100][::-1]  # Minutes did well once.
    changed = replace(known, log_shares=shares)
    fades, lasts = (
        Recall(reader, Memory(fading=fading))(DRAFTS, [changed] * 2)[:, 0]
        for fading in (50.0, 5000.0)
    )
    assert fades[0] - fades[1] > 0.3
    assert abs(lasts[0] - lasts[1]) < 0.1


def test_anew_a_draft_in_old_words_is_told_by_the_other_posts_alone(reader: Reader) -> None:
    """Two posts that say the same did as all others on average, so the mean is one without them."""
    texts = [QUIZ, QUIZ, *(f"{QUIZ} {n}" if n % 2 else f"{MINUTES} {n}" for n in range(20))]
    outcomes = np.array([0.0, 0.0, *(1.0 if n % 2 else -1.0 for n in range(20))])
    posts, drafts = reader(texts), reader([QUIZ, "Quiz time: name this bridge"])
    alike, now = posts.likeness(posts, MEMORY), drafts.likeness(posts, MEMORY)
    whole = Recollection.of(posts, alike, outcomes, MEMORY)
    others = Recollection.of(posts.take(range(2, 22)), alike[2:, 2:], outcomes[2:], MEMORY)
    left_out = np.zeros(now.shape, dtype=np.bool_)
    left_out[0, :2] = True
    found = whole.tell_without(now, left_out)
    np.testing.assert_allclose(found[0], others.tell(now[:, 2:])[0], atol=1e-6)
    np.testing.assert_allclose(found[1], whole.tell(now)[1], atol=1e-6)


def test_anew_only_posts_in_the_very_words_are_left_out(reader: Reader) -> None:
    known = past()
    shares = known.log_shares.copy()
    shares[41] += 6  # One quiz went round the world.
    lucky, ask = replace(known, log_shares=shares), Recall(reader)
    drafts = [replace(DRAFTS[0], text=text) for text in (known.texts[41], known.texts[43])]
    again, anew = (ask(drafts, [lucky] * 2, anew=anew)[:, 0] for anew in (False, True))
    assert again[0] - again[1] > 0.3
    assert anew[0] < anew[1]
