from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.training.tables import posts_table
from training.share.data import in_vault, keys_of
from training.share.holdout import BLOCK, HoldOut, block_codes, hold_out


def test_many_accounts_are_held_out_whole(tmp_path: Path) -> None:
    table = posts_table(tmp_path, accounts=90).frame
    kept = hold_out(table)
    assert not kept.by_time
    assert kept.held.tolist() == in_vault(table).tolist()
    assert kept.note() == ""
    part, judged = kept.context(table)
    assert judged.all()
    assert len(part) == kept.held.sum()


@pytest.mark.parametrize("accounts", [1, 3, 12])
def test_of_few_accounts_the_latest_fifth_is_held_out(tmp_path: Path, accounts: int) -> None:
    table = posts_table(tmp_path, accounts=accounts, posts=50).frame
    table = table.sample(frac=1, random_state=0).reset_index(drop=True)
    kept = hold_out(table)
    assert kept.by_time
    for _, rows in table.assign(held=kept.held).groupby(keys_of(table)):
        held, trained = rows[rows["held"]], rows[~rows["held"]]
        assert len(held) == 10
        assert held["published_at"].min() > trained["published_at"].max()
    part, judged = kept.context(table)
    assert (len(part), judged.sum()) == (50 * accounts, 10 * accounts)


@pytest.mark.parametrize(
    ("accounts", "in_vault", "said"),
    [
        (1, 0, "Of 1 account, none is in the tenth that is always held out; 5 are needed."),
        (6, 1, "Of 6 accounts, 1 is in the tenth"),
        (12, 2, "Of 12 accounts, 2 are in the tenth"),
    ],
)
def test_the_note_counts_accounts(accounts: int, in_vault: int, said: str) -> None:
    note = HoldOut(np.ones(10, np.bool_), True, accounts, in_vault).note()
    assert note.startswith(said)
    assert "was held out (10 posts)" in note


def test_posts_of_one_moment_are_never_parted(tmp_path: Path) -> None:
    table = posts_table(tmp_path, accounts=1, posts=20).frame
    table["published_at"] = table["published_at"].sort_values().to_numpy()
    table.loc[10:, "published_at"] = table["published_at"].iloc[10]
    assert hold_out(table).held.tolist() == [False] * 10 + [True] * 10


def test_a_post_without_account_is_not_held_out(tmp_path: Path) -> None:
    table = posts_table(tmp_path, accounts=2, posts=50).frame
    table.loc[49, "account_id"] = np.nan
    assert not hold_out(table).held[49]


def test_blocks_are_consecutive_posts_of_one_account(tmp_path: Path) -> None:
    table = posts_table(tmp_path, accounts=2, posts=25).frame
    codes = pd.Series(block_codes(table))
    assert codes.value_counts().sort_index().tolist() == [BLOCK, 15, BLOCK, 15]
    assert codes.nunique() == 4
