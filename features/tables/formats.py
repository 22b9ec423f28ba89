"""The table formats prescore reads, column by column."""

from dataclasses import dataclass
from typing import Literal

from features.schema import EMOTIONS, POST_OUTCOMES

FieldKind = Literal[
    "id", "text", "platform", "language", "zone", "time", "media", "count", "number", "flag",
    "choice", "label",
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column of a format.

    Attributes
    ----------
    name
        The canonical header.
    kind
        What its cells mean; `features.tables.parsing` knows how to read each kind.
    required
        Whether the column must be there and every cell filled (a `text` may be blank).
    synonyms
        Other headers it goes by, English and Polish, in any spelling.
    low, high
        Bounds of a number, both allowed.
    choices
        The values of a `choice`.
    """

    name: str
    kind: FieldKind
    required: bool = False
    synonyms: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFormat:
    """A table format: its columns in order, and which of them are known but not read."""

    name: str
    fields: tuple[Field, ...]
    ignored: tuple[Field, ...] = ()


POST_ID = Field(
    "post_id",
    "id",
    required=True,
    synonyms=(
        "id", "tweet id", "status id", "id str", "media id", "video id", "id posta", "id postu",
        "id wpisu", "identyfikator posta", "identyfikator wpisu", "identyfikator",
    ),
)  # fmt: skip
ACCOUNT_ID = Field(
    "account_id",
    "id",
    required=True,
    synonyms=(
        "account", "account name", "author", "author id", "user", "user id", "username",
        "user name", "screen name", "page", "page id", "page name", "profile", "handle", "konto",
        "id konta", "nazwa konta", "autor", "profil", "strona", "id strony", "nazwa strony",
        "użytkownik",
    ),
)  # fmt: skip
PLATFORM = Field(
    "platform",
    "platform",
    required=True,
    synonyms=(
        "network", "social network", "platforma", "serwis", "sieć", "sieć społecznościowa",
    ),
)  # fmt: skip
TEXT = Field(
    "text",
    "text",
    required=True,
    synonyms=(
        "content", "post text", "post content", "post message", "message", "body", "caption",
        "copy", "tweet", "tweet text", "full text", "treść", "treść posta", "treść postu",
        "treść wpisu", "tekst", "tekst posta", "wiadomość", "wpis", "komunikat",
    ),
)  # fmt: skip
LANGUAGE = Field(
    "language", "language", synonyms=("lang", "language code", "iso language code", "język")
)
PUBLISHED_AT = Field(
    "published_at",
    "time",
    required=True,
    synonyms=(
        "published", "publish time", "publish date", "publication date", "publication time",
        "date published", "time published", "posted", "posted at", "post date", "post time",
        "created", "created at", "created time", "creation date", "date", "datetime", "timestamp",
        "date and time", "data publikacji", "czas publikacji", "data i godzina publikacji",
        "opublikowano", "data", "data i godzina", "data dodania", "data utworzenia",
    ),
)  # fmt: skip
TIMEZONE = Field("timezone", "zone", synonyms=("tz", "strefa", "strefa czasowa"))
MEDIA_TYPE = Field(
    "media_type",
    "media",
    synonyms=(
        "media", "type", "post type", "content type", "typ", "typ posta", "typ postu", "typ wpisu",
        "rodzaj", "rodzaj posta", "typ mediów", "typ treści",
    ),
)  # fmt: skip
FOLLOWERS = Field(
    "followers",
    "count",
    synonyms=(
        "follower count", "followers count", "number of followers", "fans", "subscribers",
        "obserwujący", "liczba obserwujących", "fani", "liczba fanów", "subskrybenci",
    ),
)  # fmt: skip
IS_PAID = Field(
    "is_paid",
    "flag",
    synonyms=("paid", "promoted", "sponsored", "płatny", "promowany", "sponsorowany"),
)
SHARES = Field(
    "shares",
    "count",
    required=True,
    synonyms=(
        "share count", "shares count", "number of shares", "total shares", "retweets",
        "retweet count", "reposts", "repost count", "udostępnienia", "liczba udostępnień",
        "podania dalej", "retweety", "liczba retweetów", "ilość udostępnień",
    ),
)  # fmt: skip
LIKES = Field(
    "likes",
    "count",
    synonyms=(
        "like count", "likes count", "favorites", "favourites", "favorite count",
        "favourite count", "reactions", "reaction count", "total reactions", "polubienia",
        "liczba polubień", "lajki", "reakcje", "liczba reakcji",
    ),
)  # fmt: skip
COMMENTS = Field(
    "comments",
    "count",
    synonyms=(
        "comment count", "comments count", "replies", "reply count", "komentarze",
        "liczba komentarzy", "odpowiedzi", "liczba odpowiedzi",
    ),
)  # fmt: skip
COLLECTED_AT = Field(
    "collected_at",
    "time",
    synonyms=(
        "collected", "collection date", "retrieved at", "scraped at", "exported at",
        "export date", "data pobrania", "data zebrania", "data eksportu", "pobrano",
    ),
)  # fmt: skip
SPLIT = Field("split", "label", synonyms=("subset", "podział"))

POSTS = TableFormat(
    "posts with results",
    (
        POST_ID, ACCOUNT_ID, PLATFORM, TEXT, LANGUAGE, PUBLISHED_AT, TIMEZONE, MEDIA_TYPE,
        FOLLOWERS, IS_PAID, SHARES, LIKES, COMMENTS, COLLECTED_AT,
    ),
)  # fmt: skip


def _optional(field: Field) -> Field:
    return Field(field.name, field.kind, synonyms=field.synonyms)


def _up_to_one(name: str, *synonyms: str) -> Field:
    """A number from 0 to 1 that need not be there."""
    return Field(name, "number", synonyms=synonyms, low=0.0, high=1.0)


_KNOWN_BEFORE = tuple(field for field in POSTS.fields if field.name not in POST_OUTCOMES)
SCORING = TableFormat(
    "posts to score",
    tuple(field if field is TEXT else _optional(field) for field in _KNOWN_BEFORE),
    ignored=tuple(field for field in POSTS.fields if field.name in POST_OUTCOMES),
)

_POLISH_EMOTIONS = {
    "anger": ("złość", "gniew"),
    "disgust": ("wstręt", "obrzydzenie", "odraza"),
    "fear": ("strach", "lęk"),
    "joy": ("radość",),
    "sadness": ("smutek",),
    "surprise": ("zaskoczenie", "zdziwienie"),
}
EMOTION = TableFormat(
    "emotion-labelled texts",
    (
        TEXT,
        LANGUAGE,
        SPLIT,
        *(_up_to_one(name, *_POLISH_EMOTIONS[name]) for name in EMOTIONS),
        Field("valence", "number", False, ("walencja", "znak emocji"), -1.0, 1.0),
        _up_to_one("arousal", "pobudzenie"),
    ),
)
COMPARISONS = TableFormat(
    "comparisons",
    (
        Field("text_a", "text", True, ("headline a", "tekst a", "treść a", "wersja a")),
        Field("text_b", "text", True, ("headline b", "tekst b", "treść b", "wersja b")),
        Field("winner", "choice", True, ("zwycięzca", "wygrał"), choices=("a", "b")),
        Field("group_id", "id", True, ("group", "test id", "grupa", "id grupy", "id testu")),
        _optional(PLATFORM),
        LANGUAGE,
        _up_to_one("p_value", "p", "wartość p"),
        SPLIT,
        *(Field(f"impressions_{side}", "count") for side in ("a", "b")),
        *(_up_to_one(f"ctr_{side}") for side in ("a", "b")),
        Field("test_week", "label"),
    ),
)
