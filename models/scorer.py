"""From posts to answers: the one path that the service, the command line and MLflow share."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, cast

import numpy as np

from features.account import history
from features.account.past import AccountPast
from features.errors import ModelError
from features.schema import INTENSITIES, FloatArray, Post
from features.text.cleaning import reading_once
from models import grounds
from models.accounts import past_notes
from models.grounds import Spoken
from models.ranking import CLOSE, Ranking, rank
from models.score import (
    Interval,
    ModelName,
    Note,
    Peers,
    Provenance,
    Reason,
    Score,
    SharePotential,
    annotate,
    reasons_of,
    score_ids,
)
from models.spoken import speak, usual_languages
from models.versions import check_kind

if TYPE_CHECKING:
    from features.text.encoder import Encoder
    from models.emotion import EmotionForecast, EmotionModel
    from models.share import ShareModel
    from models.share_forecast import ShareForecast
    from models.versions import Loaded

Encode = Callable[["Encoder", Sequence[str]], FloatArray]
Observe = Callable[[str, float], None]
"""Told the name of a stage and the seconds that it took."""

FAMILY_LABELS: Mapping[str, str] = {
    "text": "What the text says",
    "surface": "How it is written: length, emoji, hashtags, links",
    "clock": "When it goes out",
    "history": "How the account has been doing",
    "recall": "How posts like it did for this account",
    "context": "Platform and audience",
    "format": "Media type",
    "emotion": "What it makes people feel",
    "start": "Where every post starts from",
}

MIXED_ACCOUNTS = Note(
    "mixed_accounts",
    "The candidates are of several accounts or platforms: each is measured against its own, so "
    "the order tells which does best by its own standard.",
)


class Scorer:
    """Scores posts with one version of each model; holds no state between calls.

    Parameters
    ----------
    emotion, share
        Loaded versions of either kind.
    encode
        How texts become embeddings; a cache goes in here.
    observe
        Told how long each stage took: `features`, `encode`, `predict`, and `explain` where asked.
    recalled
        What accounts recalled of posts like those that will be scored, where it was recorded.
    usual
        The languages that their accounts usually write in, where they were recorded.

    Raises
    ------
    ModelError
        When a version is of the wrong kind, or its encoder is not the one that it was fitted on.
    """

    def __init__(
        self,
        emotion: "Loaded",
        share: "Loaded",
        encode: Encode | None = None,
        observe: Observe | None = None,
        recalled: FloatArray | None = None,
        usual: Sequence[str | None] | None = None,
    ) -> None:
        _check(emotion, "emotion")
        _check(share, "share")
        self.emotion = cast("EmotionModel", emotion.model)
        self.share = cast("ShareModel", share.model)
        self._recalled = recalled
        self._usual = usual
        self._encoders = (emotion.encoder, share.encoder)
        self._encode = encode or _encode
        self._observe = observe or _ignore
        self.provenance = Provenance(
            emotion=ModelName(emotion.version.name, emotion.version.number),
            share=ModelName(share.version.name, share.version.number),
            encoder=share.encoder.digest,
        )

    @property
    def encode(self) -> Encode:
        """How texts become embeddings."""
        return self._encode

    @property
    def encoders(self) -> "tuple[Encoder, Encoder]":
        """Those of the emotion and of the share model; often the same."""
        return self._encoders

    @reading_once()
    def score(
        self,
        posts: Sequence[Post],
        pasts: Sequence[AccountPast | None] | None = None,
        now: datetime | None = None,
        *,
        explain: bool = True,
    ) -> list[Score]:
        """Score posts; any text gets an answer or a typed refusal.

        Parameters
        ----------
        posts
            n posts, of any accounts.
        pasts
            What is known of each post's account; None stands for nothing.
        now
            The time that the score ids carry; the clock's by default.
        explain
            Whether to give reasons, which cost more than the score.

        Returns
        -------
        list of n scores, in the order of `posts`
        """
        if not posts:
            return []
        began = time.monotonic()
        known = list(pasts) if pasts is not None else [None] * len(posts)
        usual = self._usual or usual_languages(posts, known)
        spoken = speak(posts, usual)
        refusals = [self._refuse(post, said) for post, said in zip(posts, spoken, strict=True)]
        rows = [index for index, refusal in enumerate(refusals) if refusal is None]
        self._observe("features", time.monotonic() - began)
        answers = self._forecast(
            [replace(posts[i], language=spoken[i].code) for i in rows],
            [known[i] for i in rows],
            [spoken[i] for i in rows],
            explain,
        )
        blank = [
            Score("", said.code, self.provenance, refusal=refusal)
            for said, refusal in zip(spoken, refusals, strict=True)
        ]
        for index, answer in zip(rows, answers, strict=True):
            blank[index] = answer
        ids = score_ids(len(posts), now or datetime.now(UTC))
        return [
            replace(score, id=name, usual=language)
            for score, name, language in zip(blank, ids, usual, strict=True)
        ]

    def rank(
        self,
        posts: Sequence[Post],
        pasts: Sequence[AccountPast | None] | None = None,
        now: datetime | None = None,
        sure: float = CLOSE,
    ) -> Ranking:
        """Score candidates, say whose time has passed, and put them in order; see `order`."""
        scores = self.score(posts, pasts, now, explain=False)
        late = grounds.late_notes(posts, now or datetime.now(UTC))
        return self.order(posts, annotate(scores, late), sure)

    def order(self, posts: Sequence[Post], scores: Sequence[Score], sure: float = CLOSE) -> Ranking:
        """Put scored candidates in order, with the odds that the order is right.

        Parameters
        ----------
        posts, scores
            n candidates and this scorer's answers.
        sure
            Probability from which a lead is no close call, one half to 1.
        """
        accounts = {
            (post.platform, post.account_id)
            for post, score in zip(posts, scores, strict=True)
            if score.share
        }
        warnings = (MIXED_ACCOUNTS,) if len(accounts) > 1 else ()
        luck = self.share.luck([post.platform for post in posts])
        return rank(scores, luck, warnings, sure)

    def _refuse(self, post: Post, spoken: Spoken) -> Note | None:
        return grounds.refuse_text(post.text) or grounds.refuse_language(
            spoken, self.emotion.languages
        )

    def _language_notes(self, spoken: Spoken) -> list[Note]:
        return grounds.language_notes(spoken, self.emotion.languages, self.emotion.measured)

    def _forecast(
        self,
        posts: list[Post],
        pasts: list[AccountPast | None],
        spoken: list[Spoken],
        explain: bool,
    ) -> list[Score]:
        if not posts:
            return []
        began = time.monotonic()
        emotion_vectors, share_vectors = self._embed([post.text for post in posts])
        encoded = time.monotonic()
        states = states_of(posts, pasts)
        emotions = self.emotion.predict(
            [post.text for post in posts], emotion_vectors, [post.language for post in posts]
        )
        shares = self.share.predict(
            posts, share_vectors, states, pasts, self._recalled, explain=explain
        )
        self._observe("encode", encoded - began)
        predicted = time.monotonic() - encoded
        if explain:
            self._observe("explain", shares.explain_seconds)
        self._observe("predict", predicted - shares.explain_seconds)
        notes = notes_of(posts, pasts)
        answers = [
            self._answer(post, said, row, emotions, shares, states, notes[row])
            for row, (post, said) in enumerate(zip(posts, spoken, strict=True))
        ]
        pairs = zip(emotion_vectors, share_vectors, shares.recalled, strict=True)
        return [replace(answer, vectors=pair) for answer, pair in zip(answers, pairs, strict=True)]

    def _embed(self, texts: list[str]) -> tuple[FloatArray, FloatArray]:
        """Embeddings for either model; one encoding where one encoder has both."""
        first, second = self._encoders
        vectors = self._encode(first, texts)
        part = self.share_part(vectors)
        return vectors, self._encode(second, texts) if part is None else part

    def share_part(self, vectors: FloatArray) -> FloatArray | None:
        """Return what the share encoder gives, of the vectors that the emotion encoder gave.

        None where that is not among them, and the share encoder has to be asked.
        """
        first, second = self._encoders
        if not first.holds(second.digest):
            return None
        return np.ascontiguousarray(vectors[:, : second.dimension])

    def _answer(
        self,
        post: Post,
        spoken: Spoken,
        row: int,
        emotions: "EmotionForecast",
        shares: "ShareForecast",
        states: FloatArray,
        notes: list[Note],
    ) -> Score:
        novel = grounds.refuse_novelty(float(shares.novelty[row]))
        if novel is not None:
            return Score("", post.language, self.provenance, refusal=novel)
        known = known_posts(states[row])
        return Score(
            id="",
            language=post.language,
            models=self.provenance,
            emotion=_emotion(emotions, row),
            share=_share(shares, row),
            reasons=_reasons(shares, row),
            warnings=(
                *self._language_notes(spoken),
                *grounds.post_notes(post, known, self.share.platforms),
                *notes,
            ),
        )


def states_of(posts: Sequence[Post], pasts: Sequence[AccountPast | None]) -> FloatArray:
    """The state of each post's account at its publishing time.

    Returns
    -------
    ndarray of shape (n, len(features.account.history.NAMES))
    """
    # Candidates for one slot share account and time: their state is worked out once.
    known: dict[tuple[object, ...], FloatArray] = {}
    rows = []
    for post, past in zip(posts, pasts, strict=True):
        key = (id(past), post.published_at, post.platform) if past else (None,)
        if key not in known:
            known[key] = history.state(past, post.published_at, post.platform)
        rows.append(known[key])
    return np.vstack(rows).astype(np.float32)


def notes_of(posts: Sequence[Post], pasts: Sequence[AccountPast | None]) -> list[list[Note]]:
    """The warnings about each post's account at its publishing time."""
    known: dict[tuple[object, ...], list[Note]] = {}
    found = []
    for post, past in zip(posts, pasts, strict=True):
        key = (id(past), post.published_at, post.platform)
        if key not in known:
            known[key] = past_notes(past, post.published_at, post.platform)
        found.append(known[key])
    return found


def known_posts(state: FloatArray) -> int:
    """Earlier posts with settled counts, read back from an account state."""
    value = float(np.expm1(state[history.KNOWN]))
    return round(value) if np.isfinite(value) else 0


def _check(loaded: "Loaded", kind: str) -> None:
    version = loaded.version
    check_kind(version, kind)
    if loaded.model.encoder_digest != loaded.encoder.digest:
        raise ModelError(
            f"{version.name} version {version.number} was fitted on encoder "
            f"{loaded.model.encoder_digest}, but got {loaded.encoder.digest}."
        )


def _encode(encoder: "Encoder", texts: Sequence[str]) -> FloatArray:
    return encoder.encode(texts)


def _ignore(stage: str, seconds: float) -> None:  # noqa: ARG001
    return


def _emotion(forecast: "EmotionForecast", row: int) -> dict[str, Interval | None]:
    parts = (part[row].tolist() for part in (forecast.value, forecast.low, forecast.high))
    return {
        name: None if isnan(value) else Interval(value, low, high)
        for name, value, low, high in zip(INTENSITIES, *parts, strict=True)
    }


def _reasons(forecast: "ShareForecast", row: int) -> tuple[Reason, ...]:
    effects = forecast.effects[row]
    if len(effects) == 0:
        return ()
    return reasons_of(float(forecast.score[row]), forecast.families, effects, FAMILY_LABELS)


def _share(forecast: "ShareForecast", row: int) -> SharePotential:
    population = forecast.populations[row]
    expected = Interval(
        float(forecast.expected_shares[row]),
        float(forecast.expected_low[row]),
        float(forecast.expected_high[row]),
    )
    odds = float(forecast.beats_median[row])
    return SharePotential(
        score=Interval(
            float(forecast.score[row]), float(forecast.low[row]), float(forecast.high[row])
        ),
        percentile=Interval(
            float(forecast.percentile[row]),
            float(forecast.percentile_low[row]),
            float(forecast.percentile_high[row]),
        ),
        population=Peers(population.kind, population.size, population.label),
        expected_shares=expected if np.isfinite(expected.value) else None,
        beats_median=odds if np.isfinite(odds) else None,
    )
