import numpy as np
import pandas as pd

from features.tables.identity import tell_apart
from features.tables.validation import latest


def posts(*rows: tuple[str, str | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["post_id", "account_id", "text"]).astype("str")
    frame["account_id"] = [account if account else np.nan for _, account, _ in rows]
    return frame.assign(platform="x", collected_at=pd.Series(pd.NaT, frame.index))


def test_an_id_used_by_two_accounts_is_two_posts() -> None:
    found = tell_apart(posts(("1", "kino", "a"), ("1", "teatr", "b"), ("2", "kino", "c")))
    assert found["post_id"].tolist() == ["1", "teatr:1", "2"]


def test_one_post_told_again_is_one_post() -> None:
    again = posts(("1", "kino", "a"), ("1", "kino", "b"), ("1", "Kino", "a"), ("1", None, "c"))
    assert tell_apart(again) is again
    assert latest(again).index.tolist() == [3]


def test_the_latest_of_each_account_stays() -> None:
    found = latest(posts(("1", "kino", "a"), ("1", "teatr", "b"), ("1", "teatr", "b")))
    assert found["post_id"].tolist() == ["1", "teatr:1"]
    assert found.index.tolist() == [0, 2]
