"""Models whose every effect a person can predict: joy is 0.2, shares 0.5 for each `!`."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from features.account.past import AccountPast
from features.schema import Post
from models.explaining import Explanation, decomposition, explain, telling
from models.phrases import Phrases, Span
from models.rewriting import FEWEST_WORDINGS
from models.scorer import Scorer
from models.stepwise import finish
from tests.serving.standins import TinyShare, loaded

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = 86_400 * 10**9


@pytest.fixture
def scorer() -> Scorer:
    return Scorer(loaded("emotion"), loaded("share"))


def past_of(texts: list[str]) -> AccountPast:
    n = len(texts)
    times = np.arange(n, dtype=np.int64) * DAY + 1_700_000_000 * 10**9
    ids = tuple(f"p{row}" for row in range(n))
    return AccountPast(times, np.log1p(np.full(n, 20.0)), tuple(texts), ids)


def explained(scorer: Scorer, text: str, past: AccountPast | None = None) -> Explanation:
    return finish(explain(scorer, Post(text, platform="x", published_at=NOW, language="en"), past))


def test_a_phrase_adds_what_is_lost_without_it(scorer: Scorer) -> None:
    text = "The council met at noon. We won the cup!! See you there."
    found = explained(scorer, text).phrases
    strongest = max(found, key=lambda phrase: phrase.effects["joy"] or 0)
    assert text[strongest.start : strongest.end] == "We won the cup!!"
    assert strongest.effects["joy"] == pytest.approx(0.4)
    assert strongest.effects["share"] == pytest.approx(1.0)
    others = [phrase.effects["joy"] for phrase in found if phrase is not strongest]
    assert others == pytest.approx([0.0] * len(others))


def test_an_emotion_that_was_never_taught_has_no_effect(scorer: Scorer) -> None:
    emotion: Any = loaded("emotion")
    emotion.model.untaught = ("arousal",)
    found = explained(Scorer(emotion, loaded("share")), "The council met at noon. We won!")
    assert {phrase.effects["arousal"] for phrase in found.phrases} == {None}


def test_a_sentence_whose_parts_hide_each_other_is_told_whole() -> None:
    first, second, whole, other = Span(0, 4), Span(5, 9), Span(0, 9), Span(10, 12)
    cut = Phrases((first, second, other), (whole,))
    effects = {span: np.array([size, 0.0]) for span, size in ((whole, 0.6), (other, 0.0))}
    hidden = {**effects, first: np.array([0.1, 0.0]), second: np.array([0.1, 0.0])}
    assert telling(cut, hidden) == [whole, other]
    alone = {**effects, first: np.array([0.6, 0.0]), second: np.array([0.0, 0.0])}
    assert telling(cut, alone) == [first, second, other]


def test_the_two_sides_and_the_start_sum_to_the_score(scorer: Scorer) -> None:
    score = scorer.score([Post("We open the old cinema today!", language="en")])[0]
    parts = decomposition(score)
    assert parts is not None
    assert [part["family"] for part in parts["who_and_when"]] == ["clock"]
    assert [part["family"] for part in parts["what_and_how"]] == ["text"]
    total = sum(part["effect"] for side in ("who_and_when", "what_and_how") for part in parts[side])
    assert total + parts["start"] == pytest.approx(parts["score"], abs=1e-6)


def test_rewriting_spans_the_accounts_own_wordings(scorer: Scorer) -> None:
    texts = [f"We open the old cinema today{'!' * n}" for n in range(11)]
    span = explained(scorer, "We open the old cinema today", past_of(texts)).rewriting
    assert span is not None
    assert (span.low, span.high) == pytest.approx((0.6, 4.6))


class Remembering(TinyShare):
    """Forecasts of a wording what became of it before, unless it is asked anew."""

    def became(self, post: Post, past: AccountPast) -> float:
        known = dict(zip(past.texts, past.log_shares, strict=True))
        return float(known.get(post.text, 0.0))


def test_what_became_of_the_wordings_themselves_does_not_widen_the_span() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share", model=Remembering(base=0.0)))
    known = past_of([f"We open the old cinema today {n}" for n in range(11)])
    known = replace(known, log_shares=np.arange(11.0))
    span = explained(scorer, "We open the old cinema today", known).rewriting
    assert span is not None
    assert (span.low, span.high) == (0.0, 0.0)


def test_few_known_wordings_span_nothing(scorer: Scorer) -> None:
    texts = ["We open the old cinema today!"] * 30 + ["another"] * (FEWEST_WORDINGS - 2)
    assert explained(scorer, "We open the old cinema today", past_of(texts)).rewriting is None


def test_wordings_from_after_the_post_are_not_known_yet() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share"))
    past = past_of([f"We open the old cinema today{'!' * n}" for n in range(11)])
    early = Post("We open the cinema", published_at=datetime(2023, 11, 20, tzinfo=UTC))
    assert finish(explain(scorer, early, past)).rewriting is None


def test_what_cannot_be_scored_is_not_explained(scorer: Scorer) -> None:
    answer = explained(scorer, "ok").to_json()
    assert (answer["status"], answer["reason"]["code"]) == ("abstained", "too_short")
    assert (answer["phrases"], answer["decomposition"], answer["rewriting"]) == ([], None, None)


def test_reading_costs_one_encoding_for_each_phrase() -> None:
    share = loaded("share", model=TinyShare())
    emotion: Any = loaded("emotion")
    emotion.encoder.calls.clear()
    found = explained(Scorer(emotion, share), "One, two, three, four. " * 200)
    assert len(found.phrases) <= 14
    assert sum(emotion.encoder.calls) <= 1 + 1 + 14
