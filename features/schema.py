"""The vocabulary shared by every part: targets, platforms, media types, and the post itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
"""Intensities in 0..1."""

DIMENSIONS = ("valence", "arousal")
"""Valence in -1..1, arousal in 0..1."""

TARGETS = EMOTIONS + DIMENSIONS

OVERALL = "overall"
"""How strongly a post moves people, 0..1; defined in `models.emotion`."""

INTENSITIES = (*TARGETS, OVERALL)
"""What an emotion model forecasts, in the order of its arrays: each 0..1 but valence, -1..1."""

PLATFORMS = (
    "facebook",
    "instagram",
    "linkedin",
    "tiktok",
    "x",
    "youtube",
    "threads",
    "bluesky",
    "mastodon",
    "pinterest",
    "reddit",
    "web",
    "other",
)
PLATFORM_ALIASES = {"twitter": "x", "fb": "facebook", "ig": "instagram", "yt": "youtube"}

MEDIA_TYPES = (
    "text",
    "link",
    "photo",
    "video",
    "carousel",
    "story",
    "event",
    "poll",
    "document",
    "other",
)
MEDIA_ALIASES = {"status": "text", "image": "photo", "picture": "photo", "reel": "video"}

POST_INPUTS = (
    "text",
    "platform",
    "account_id",
    "published_at",
    "timezone",
    "media_type",
    "language",
    "followers",
    "is_paid",
)
"""What is known before publishing: the columns every scorer accepts."""

POST_OUTCOMES = ("shares", "likes", "comments", "collected_at")
"""What is known only afterwards: never an input."""

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Of a post. No network of today is older, and what a spreadsheet's epoch makes of an empty date
(1900, 1904, 1970) falls before it. A whole century: the API tells it by a pattern."""


@dataclass(frozen=True, slots=True)
class Post:
    """A draft or a published post, as far as it is known before publishing.

    `published_at` carries a time zone. `None` means not known; no field is ever guessed here.
    `platform`, `media_type` and `language` hold the canonical values of this module.
    """

    text: str
    platform: str | None = None
    account_id: str | None = None
    published_at: datetime | None = None
    timezone: str | None = None
    media_type: str | None = None
    language: str | None = None
    followers: float | None = None
    is_paid: bool | None = None


Texts = Sequence[str]
