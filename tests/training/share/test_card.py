from types import SimpleNamespace
from typing import Any, cast

import pytest

from training.judging.gate import Verdict
from training.record.card import Card, Origin
from training.run import Attempt
from training.share.card import share_card

FIGURES = ("within_account_spearman", "pair_accuracy_2x", "coverage_90", "interval_width")


def card(**posts: Any) -> Card:
    """The card of a version with these figures on held-out posts."""
    origin = Origin("prescore train share", "2026-01-02T03:04:05Z", ())
    job = SimpleNamespace(target=lambda _: "prescore-share")
    figures, intervals = dict.fromkeys(FIGURES, 0.5), dict.fromkeys(FIGURES, (0.4, 0.6))
    report = {
        "posts": {**figures, "ci": intervals, "baselines": {}, **posts},
        "left_out": {"within_account_spearman": 0.3, "shuffled_control": 0.0},
    }
    attempt = cast("Attempt", SimpleNamespace(job=job, origin=origin))
    return share_card(attempt, report, Verdict(True, (), ()))


@pytest.mark.parametrize(
    ("accounts", "told"), [(1, "1,640 posts of 1 account"), (30, "1,640 posts of 30 accounts")]
)
def test_measures_say_of_how_many_accounts(accounts: int, told: str) -> None:
    assert card(n=1640, accounts=accounts).measures[0].name == f"Spearman within accounts, {told}"


def test_blocks_are_not_said_to_hold_ten_posts_each() -> None:
    found = card(n=640, blocks=40)
    told = "640 posts in 40 blocks of consecutive posts"
    assert found.measures[0].name == f"Spearman within accounts, {told}"
    assert "blocks of ten to nineteen consecutive posts" in found.held_out
