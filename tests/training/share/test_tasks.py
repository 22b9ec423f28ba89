from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from training.share.data import gather_posts, in_vault
from training.share.holdout import hold_out
from training.share.tasks import (
    ShareTaskOptions,
    chances,
    encoder_posts,
    pair_tasks,
    posts_task,
    share_tasks,
)
from training.splits import taught, vault

START = datetime(2024, 5, 1, tzinfo=UTC)


def posts(accounts: int = 30, each: int = 20) -> pd.DataFrame:
    rows = [
        {
            "post_id": f"{account}/{number}",
            "account_id": f"a{account}",
            "platform": "x",
            "text": f"Wpis {number} konta {account}",
            "published_at": START + timedelta(days=number),
            "shares": float(number % 5),
            "collected_at": pd.NaT,
        }
        for account in range(accounts)
        for number in range(each)
    ]
    frame = pd.DataFrame(rows)
    for name in ("published_at", "collected_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


def comparisons(pairs: int = 500) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text_a": [f"Pierwszy {i}" for i in range(pairs)],
            "text_b": [f"Drugi {i}" for i in range(pairs)],
            "winner": ["a" if i % 2 else "b" for i in range(pairs)],
            "group_id": [f"g{i}" for i in range(pairs)],
            "platform": "web",
            "language": "pl",
            "p_value": [0.001 if i % 3 else 0.9 for i in range(pairs)],
        }
    )


def test_posts_of_the_vault_teach_nothing() -> None:
    frame = posts()
    hidden = set(frame["text"][in_vault(frame)])
    task = posts_task(frame, ShareTaskOptions())
    assert hidden
    assert not hidden & set(task.texts)


def test_posts_are_drawn_up_to_the_limit() -> None:
    task = posts_task(posts(), ShareTaskOptions(posts=40, per_account=10))
    assert len(task) == 40
    assert np.isfinite(task.targets).all()


def test_groups_of_the_vault_and_those_kept_for_the_share_model_teach_nothing() -> None:
    frame = comparisons()
    hidden = set(frame["text_a"][vault(frame["group_id"]) | ~taught(frame["group_id"])])
    (task,) = pair_tasks([frame], ShareTaskOptions())
    assert task.name == "share_web"
    assert len(task.texts) + len(hidden) == len(frame)
    assert not hidden & set(task.texts)


def test_a_small_platform_makes_no_task() -> None:
    assert pair_tasks([comparisons(100)], ShareTaskOptions()) == []


def test_sure_tests_are_believed_more() -> None:
    found = chances(comparisons(4))
    assert found[1] > found[3] > 0.5
    assert found[2] < 0.5
    assert found[1] == pytest.approx(1 - found[2])


def test_share_tasks_take_either_table_alone() -> None:
    assert [task.loss for task in share_tasks([posts()], [])] == ["value"]
    assert [task.loss for task in share_tasks([], [comparisons()])] == ["pairs"]


def test_the_posts_of_an_encoder_can_be_told_again() -> None:
    table = gather_posts([posts()])
    options = ShareTaskOptions(posts=20, per_account=5)
    outside = table[~in_vault(table)].reset_index(drop=True)
    told = outside.iloc[encoder_posts(outside, options)]["text"].tolist()
    assert told == list(posts_task(table, options).texts)
    assert 0 < len(told) <= 20


def test_the_latest_posts_that_a_training_on_few_accounts_holds_out_teach_nothing() -> None:
    frame = posts(accounts=3, each=100)
    kept = hold_out(frame)
    task = posts_task(frame, ShareTaskOptions())
    assert kept.by_time
    assert not set(frame["text"][kept.held]) & set(task.texts)
    assert len(task) > 200
