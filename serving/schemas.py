"""What comes in: requests, checked field by field, with examples that work."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from features.schema import MEDIA_ALIASES, MEDIA_TYPES, PLATFORM_ALIASES, PLATFORMS, Post
from models.ranking import CLOSE
from serving.settings import MAX_CANDIDATES, MAX_CHARACTERS, MAX_POSTS

FIRST_YEAR, LAST_YEAR = 2000, 2099

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


def repair(value: Any) -> Any:
    """Pair up surrogates and replace lone ones, which no store and no encoder can take."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _platform(value: str) -> str:
    name = PLATFORM_ALIASES.get(value.strip().lower(), value.strip().lower())
    if name not in PLATFORMS:
        raise PydanticCustomError(
            "prescore_unknown_platform",
            f"Expected one of {', '.join(PLATFORMS)}",
        )
    return name


def _media_type(value: str) -> str:
    name = MEDIA_ALIASES.get(value.strip().lower(), value.strip().lower())
    if name not in MEDIA_TYPES:
        raise PydanticCustomError(
            "prescore_unknown_media_type",
            f"Expected one of {', '.join(MEDIA_TYPES)}",
        )
    return name


def _language(value: str) -> str:
    code = value.strip().lower().replace("_", "-").split("-")[0]
    if not (code.isascii() and code.isalpha() and 2 <= len(code) <= 3):
        raise PydanticCustomError(
            "prescore_unknown_language", "Expected an ISO 639-1 code such as pl or en"
        )
    return code


def _timezone(value: str) -> str:
    if value not in _zones():
        raise PydanticCustomError(
            "prescore_unknown_timezone", "Expected an IANA name such as Europe/Warsaw"
        )
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _written_out(value: Any) -> Any:
    """A date is a text such as 2026-11-28T18:00:00+01:00; a bare number would be a riddle."""
    if isinstance(value, str | datetime):
        return value
    raise PydanticCustomError(
        "prescore_datetime_type", "Expected a time such as 2026-11-28T18:00:00+01:00"
    )


def _plausible(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError(
            "prescore_implausible_time", f"Expected a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return value


Word = Annotated[str, StringConstraints(strict=True, max_length=100), BeforeValidator(repair)]
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
        Annotated[Word, AfterValidator(_platform)] | None,
        Field(description=f"One of {', '.join(PLATFORMS)}."),
    ] = None
    account_id: Annotated[
        Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)] | None,
        BeforeValidator(repair),
        Field(description="The account as named in the imported history."),
    ] = None
    published_at: Annotated[
        Annotated[datetime, BeforeValidator(_written_out), AfterValidator(_plausible)] | None,
        Field(
            description="Planned time, ISO 8601. Without an offset it is in `timezone`, else UTC."
        ),
    ] = None
    timezone: Annotated[
        Annotated[Word, AfterValidator(_timezone)] | None,
        Field(description="IANA name: where the readers' clocks are."),
    ] = None
    media_type: Annotated[
        Annotated[Word, AfterValidator(_media_type)] | None,
        Field(description=f"One of {', '.join(MEDIA_TYPES)}."),
    ] = None
    language: Annotated[
        Annotated[Word, AfterValidator(_language)] | None,
        Field(description="ISO 639-1; detected from the text when absent."),
    ] = None
    followers: Annotated[
        Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False, strict=True)] | None,
        Field(description="Followers of the account when the post goes out."),
    ] = None
    is_paid: Annotated[StrictBool | None, Field(description="Whether its reach is paid for.")] = (
        None
    )

    def _at(self) -> datetime | None:
        at = self.published_at
        if at is None or at.tzinfo is not None:
            return at
        return at.replace(tzinfo=ZoneInfo(self.timezone) if self.timezone else UTC)

    def post(self) -> Post:
        """Return the post that scorers take."""
        return Post(
            text=self.text,
            platform=self.platform,
            account_id=self.account_id,
            published_at=self._at(),
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
