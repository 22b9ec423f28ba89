from datetime import UTC, datetime, timedelta

import pytest

from features.errors import InputError
from serving.access.keys import SCOPES, Wanted, digest_of, issue, recognise

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCORE = frozenset({"score"})


def test_a_key_is_recognised_and_its_secret_not_kept() -> None:
    key, written = issue(Wanted("planner", SCORE), NOW)
    other, _ = issue(Wanted("other", SCORE), NOW)
    secret = written.split("_", 2)[2]
    assert recognise(written, [other, key]) is key
    assert secret not in repr(key)
    assert key.digest == digest_of(secret)


@pytest.mark.parametrize("end", ["", "x", "\n", " "])
def test_what_comes_near_is_not_recognised(end: str) -> None:
    key, written = issue(Wanted("planner", SCORE), NOW)
    other, another = issue(Wanted("other", SCORE), NOW)
    wrong = written[:-1] + ("A" if written[-1] != "A" else "B")
    assert recognise(wrong + end, [key]) is None
    assert recognise(written[: len("prescore_") + 13] + another[-43:], [key, other]) is None
    assert recognise(key.digest, [key]) is None


def test_no_two_keys_are_alike() -> None:
    written = {issue(Wanted("planner", SCORE), NOW)[1] for _ in range(50)}
    assert len(written) == 50
    assert {len(key) for key in written} == {len("prescore_") + 12 + 1 + 43}


@pytest.mark.parametrize("scope", SCOPES)
def test_admin_is_good_for_everything(scope: str) -> None:
    admin, _ = issue(Wanted("a", frozenset({"admin"})), NOW)
    score, _ = issue(Wanted("s", SCORE), NOW)
    assert admin.allows(scope)
    assert score.allows(scope) is (scope == "score")


def test_a_key_ends_with_its_last_day() -> None:
    end = NOW + timedelta(days=1)
    key, _ = issue(Wanted("a", SCORE, expires=end), NOW)
    assert key.is_live(end - timedelta(seconds=1))
    assert not key.is_live(end)


@pytest.mark.parametrize("name", ["", " ", "a b", "ż", "a" * 65, "../x", "a\n"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(InputError, match="name has up to 64 letters"):
        Wanted(name, SCORE)


@pytest.mark.parametrize("scopes", [frozenset[str](), frozenset({"root"})])
def test_scopes_are_known(scopes: frozenset[str]) -> None:
    with pytest.raises(InputError, match="score, import, metrics, admin"):
        Wanted("a", scopes)


@pytest.mark.parametrize("rate", [0, -1, 1_000_001])
def test_a_rate_that_cannot_be(rate: int) -> None:
    with pytest.raises(InputError, match="1 to 1,000,000 requests a minute"):
        Wanted("a", SCORE, rate)
