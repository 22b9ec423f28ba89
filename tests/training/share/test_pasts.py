from datetime import timedelta

import numpy as np
import pandas as pd

from features.account.settling import settling_time
from training.share.pasts import known_pasts, usual_languages

WAIT = settling_time("x")
START = pd.Timestamp("2026-01-01T12:00Z")


def posts(*rows: tuple[str, timedelta, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "after", "shares"])
    return pd.DataFrame(
        {
            "post_id": [str(i) for i in range(len(frame))],
            "account_id": frame["account_id"].astype("str"),
            "platform": pd.Series(["x"] * len(frame), dtype="str"),
            "text": "Hello",
            "published_at": (START + frame["after"]).astype("datetime64[us, UTC]"),
            "shares": frame["shares"],
            "collected_at": pd.Series([pd.NaT] * len(frame), dtype="datetime64[us, UTC]"),
        }
    )


def test_a_past_holds_the_settled_posts_of_the_same_account_only() -> None:
    frame = posts(
        ("b", timedelta(0), 7),
        ("a", WAIT * 3, 2),
        ("a", timedelta(0), 0),
        ("a", WAIT, 1),
        ("a", WAIT * 2 - timedelta(seconds=1), 5),
    )
    found = [np.expm1(past.log_shares).round().tolist() for past in known_pasts(frame)]
    assert found == [[], [0, 1, 5], [], [0], [0]]


def test_a_post_is_never_part_of_its_own_past_even_among_twins() -> None:
    frame = posts(("a", timedelta(0), 3), ("a", timedelta(0), 9))
    assert [len(past.times) for past in known_pasts(frame)] == [0, 0]


def test_pasts_are_views_of_one_array() -> None:
    frame = posts(*[("a", WAIT * i, float(i)) for i in range(5)])
    pasts = known_pasts(frame)
    assert np.shares_memory(pasts[3].log_shares, pasts[4].log_shares)


def test_an_empty_table_has_no_pasts() -> None:
    assert known_pasts(posts()) == []


def test_the_usual_language_is_that_of_what_was_published_before() -> None:
    hour = timedelta(hours=1)
    frame = posts(*[("a", hour * i, 1) for i in range(3)], ("b", hour, 1), ("a", hour * 2, 1))
    frame["text"] = [
        "Dziś czytamy dzieciom o dziesiątej",
        "Zapraszamy do biblioteki na kawę",
        "The library is open until nine today",
        "The museum is closed on Mondays",
        "Ala ma kota",
    ]
    assert usual_languages(frame, [4, 0, 1, 3]) == {0: None, 1: "pl", 3: None, 4: "pl"}
    assert usual_languages(frame, []) == {}


def test_the_usual_language_is_told_by_the_last_few_posts() -> None:
    frame = posts(*[("a", timedelta(hours=i), 1) for i in range(20)])
    frame["text"] = ["Dziś czytamy dzieciom"] * 10 + ["The library is open today"] * 10
    assert usual_languages(frame, [10, 19]) == {10: "pl", 19: "en"}
