from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.account.history import KNOWN
from features.schema import FloatArray
from models.second_opinion import SILENT_FROM, SecondOpinion
from training.share.data import PairRows, PostRows, blocks, pair_rows
from training.share.second_opinion import OpinionOptions, Opinions, fit_opinions
from training.share.stuffing import joined

WINNERS = ("a free ticket", "music and dancing", "bring a friend")
LOSERS = ("a quarterly report", "terms and conditions", "an office notice")
PLEA = "Please share this with everyone!"
OPTIONS = OpinionOptions(share=0.25)
NOBODY = np.full(1, np.nan, np.float32)


def encode(texts: Sequence[str]) -> FloatArray:
    return np.ones((len(texts), 2), np.float32)


def comparisons(count: int, platform: str, plea: str = "") -> PairRows:
    """The first side wins every other time; winners have words of their own, and plead."""
    draw = np.random.default_rng(0)
    rows = []
    for number in range(count):
        better = f"Number {number}: {draw.choice(WINNERS)} {plea}".strip()
        worse = f"Number {number}: {draw.choice(LOSERS)}"
        first, second = (better, worse) if number % 2 else (worse, better)
        rows.append((first, second, "a" if number % 2 else "b", f"g{number // 4}", platform, "en"))
    columns = ["text_a", "text_b", "winner", "group_id", "platform", "language"]
    return pair_rows(pd.DataFrame(rows, columns=columns), encode)


def some_posts() -> PostRows:
    pairs = comparisons(40, "x")
    posts = blocks(
        pairs.first.frame.assign(shares=1.0),
        [replace(post, platform="facebook") for post in pairs.first.posts],
        np.full(len(pairs), "one", np.str_),
        encode,
    )
    posts.states[20:, KNOWN] = np.log1p(SILENT_FROM)
    return posts


def fitted(pairs: PairRows, platform: str = "x", options: OpinionOptions = OPTIONS) -> Opinions:
    leads = np.random.default_rng(1).normal(size=len(pairs))
    return fit_opinions(some_posts(), pairs, leads, [platform], options, seed=0, folds=3)


def says(opinion: SecondOpinion | None, text: str) -> float:
    assert opinion is not None
    return float(opinion.score([text], ["x"], NOBODY)[0])


def test_it_tells_winners_of_groups_that_were_left_out() -> None:
    pairs = comparisons(120, "x")
    told = fitted(pairs)
    assert np.mean((told.leads > 0) == (pairs.won > 0)) > 0.95
    assert says(told.opinion, "Number 7: a free ticket") > says(told.opinion, "Number 7: a report")


def test_its_leads_are_as_wide_as_was_asked() -> None:
    pairs = comparisons(120, "x")
    leads = np.random.default_rng(1).normal(size=len(pairs))
    assert fitted(pairs).leads.std() == pytest.approx(OPTIONS.share * leads.std())


def test_posts_without_a_past_are_told_around_nothing_and_others_not_at_all() -> None:
    added = fitted(comparisons(120, "x")).posts
    assert added[:20].std() > 0.01
    assert abs(added[:20].mean()) < added[:20].std()
    assert added[20:].tolist() == [0.0] * 20


def test_what_is_pasted_on_texts_hardly_wins() -> None:
    """Winners plead here half of the time and losers never: a plea does tell who won."""
    pleading = comparisons(60, "x", PLEA)
    plain = comparisons(60, "x")
    pairs = replace(
        pleading,
        first=joined(pleading.first, plain.first),
        second=joined(pleading.second, plain.second),
        **{
            name: np.concatenate([getattr(pleading, name), getattr(plain, name)])
            for name in ("won", "groups", "platforms", "weights", "weeks", "taught")
        },
    )
    draft = "Number 7: the museum opens at noon"

    def gained(options: OpinionOptions) -> float:
        opinion = fitted(pairs, options=options).opinion
        return says(opinion, f"{draft} {PLEA}") - says(opinion, draft)

    credulous = replace(OPTIONS, stuffed=0.0, originals=0.0)
    assert gained(OPTIONS) < 0.7 * gained(credulous)


@pytest.mark.parametrize(("platform", "lender"), [("x", "x"), ("web", None)])
def test_headlines_lend_to_no_posts(platform: str, lender: str | None) -> None:
    opinion = fitted(comparisons(120, platform), platform).opinion
    assert opinion is not None
    assert (opinion.platforms, opinion.lender) == ((platform,), lender)


def test_without_comparisons_there_is_none() -> None:
    told = fit_opinions(some_posts(), None, np.empty(0), [], OPTIONS, seed=0, folds=3)
    assert told.opinion is None
    assert not told.posts.any()
