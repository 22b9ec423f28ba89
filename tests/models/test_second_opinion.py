from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.second_opinion import BITS, SILENT_FROM, SecondOpinion, runs

TEXTS = ["Kino pod chmurką w piątek o 21", "Free entry on Friday, bring a blanket"]
NOTHING = np.full(len(TEXTS), np.nan, np.float32)


@pytest.fixture
def opinion() -> SecondOpinion:
    draw = np.random.default_rng(0)
    weights = draw.normal(size=(2**BITS, 2)).astype(np.float16).astype(np.float32)
    return SecondOpinion(("x", "web"), weights, np.array([0.1, -0.2], np.float32), lender="x")


def said(opinion: SecondOpinion, platforms: Sequence[str | None]) -> list[float]:
    return [float(one) for one in opinion.score(TEXTS, platforms, NOTHING)]


def test_it_says_how_far_a_wording_is_from_the_usual_one(opinion: SecondOpinion) -> None:
    expected = runs(TEXTS) @ opinion.weights - opinion.centre
    assert said(opinion, ["x", "web"]) == pytest.approx([expected[0, 0], expected[1, 1]])


@pytest.mark.parametrize("platform", ["facebook", None])
def test_platforms_without_comparisons_borrow(opinion: SecondOpinion, platform: str | None) -> None:
    assert said(opinion, [platform] * 2) == said(opinion, ["x", "x"])


def test_where_nobody_lends_nothing_is_said() -> None:
    alone = SecondOpinion(
        ("web",), np.ones((2**BITS, 1), np.float32), np.zeros(1, np.float32), lender=None
    )
    assert said(alone, ["facebook", None]) == [0, 0]
    assert min(said(alone, ["web", "web"])) > 0


def test_it_falls_silent_as_the_past_of_an_account_becomes_known(opinion: SecondOpinion) -> None:
    known = np.array([0, SILENT_FROM / 2, SILENT_FROM, 300], np.float32)
    found = opinion.score([TEXTS[0]] * 4, ["x"] * 4, known)
    assert found / found[0] == pytest.approx([1, 0.5, 0, 0])


def test_what_it_says_of_a_draft_does_not_hang_on_the_others(opinion: SecondOpinion) -> None:
    together = opinion.score(TEXTS, ["x", "x"], np.array([0, 300], np.float32))
    assert together.tolist() == [opinion.score(TEXTS[:1], ["x"], NOTHING[:1])[0], 0]


def test_it_is_the_same_after_being_kept(opinion: SecondOpinion, tmp_path: Path) -> None:
    opinion.save(tmp_path / "opinion.npz")
    again = SecondOpinion.load(tmp_path / "opinion.npz")
    assert (again.platforms, again.lender) == (opinion.platforms, opinion.lender)
    assert said(again, ["web", "facebook"]) == said(opinion, ["web", "facebook"])
