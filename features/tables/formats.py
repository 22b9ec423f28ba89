"""The table formats prescore reads, column by column."""

from dataclasses import dataclass, replace
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
    stronger
        Headers that say it more surely than a synonym; the first that is there is taken.
    synonyms
        Other headers it goes by, English and Polish, in any spelling.
    weaker
        Headers that will do where none of those is there; the first that is there is taken.
    reposts
        Headers of posts passed on, which count as `shares` unless the file has both.
    clocks
        Headers of the time of day alone, where the date stands in a column of its own.
    low, high
        Bounds of a number, both allowed.
    choices
        The values of a `choice`.
    lenient
        Whether a cell that cannot be read is a missing one, of which a person is told the number,
        rather than a bad row.
    """

    name: str
    kind: FieldKind
    required: bool = False
    synonyms: tuple[str, ...] = ()
    stronger: tuple[str, ...] = ()
    weaker: tuple[str, ...] = ()
    reposts: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    lenient: bool = False


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
        "id wpisu", "id publikacji", "id tweeta", "id filmu", "identyfikator posta",
        "identyfikator postu", "identyfikator wpisu", "identyfikator publikacji",
        "identyfikator tweeta", "identyfikator filmu", "identyfikator",
    ),
    weaker=(
        "permalink", "post permalink", "tweet permalink", "stały link",
        "link bezpośredni", "bezpośredni link",
        "post link", "post url", "tweet link", "tweet url", "video link", "video url",
        "link do posta", "link do postu", "link do wpisu", "link do publikacji", "link do tweeta",
        "link do filmu", "url posta", "url wpisu", "adres url posta", "adres posta",
        "adres wpisu", "link", "url", "adres url", "adres",
    ),
)  # fmt: skip
ACCOUNT_ID = Field(
    "account_id",
    "id",
    required=True,
    synonyms=(
        "account", "account name", "author", "author name", "user", "username", "user name",
        "screen name", "page", "page name", "profile", "profile name", "handle", "konto",
        "nazwa konta", "autor", "profil", "nazwa profilu", "strona", "nazwa strony", "użytkownik",
    ),
    # A name can change, and two accounts can have the same.
    stronger=(
        "page id", "profile id", "author id", "user id", "id konta", "identyfikator konta",
        "id strony", "identyfikator strony", "id profilu", "identyfikator profilu",
    ),
    weaker=("account username", "nazwa użytkownika konta", "nazwa użytkownika"),
)  # fmt: skip
PLATFORM = Field(
    "platform",
    "platform",
    required=True,
    synonyms=(
        "network", "social network", "platforma", "serwis", "serwis społecznościowy", "sieć",
        "sieć społecznościowa", "portal",
    ),
    weaker=("channel", "kanał"),
)  # fmt: skip
TEXT = Field(
    "text",
    "text",
    required=True,
    synonyms=(
        "content", "post text", "post content", "post message", "post copy", "message", "body",
        "caption", "post caption", "copy", "tweet", "tweet text", "full text", "draft",
        "draft text", "treść", "treść posta", "treść postu", "treść wpisu", "treść publikacji",
        "treść tweeta", "treść szkicu", "tekst", "tekst posta", "tekst postu", "tekst wpisu",
        "tekst szkicu", "wiadomość", "wpis", "komunikat", "szkic",
    ),
    weaker=(
        "post", "description", "post description", "video description", "opis", "opis posta",
        "opis postu", "opis wpisu", "opis filmu", "title", "post title", "video title", "tytuł",
        "tytuł posta", "tytuł postu", "tytuł wpisu", "tytuł filmu",
    ),
)  # fmt: skip
LANGUAGE = Field(
    "language",
    "language",
    synonyms=("lang", "language code", "iso language code", "język"),
    lenient=True,
)
PUBLISHED_AT = Field(
    "published_at",
    "time",
    required=True,
    synonyms=(
        "published", "published on", "publish time", "publish date", "publication date",
        "publication time", "date published", "time published", "video publish time", "posted",
        "posted at", "post date", "post time", "created", "created at", "created time",
        "created date", "creation date", "datetime", "timestamp", "date and time", "planned",
        "planned at", "planned for", "planned time", "planned date", "scheduled", "scheduled at",
        "scheduled for", "scheduled time", "scheduled date", "data publikacji", "czas publikacji",
        "godzina publikacji", "data publikacji posta", "czas publikacji posta",
        "czas publikacji filmu", "data i godzina publikacji", "termin publikacji", "opublikowano",
        "data i godzina", "data dodania", "data utworzenia", "data posta", "data wpisu", "termin",
        "planowany termin", "planowany czas", "planowana data", "planowana data publikacji",
        "zaplanowano",
    ),
    weaker=("date", "data", "time", "czas"),
    clocks=(
        "time", "hour", "time of day", "publish time", "publication time", "time published",
        "posted time", "time posted", "post time", "created time", "planned time",
        "scheduled time", "godzina", "godz", "godzina publikacji", "godzina posta",
        "godzina postu", "godzina wpisu", "godzina dodania", "planowana godzina",
        "planowana godzina publikacji", "czas", "czas publikacji", "czas publikacji posta",
        "planowany czas",
    ),
)  # fmt: skip
TIMEZONE = Field("timezone", "zone", synonyms=("tz", "strefa", "strefa czasowa"), lenient=True)
MEDIA_TYPE = Field(
    "media_type",
    "media",
    synonyms=(
        "media", "content type", "media format", "typ mediów", "typ treści", "rodzaj treści",
        "rodzaj mediów",
    ),
    weaker=(
        "post type", "typ posta", "typ postu", "typ wpisu", "rodzaj posta", "rodzaj postu",
        "rodzaj wpisu", "type", "typ", "rodzaj",
    ),
    lenient=True,
)  # fmt: skip
FOLLOWERS = Field(
    "followers",
    "count",
    synonyms=(
        "follower count", "followers count", "number of followers", "fans", "subscribers",
        "obserwujący", "liczba obserwujących", "fani", "liczba fanów", "subskrybenci",
    ),
    lenient=True,
)  # fmt: skip
IS_PAID = Field(
    "is_paid",
    "flag",
    synonyms=("paid", "promoted", "sponsored", "płatny", "promowany", "sponsorowany"),
    lenient=True,
)
SHARES = Field(
    "shares",
    "count",
    required=True,
    synonyms=(
        "share count", "shares count", "number of shares", "total shares", "udostępnienia",
        "liczba udostępnień", "łączna liczba udostępnień", "ilość udostępnień",
    ),
    reposts=(
        "reposts", "repost count", "retweets", "retweet count", "podania dalej", "retweety",
        "liczba retweetów",
    ),
)  # fmt: skip
LIKES = Field(
    "likes",
    "count",
    synonyms=(
        "like count", "likes count", "favorites", "favourites", "favorite count",
        "favourite count", "reactions", "reaction count", "total reactions", "total likes",
        "polubienia", "liczba polubień", "łączna liczba polubień", "lajki", "reakcje",
        "liczba reakcji",
    ),
    lenient=True,
)  # fmt: skip
COMMENTS = Field(
    "comments",
    "count",
    synonyms=(
        "comment count", "comments count", "total comments", "replies", "reply count",
        "komentarze", "liczba komentarzy", "łączna liczba komentarzy", "odpowiedzi",
        "liczba odpowiedzi",
    ),
    lenient=True,
)  # fmt: skip
COLLECTED_AT = Field(
    "collected_at",
    "time",
    synonyms=(
        "collected", "collection date", "retrieved at", "scraped at", "exported at",
        "export date", "data pobrania", "data zebrania", "data eksportu", "pobrano",
    ),
    lenient=True,
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
    return replace(field, required=False)


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
        Field("text_id", "id", synonyms=("id tekstu",), lenient=True),
        TEXT,
        LANGUAGE,
        SPLIT,
        *(_up_to_one(name, *_POLISH_EMOTIONS[name]) for name in EMOTIONS),
        Field("valence", "number", synonyms=("walencja", "znak emocji"), low=-1.0, high=1.0),
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
