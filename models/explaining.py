"""Why a post scores as it does: phrase by phrase, and what of it another draft could change.

A phrase's effect is what is lost when it is left out: each phrase is taken away in turn, and what
is left is scored like any draft, all in one batch. That works for any encoder and any model, and
an effect means what it says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.account.past import AccountPast
from features.schema import INTENSITIES, Post
from models.phrases import Phrases, Span, phrases, without
from models.rewriting import Rewriting, rewriting
from models.score import WHAT_AND_HOW, WHO_AND_WHEN, Reason, Score, rounded
from models.scorer import Scorer, states_of
from models.stepwise import Encode, Steps, vectors_of

SHARE = "share"
Floats = NDArray[np.float64]

ONE_PART = 0.7
"""A part with this much of its sentence's effect speaks for it; else the sentence does, whole."""

SHARE_IN_EMOTION = 0.25
"""What a spread of shares weighs beside an intensity when the strongest phrases are chosen: the
scores of drafts vary about four times as much as intensities do."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase and what it adds.

    Attributes
    ----------
    start, end
        Its place in the text as submitted, in Unicode code points.
    effects
        Each of the emotion targets, `overall` and `share` -> score with the phrase less score
        without it; None for a target that the model was never taught.
    """

    start: int
    end: int
    effects: Mapping[str, float | None]

    def to_json(self) -> dict[str, Any]:
        """Return `{"start", "end", "effects"}`."""
        effects = {
            name: None if effect is None else rounded(effect)
            for name, effect in self.effects.items()
        }
        return {"start": self.start, "end": self.end, "effects": effects}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a post scores as it does.

    Attributes
    ----------
    score
        The answer that is explained; without a forecast when the scorer abstained.
    phrases
        From left to right, not overlapping.
    rewriting
        What other wordings would score; None where too few of the account's are known.
    """

    score: Score
    phrases: tuple[Phrase, ...] = ()
    rewriting: Rewriting | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the body of `/v1/explain`."""
        whole = self.score.to_json()
        kept = ("id", "status", "language", "reason", "warnings", "models")
        return {
            **{name: whole[name] for name in kept if name in whole},
            "phrases": [phrase.to_json() for phrase in self.phrases],
            "decomposition": decomposition(self.score),
            "rewriting": None if self.rewriting is None else self.rewriting.to_json(),
        }


def explain(
    scorer: Scorer, post: Post, past: AccountPast | None, encode_past: Encode | None = None
) -> Steps[Explanation]:
    """Explain the score of one post.

    Parameters
    ----------
    scorer
        Whose score it is.
    post, past
        The draft, and what is known of its account.
    encode_past
        Through which memory the account's earlier posts are embedded.
    """
    score = scorer.score([post], [past])[0]
    yield
    if score.refusal is not None:
        return Explanation(score)
    post = replace(post, language=score.language)
    found = yield from phrase_effects(scorer, post, past)
    return Explanation(score, found, (yield from rewriting(scorer, post, past, encode_past)))


def phrase_effects(
    scorer: Scorer, post: Post, past: AccountPast | None
) -> Steps[tuple[Phrase, ...]]:
    """Return the phrases of a post whose language is known, each with what it adds."""
    cut = phrases(post.text)
    spans = cut.all()
    texts = [post.text, *(without(post.text, span) for span in spans)]
    values = yield from _values(scorer, [replace(post, text=text) for text in texts], past)
    effects = dict(zip(spans, values[0] - values[1:], strict=True))
    return tuple(
        Phrase(span.start, span.end, _named(effects[span])) for span in telling(cut, effects)
    )


def telling(cut: Phrases, effects: Mapping[Span, Floats]) -> list[Span]:
    """Return the size in which each sentence tells most: its parts, or all of it.

    Two phrases that say the same hide each other, since leaving out one changes little; the
    sentence that holds both does not.

    Parameters
    ----------
    cut
        The phrases of a text.
    effects
        Phrase -> its effects, columns as of `features.schema.INTENSITIES` and the share score.
    """
    sizes = {span: strength(values) for span, values in effects.items()}
    chosen = [
        whole
        for whole in cut.wholes
        if max(sizes[part] for part in cut.inside(whole)) < ONE_PART * sizes[whole]
    ]
    parts = [part for part in cut.parts if not any(whole.holds(part) for whole in chosen)]
    return sorted([*chosen, *parts])


def strength(effects: Floats) -> float:
    """How much a phrase changes whatever it changes most."""
    sizes = np.abs(np.nan_to_num(effects))
    return float(max(sizes[:-1].max(), SHARE_IN_EMOTION * sizes[-1]))


def decomposition(score: Score) -> dict[str, Any] | None:
    """Return the reasons by side; together with the start they sum to the score."""
    if score.share is None:
        return None
    sides: dict[str, list[dict[str, Any]]] = {
        side: [_effect(reason) for reason in score.reasons if reason.side == side]
        for side in (WHO_AND_WHEN, WHAT_AND_HOW)
    }
    start = sum(reason.effect for reason in score.reasons) - sum(
        part["effect"] for parts in sides.values() for part in parts
    )
    return {**sides, "start": rounded(start), "score": rounded(score.share.score.value)}


def _effect(reason: Reason) -> dict[str, Any]:
    told = {"family": reason.family, "label": reason.label}
    return {**told, "effect": rounded(reason.effect)}


def _values(scorer: Scorer, posts: Sequence[Post], past: AccountPast | None) -> Steps[Floats]:
    """Emotion values and share scores of wordings of one post, (n, len(INTENSITIES) + 1)."""
    texts = [post.text for post in posts]
    emotion, share = yield from vectors_of(scorer, texts)
    states = np.repeat(states_of(posts[:1], [past]), len(posts), axis=0)
    languages = [post.language for post in posts]
    value = scorer.emotion.predict(texts, emotion, languages).value
    pasts = [past] * len(posts)
    return np.column_stack([value, scorer.share.score(posts, share, states, pasts)])


def _named(effects: Floats) -> dict[str, float | None]:
    names = (*INTENSITIES, SHARE)
    return {
        name: float(effect) if np.isfinite(effect) else None
        for name, effect in zip(names, effects, strict=True)
    }
