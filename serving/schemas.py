"""What comes in: requests, checked field by field, with examples that work."""

from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StringConstraints,
)

from features.schema import MEDIA_TYPES, PLATFORMS, Post
from features.tables.dates import placed
from models.ranking import CLOSE
from serving.settings import MAX_CANDIDATES, MAX_CHARACTERS, MAX_POSTS
from serving.spellings import Language, MediaType, Moment, Platform, TimeZone, repair, storable

POLISH_EXAMPLE: dict[str, JsonValue] = {
    "text": "Udało się! Po trzech latach remontu otwieramy kino na Starówce. "
    "W sobotę pierwszy seans gratis 🎬 Kogo zabierzesz?",
    "platform": "facebook",
    "account_id": "kino-starowka",
    "published_at": "2026-11-28T18:00:00+01:00",
    "media_type": "photo",
    "language": "pl",
}
ENGLISH_EXAMPLE: dict[str, JsonValue] = {
    "text": "Our harbour bakery burned down last night. Nobody was hurt. "
    "We will rebuild, and the first loaf is on us.",
    "platform": "x",
}


PostText = Annotated[
    str,
    StringConstraints(strict=True, max_length=MAX_CHARACTERS),
    BeforeValidator(repair),
    Field(description="What is to be published."),
]


class PostIn(BaseModel):
    """A draft, as far as it is known before publishing."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Post",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [POLISH_EXAMPLE, ENGLISH_EXAMPLE]},
    )

    text: PostText
    platform: Annotated[
        Platform | None,
        Field(description=f"One of {', '.join(PLATFORMS)}."),
    ] = None
    account_id: Annotated[
        Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)] | None,
        BeforeValidator(storable),
        Field(description="The account as named in the imported history."),
    ] = None
    published_at: Annotated[
        Moment | None,
        Field(
            description="Planned time, ISO 8601. Without an offset it is in `timezone`, else UTC."
        ),
    ] = None
    timezone: Annotated[
        TimeZone | None,
        Field(description="IANA name: where the readers' clocks are."),
    ] = None
    media_type: Annotated[
        MediaType | None,
        Field(description=f"One of {', '.join(MEDIA_TYPES)}."),
    ] = None
    language: Annotated[
        Language | None,
        Field(
            description="ISO 639, in two letters or three; detected from the text when absent or "
            "undetermined (`und`)."
        ),
    ] = None
    followers: Annotated[
        Annotated[float, Field(ge=0, le=1e10, multiple_of=1, allow_inf_nan=False, strict=True)]
        | None,
        Field(description="Followers of the account when the post goes out."),
    ] = None
    is_paid: Annotated[StrictBool | None, Field(description="Whether its reach is paid for.")] = (
        None
    )

    def post(self) -> Post:
        """Return the post that scorers take."""
        at = self.published_at
        return Post(
            text=self.text,
            platform=self.platform,
            account_id=self.account_id,
            published_at=at and placed(at, self.timezone or "UTC"),
            timezone=self.timezone,
            media_type=self.media_type,
            language=self.language,
            followers=self.followers,
            is_paid=self.is_paid,
        )


class _Posts(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"posts": [POLISH_EXAMPLE, ENGLISH_EXAMPLE]}]},
    )

    posts: list[PostIn]

    def all(self) -> list[Post]:
        """Return the posts that scorers take."""
        return [post.post() for post in self.posts]


class BatchIn(_Posts):
    """Posts to be scored, each for itself."""

    posts: Annotated[list[PostIn], Field(min_length=1, max_length=MAX_POSTS)]


class RankIn(_Posts):
    """Candidates for one slot, to be put in order."""

    posts: Annotated[list[PostIn], Field(min_length=2, max_length=MAX_CANDIDATES)]
    min_confidence: Annotated[
        float,
        Field(
            ge=0.5,
            le=0.95,
            allow_inf_nan=False,
            strict=True,
            description="Probability below which a lead is too close to call.",
        ),
    ] = CLOSE
