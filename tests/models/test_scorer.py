import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.account.past import AccountPast
from features.errors import ModelError
from features.schema import FloatArray, Post
from features.text.encoder import Encoder
from models.scorer import Scorer
from models.stepwise import finish, vectors_of
from tests.serving.standins import TinyShare, loaded
from tests.training.small_encoders import branched

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLISH = Post("Udało się! Po trzech latach otwieramy kino na Starówce.", language="pl")
ENGLISH = Post("Our bakery burned down last night, and we will rebuild it!", language="en")


@pytest.fixture
def scorer() -> Scorer:
    return Scorer(loaded("emotion"), loaded("share"))


def past_of(posts: int) -> AccountPast:
    days = np.arange(posts, dtype=np.int64) * 86_400 * 10**9 + 1_700_000_000 * 10**9
    return AccountPast(days, np.log1p(np.full(posts, 20.0)))


def codes(score: Any) -> set[str]:
    return {note.code for note in score.warnings}


def test_score_answers_in_the_shape_of_the_contract(scorer: Scorer) -> None:
    answer = scorer.score([ENGLISH], now=NOW)[0].to_json()
    assert list(answer) == [
        "id",
        "status",
        "language",
        "emotion",
        "share",
        "reasons",
        "warnings",
        "models",
    ]
    assert answer["emotion"]["joy"] == {"value": 0.2, "low": 0.1, "high": 0.3}
    assert list(answer["emotion"])[-3:] == ["valence", "arousal", "overall"]
    assert answer["share"]["population"]["kind"] == "reference"
    assert answer["share"]["expected_shares"] is None
    assert answer["models"]["share"] == {"name": "prescore-share", "version": "1"}
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_reasons_sum_to_the_score(scorer: Scorer) -> None:
    answer = scorer.score([ENGLISH])[0].to_json()
    total = sum(reason["effect"] for reason in answer["reasons"])
    assert total == pytest.approx(answer["share"]["score"]["value"], abs=1e-9)
    assert [reason["family"] for reason in answer["reasons"]] == ["text", "clock", "start"]


def test_score_ids_are_uuids_that_sort_by_time(scorer: Scorer) -> None:
    first = scorer.score([ENGLISH] * 3, now=NOW)
    later = scorer.score([ENGLISH], now=NOW.replace(hour=13))
    ids = [score.id for score in (*first, *later)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 4
    assert {name[14] for name in ids} == {"7"}


def test_one_encoding_serves_both_models(scorer: Scorer) -> None:
    emotion, share = loaded("emotion"), loaded("share")
    encoders: list[Any] = [emotion.encoder, share.encoder]
    for encoder in encoders:
        encoder.calls.clear()
    Scorer(emotion, share).score([ENGLISH, POLISH, Post("ok")])
    assert encoders[0].calls == [2]
    assert encoders[1].calls == []


def test_one_encoding_serves_a_share_model_on_the_trunk(tmp_path: Path) -> None:
    encoder: Any = Encoder.load(branched(tmp_path)[1])
    emotion, share = loaded("emotion"), loaded("share")
    for each, which in ((emotion, encoder), (share, encoder.trunk)):
        object.__setattr__(each, "encoder", which)
        vars(each.model)["encoder_digest"] = which.digest
    asked: list[str] = []

    def encode(which: Encoder, texts: Sequence[str]) -> FloatArray:
        asked.append(which.digest)
        return which.encode(texts)

    scorer = Scorer(emotion, share, encode)
    (score,) = scorer.score([ENGLISH])
    finish(vectors_of(scorer, [POLISH.text]))
    assert asked == [encoder.digest] * 2
    assert score.vectors is not None
    whole, trunk = score.vectors[:2]
    np.testing.assert_array_equal(whole[: len(trunk)], trunk)
    assert len(whole) == 2 * len(trunk)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "   ",
        "\0",
        "😍🔥🎉",
        "https://example.org/a/very/long/path?with=words&and=more",
        "@someone @someone_else",
        "\ud83d\ud83d\ud83d",
        "12 345 678 90",
    ],
)
def test_texts_without_words_are_too_short(scorer: Scorer, text: str) -> None:
    score = scorer.score([Post(text)])[0]
    assert score.to_json()["status"] == "abstained"
    assert score.to_json()["reason"]["code"] == "too_short"
    assert "emotion" not in score.to_json()


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_told_so(scorer: Scorer, text: str) -> None:
    reason = scorer.score([Post(text)])[0].to_json()["reason"]
    assert (reason["code"], reason["message"][:14]) == ("too_short", "This is empty:")


@pytest.mark.parametrize(
    "text",
    [
        "abc" * 13_000,
        "Otwieramy kino na Starówce! " * 1_400,
        "Dziś wielka premiera naszej aplikacji, let us know what you think about it!",
        "Our bakery \ud83d burned \udc00 down last night",
        "Hello\0 my dear \x07friends",
    ],
)
def test_unusual_texts_are_scored(scorer: Scorer, text: str) -> None:
    assert scorer.score([Post(text, language="pl")])[0].to_json()["status"] == "ok"


def test_two_ideographs_are_words() -> None:
    from models.grounds import letters

    assert letters("开业") == 8


@pytest.mark.parametrize("text", ["a" * 40_000, "ż" * 15, "Brawooooooooo!!!"])
def test_a_letter_held_down_makes_no_sentence(scorer: Scorer, text: str) -> None:
    refusal = scorer.score([Post(text, language="pl")])[0].refusal
    assert refusal is not None
    assert refusal.code == "too_short"


@pytest.mark.parametrize("text", ["Dziękujemy!", "Wyprzedaż", "Aaaaaaale pogoda", "Schifffahrt"])
def test_one_real_word_is_scored(scorer: Scorer, text: str) -> None:
    assert scorer.score([Post(text, language="pl")])[0].status == "ok"


def test_a_language_the_model_has_not_learnt_is_refused(scorer: Scorer) -> None:
    arabic = "مرحبا بالعالم، هذا منشور جديد اليوم عن افتتاح السينما القديمة"
    score = scorer.score([Post(arabic)])[0]
    assert (score.status, score.language) == ("abstained", "ar")
    assert score.refusal is not None
    assert score.refusal.code == "unsupported_language"
    assert score.refusal.message.startswith("This looks like language 'ar'")
    assert "de, en, pl" in score.refusal.message


def test_a_refusal_for_a_given_language_says_that_it_was_given(scorer: Scorer) -> None:
    refusal = scorer.score([Post(ENGLISH.text, language="sw")])[0].refusal
    assert refusal is not None
    assert (refusal.code, refusal.values) == ("unsupported_language", {"given": "sw"})
    assert refusal.message == (
        "The language given is 'sw', which the model has not learnt. It knows de, en, pl. "
        "Correct `language` or leave it out."
    )


def test_a_given_language_is_believed(scorer: Scorer) -> None:
    assert scorer.score([Post(ENGLISH.text, language="sw")])[0].status == "abstained"
    assert scorer.score([Post("Bonjour mes amis de Varsovie", language="pl")])[0].status == "ok"


def test_a_post_unlike_the_training_posts_is_refused(scorer: Scorer) -> None:
    score = scorer.score([Post("qqqq of a kind nobody has ever seen", language="en")])[0]
    assert score.refusal is not None
    assert score.refusal.code == "out_of_distribution"


def test_what_is_not_known_is_said(scorer: Scorer) -> None:
    bare = scorer.score([ENGLISH])[0]
    assert codes(bare) == {"no_history", "unknown_time", "unknown_platform"}
    full = Post(ENGLISH.text, platform="x", account_id="a", published_at=NOW, language="en")
    thin, known = scorer.score([full, full], [past_of(4), past_of(30)])
    assert codes(thin) == {"thin_history"}
    assert codes(known) == set()
    assert known.share is not None
    assert known.share.population.kind == "account"
    assert known.share.expected_shares is not None


def test_a_platform_that_was_not_learnt_is_said(scorer: Scorer) -> None:
    assert "platform_unmeasured" in codes(scorer.score([replace(ENGLISH, platform="tiktok")])[0])
    assert "platform_unmeasured" not in codes(scorer.score([replace(ENGLISH, platform="x")])[0])


def test_a_language_without_human_ratings_is_said() -> None:
    emotion: Any = loaded("emotion")
    emotion.model.measured = frozenset({"en"})
    polish, english = Scorer(emotion, loaded("share")).score([POLISH, ENGLISH])
    assert "language_unmeasured" in codes(polish)
    assert "language_unmeasured" not in codes(english)


def test_a_long_text_is_said_to_be_cut(scorer: Scorer) -> None:
    assert "long_text" in codes(scorer.score([Post("word " * 1000, language="en")])[0])


def test_scores_keep_the_order_of_the_posts(scorer: Scorer) -> None:
    posts = [ENGLISH, Post("ok"), POLISH, Post("!"), Post(ENGLISH.text + "!!", language="en")]
    statuses = [score.status for score in scorer.score(posts)]
    assert statuses == ["ok", "abstained", "ok", "abstained", "ok"]
    values = [s.share.score.value for s in scorer.score(posts) if s.share is not None]
    assert values == pytest.approx([0.6, 0.6, 1.6])


def test_no_posts_no_scores(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_a_version_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ModelError, match="prescore-share version 1 is of kind 'share'"):
        Scorer(loaded("share"), loaded("share"))


def test_a_version_on_another_encoder_is_refused() -> None:
    model = TinyShare()
    model.encoder_digest = "sha256:ffff"
    with pytest.raises(ModelError, match="fitted on encoder sha256:ffff"):
        Scorer(loaded("emotion"), loaded("share", model=model))


def test_a_forecast_that_is_no_number_is_no_answer() -> None:
    scorer = Scorer(loaded("emotion"), loaded("share", model=TinyShare(base=math.nan)))
    with pytest.raises(ModelError, match="not a finite number"):
        scorer.score([ENGLISH])


def test_an_emotion_that_was_never_taught_is_null() -> None:
    emotion: Any = loaded("emotion")
    emotion.model.untaught = ("arousal",)
    answer = Scorer(emotion, loaded("share")).score([ENGLISH])[0].to_json()
    assert answer["emotion"]["arousal"] is None
    assert answer["emotion"]["joy"] is not None


def test_stages_are_timed() -> None:
    seen: dict[str, float] = {}
    scorer = Scorer(loaded("emotion"), loaded("share"), observe=seen.__setitem__)
    scorer.score([ENGLISH], explain=False)
    assert seen.keys() == {"features", "encode", "predict"}
    scorer.score([ENGLISH])
    assert seen.keys() == {"features", "encode", "predict", "explain"}
    assert all(seconds >= 0 for seconds in seen.values())


def test_a_short_draft_is_in_the_language_of_its_account(scorer: Scorer) -> None:
    past = past_of(3)
    polish = replace(past, texts=("Otwieramy o dziewiątej.", "Zapraszamy na kawę!", "Dziękujemy"))
    post = Post("Joga o poranku")
    alone, known = scorer.score([post, post], [past, polish])
    assert (alone.language, known.language) == ("pt", "pl")
