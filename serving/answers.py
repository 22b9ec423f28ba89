"""What goes out, described for `/docs`; a test holds the real answers against it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.problems import MEDIA_TYPE


class Out(BaseModel):
    """What answers have in common: nothing beside what is described."""

    model_config = ConfigDict(extra="forbid")


class IntervalOut(Out):
    """A forecast with its 90% interval."""

    value: float
    low: float
    high: float


class EmotionOut(Out):
    """Intensities 0..1; valence -1..1; null for one that the model was never taught."""

    anger: IntervalOut | None
    disgust: IntervalOut | None
    fear: IntervalOut | None
    joy: IntervalOut | None
    sadness: IntervalOut | None
    surprise: IntervalOut | None
    valence: IntervalOut | None
    arousal: IntervalOut | None
    overall: IntervalOut | None


class PopulationOut(Out):
    """What the percentile is a place in: the account's own posts, or the reference posts."""

    kind: Literal["account", "reference"]
    size: int
    label: str


class ShareOut(Out):
    """How far a post should travel, by the account's own standard."""

    score: IntervalOut = Field(description="In spreads of the account; 0 is its usual post.")
    percentile: IntervalOut = Field(description="0..100, the place within `population`.")
    population: PopulationOut
    expected_shares: IntervalOut | None = Field(description="null without a baseline.")
    beats_median: float | None = Field(description="Probability of beating the median post.")


class ReasonOut(Out):
    """What a family of inputs adds to `share.score.value`; all reasons sum to it."""

    family: str
    label: str
    effect: float
    side: Literal["who_and_when", "what_and_how", "start"] = Field(
        description="Whether another draft could change it."
    )


class NoteOut(Out):
    """A code for programs, a message for people."""

    code: str
    message: str
    values: dict[str, str] | None = Field(
        None, description="What the message names, where it names something."
    )


class ModelOut(Out):
    """A registered model and its version."""

    name: str
    version: str


class ModelsUsedOut(Out):
    """Which versions made a score."""

    emotion: ModelOut
    share: ModelOut
    encoder: str


class ScoreOut(Out):
    """A score, or the reason for abstaining."""

    id: str = Field(description="UUID version 7.")
    status: Literal["ok", "abstained"]
    language: str | None
    reason: NoteOut | None = Field(
        None, description="Only when abstained: too_short, unsupported_language, …"
    )
    emotion: EmotionOut | None = Field(None, description="Only when ok.")
    share: ShareOut | None = Field(None, description="Only when ok.")
    reasons: list[ReasonOut] | None = Field(None, description="Only when ok.")
    warnings: list[NoteOut]
    models: ModelsUsedOut


class BatchOut(Out):
    """Scores in the order of the posts."""

    scores: list[ScoreOut]


class PlaceOut(Out):
    """Where a candidate stands; `rank` and all odds are null when it was not scored."""

    index: int = Field(description="Its place in the request, from 0.")
    rank: int | None
    tier: int | None = Field(
        description="From 1; none is clearly behind the first of its tier, the next tier is."
    )
    beats_next: float | None
    too_close_to_call: bool | None = Field(description="Whether the next one may well win.")
    best: float | None
    score: ScoreOut


class RankOut(Out):
    """Candidates from the most promising down."""

    candidates: list[PlaceOut]
    tiers: int
    regret: float | None = Field(
        description="Spreads that taking the first is expected to lose against the unknown best."
    )
    warnings: list[NoteOut]


class VersionOut(Out):
    """A version in service."""

    kind: str
    name: str
    version: str
    created: str
    metrics: dict[str, float]
    crowned_by: Literal["gate", "person", "prescore"] | None = Field(
        description="Who made it champion; `prescore` where it was shipped as such."
    )
    objection: str | None = Field(description="Why the gate did not make it champion.")


class ModelsOut(Out):
    """The champion versions in service."""

    models: list[VersionOut]
    encoder: str
    since: str | None


class SessionOut(Out):
    """Who is signed in on the page."""

    key_needed: bool = Field(description="False where no key was ever made.")
    signed_in: bool
    name: str | None = Field(description="The name of the key in use.")
    scopes: list[str] = Field(description="What it is good for.")


class RecordedPostOut(Out):
    """A post as it was submitted; names in their usual spelling."""

    text: str
    platform: str | None
    account_id: str | None
    published_at: str | None
    timezone: str | None
    media_type: str | None
    language: str | None
    followers: float | None
    is_paid: bool | None


class ReceiptOut(Out):
    """What a score was made from, and the score."""

    id: str
    created: str
    post: RecordedPostOut
    explain: bool
    past_posts: int | None = Field(description="Earlier posts of the account that were known.")
    answer: ScoreOut


class RecomputedOut(Out):
    """A score that was made again."""

    same: bool = Field(description="Whether it is the recorded answer, bit for bit.")
    encoder_difference: float | None = Field(
        description="Largest difference between the recorded embedding and one made now of the "
        "text alone; null for a post that no encoder read."
    )
    answer: ScoreOut


class HealthOut(Out):
    """The process takes requests."""

    status: Literal["alive"]


class RefusedOut(Out):
    """A version that was not fit to take over."""

    version: str
    why: str
    at: str


class ReadyOut(Out):
    """Whether the service can score, and what stands in the way of something newer."""

    status: Literal["ready", "starting"]
    models: ModelsUsedOut | None
    canary_difference: float | None
    refused: RefusedOut | None
    registry: str


class ErrorOut(Out):
    """One field that is wrong."""

    field: str
    code: str
    message: str


class ProblemOut(Out):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = Field(None, description="As in the header X-Request-ID.")
    errors: list[ErrorOut] | None = None
    most_bytes: int | None = Field(None, description="Of a body, where it was larger (413).")


def _described(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _described("The body is no JSON."),
    401: _described("A key is needed, or the one sent is not good."),
    403: _described("The key lacks the scope, or a page of another site asks."),
    413: _described("The body is too large."),
    422: _described("A field is wrong; `errors` names it."),
    429: _described("Too much is waiting, or the key asks too often; see Retry-After."),
    503: _described("Models, registry or database are away, or the service is shutting down."),
    504: _described("It took too long; the work was dropped."),
}

MISSING: dict[int | str, dict[str, Any]] = {404: _described("There is nothing of that id.")}
