import numpy as np
import pandas as pd
import pytest

from features.schema import Post
from models.population import ANY
from models.share_rows import LUCK
from training.judging.bootstrap import Floats
from training.share import blend
from training.share.blend import (
    FEW_ACCOUNTS,
    FEWEST_PAIRS,
    leaning,
    luck_of,
    luck_of_posts,
    slopes,
)
from training.share.data import blocks


def leads_of(luck: float, pairs: int = 20_000) -> Floats:
    """How far the winner's score leads, in pairs of posts that land `luck` from their scores."""
    draw = np.random.default_rng(0)
    score = draw.normal(size=(2, pairs))
    outcome = score + luck * draw.normal(size=(2, pairs))
    leads = np.sign(outcome[0] - outcome[1]) * (score[0] - score[1])
    return np.asarray(leads, dtype=np.float64)


@pytest.mark.parametrize("luck", [0.3, 1.0, 2.5])
def test_luck_is_found_again(luck: float) -> None:
    assert luck_of(leads_of(luck)) == pytest.approx(luck, rel=0.05)


def test_few_pairs_tell_no_luck() -> None:
    assert luck_of(leads_of(0.3)[: FEWEST_PAIRS - 1]) == LUCK


def test_the_luck_of_few_accounts_leans_on_that_of_all() -> None:
    found = [leaning(2.0, 0.5, accounts) for accounts in (0, FEW_ACCOUNTS, 10**6)]
    assert found == pytest.approx([0.5, 1.0, 2.0], rel=1e-3)


def test_a_platform_leans_by_the_number_of_its_accounts() -> None:
    counts, lucks = {"x": 60, "facebook": 10}, {"x": 0.5, "facebook": 2.0}
    keys = [f"{name}:{n}" for name, many in counts.items() for n in range(many) for _ in range(80)]
    drafts = [Post(text="Kino", platform=key.split(":")[0]) for key in keys]
    draw = np.random.default_rng(0)
    score = draw.normal(size=len(keys))
    misses = draw.normal(size=len(keys)) * [lucks[str(draft.platform)] for draft in drafts]
    shares = np.expm1(6 + 0.5 * (score + misses))
    frame = pd.DataFrame({"shares": shares})
    posts = blocks(
        frame, drafts, np.array(keys), lambda texts: np.ones((len(texts), 2), np.float32)
    )
    found = luck_of_posts(posts, score, 0)
    everywhere = found.pop(ANY)
    expected = {name: leaning(lucks[name], everywhere, many) for name, many in counts.items()}
    assert found == pytest.approx(expected, rel=0.1)
    assert expected["facebook"] < 1.3


def test_a_platform_with_posts_only_has_its_luck_and_the_gains_of_all() -> None:
    gains = {ANY: np.array([0.5, 0.25])}
    found = slopes(gains, None, np.empty(0), 1.2, {ANY: 1.0, "facebook": 0.8})
    assert found["facebook"].luck == 0.8
    assert found["facebook"].gains.tolist() == [0.5, 0.25]
    assert found[ANY].luck == 1.0


def test_leads_are_drawn_from_all_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blend, "LEADS", 200)
    keys = np.repeat(["facebook:a", "x:a"], 400)
    right = np.where(keys == "x:a", 1.0, -1.0)
    outcome = np.random.default_rng(0).normal(size=len(keys))
    rows = blocks(
        pd.DataFrame({"shares": np.expm1(6 + outcome)}),
        [Post(text="Kino")] * len(keys),
        keys,
        lambda texts: np.ones((len(texts), 2), np.float32),
    )
    leads = blend.post_leads(rows, right * outcome, 0)
    assert len(leads) == 200
    assert 0.4 < (leads > 0).mean() < 0.6
