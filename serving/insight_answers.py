"""What explanations, past posts and hours go out as; described for `/docs`, held by tests."""

from typing import Literal

from pydantic import Field

from serving.answers import IntervalOut, ModelsUsedOut, NoteOut, Out, PopulationOut


class EffectsOut(Out):
    """Score with a phrase less score without it; null for a target that was never taught."""

    anger: float | None
    disgust: float | None
    fear: float | None
    joy: float | None
    sadness: float | None
    surprise: float | None
    valence: float | None
    arousal: float | None
    overall: float | None
    share: float | None = Field(description="In spreads of the account.")


class PhraseOut(Out):
    """A phrase and what it adds."""

    start: int = Field(description="First character in the submitted text, in code points.")
    end: int = Field(description="The character after the last one.")
    effects: EffectsOut


class FamilyOut(Out):
    """What a family of inputs adds to the share score."""

    family: str
    label: str
    effect: float


class DecompositionOut(Out):
    """The share score in two sides; all effects and `start` sum to `score`."""

    who_and_when: list[FamilyOut] = Field(description="Account, clock, platform, audience.")
    what_and_how: list[FamilyOut] = Field(description="What another draft could change.")
    start: float
    score: float


class RewritingOut(Out):
    """Share scores between which four in five of the account's own wordings would lie."""

    low: float
    high: float


class ExplainOut(Out):
    """Why a post scores as it does."""

    id: str = Field(description="UUID version 7.")
    status: Literal["ok", "abstained"]
    language: str | None
    reason: NoteOut | None = Field(None, description="Only when abstained.")
    phrases: list[PhraseOut] = Field(description="From left to right, not overlapping.")
    decomposition: DecompositionOut | None = Field(description="null when abstained.")
    rewriting: RewritingOut | None = Field(
        description="null when abstained, or when fewer than 10 of the account's texts are known."
    )
    warnings: list[NoteOut]
    models: ModelsUsedOut


class PastPostOut(Out):
    """A past post of the account and how it did."""

    post_id: str
    published_at: str
    text: str
    shares: int | None = Field(description="null while the count had not settled.")
    relative: float | None = Field(description="In spreads, against the account's baseline then.")
    similarity: float = Field(
        description="Mean of the cosines in meaning and in spelling; only its order means anything."
    )
    alike: int = Field(description="Searched posts that say nearly the same, this one among them.")


class SimilarOut(Out):
    """The nearest past posts of the account, nearest first."""

    posts: list[PastPostOut]
    population: PopulationOut = Field(description="What they were chosen from.")
    warnings: list[NoteOut]


class HourOut(Out):
    """One hour and what the draft would score then."""

    at: str = Field(description="ISO 8601, on the readers' clocks.")
    score: IntervalOut
    beats_median_hour: float = Field(
        description="Probability of getting further than in the week's median hour."
    )
    beats_median: float = Field(deprecated=True, description="The same: use `beats_median_hour`.")


class WhenOut(Out):
    """The hours of the coming week for a draft."""

    timezone: str
    hours: list[HourOut] = Field(description="168 of them; none when abstained.")
    best: list[str] = Field(description="At most three; none when the hour does not matter.")
    matters: bool
    message: str
    warnings: list[NoteOut]


class AccountOut(Out):
    """An account in the history store."""

    platform: str
    account_id: str
    posts: int
    first: str
    last: str


class AccountsOut(Out):
    """The accounts with most posts."""

    accounts: list[AccountOut]
