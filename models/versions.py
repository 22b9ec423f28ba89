"""Registered versions as plain values: how they are named, addressed and described.

Nothing here imports MLflow, so that naming a version costs nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import ConfigError, InputError, ModelError

if TYPE_CHECKING:
    from features.text.encoder import Encoder
    from models.emotion import EmotionModel
    from models.share import ShareModel

EMOTION_NAME = "prescore-emotion"
SHARE_NAME = "prescore-share"
ENCODER_NAME = "prescore-encoder"
NAMES: Mapping[str, str] = {"emotion": EMOTION_NAME, "share": SHARE_NAME}
"""Kind of model -> the name it is registered under by default."""
KINDS = tuple(NAMES)
RESERVED: Mapping[str, str] = {
    EMOTION_NAME: "emotion",
    SHARE_NAME: "share",
    ENCODER_NAME: "encoder",
}
"""Name -> the only kind that it is for; any other name is for the kind of its first version."""

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"

GATE, PERSON, PRESCORE = "gate", "person", "prescore"
"""Who may make a version champion: the last one ships it."""

KIND_TAG = "prescore.kind"
DIGEST_TAG = "prescore.digest"
ENCODER_TAG = "prescore.encoder"
TRUNK_TAG = "prescore.trunk"
STARTER_TAG = "prescore.starter"
CROWNED_TAG = "prescore.crowned"
VERDICT_TAG = "prescore.gate"
REASON_TAG = "prescore.gate.reason"
METRIC_PREFIX = "metric."

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_ADDRESS = re.compile(
    rf"(?:models:/)?(?P<name>{_NAME.pattern})(?:@(?P<alias>[A-Za-z][\w.-]*)|/(?P<number>[0-9]+))?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A registered version as people write it: exactly one of `alias` and `number` is set."""

    name: str
    alias: str | None = None
    number: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `models:/NAME@alias`, `models:/NAME/3`, either without `models:/`, or `NAME`.

        A bare name is its champion.

        Raises
        ------
        ConfigError
            When the text is none of these.
        """
        match = _ADDRESS.fullmatch(text.strip())
        if match is None:
            raise ConfigError(
                f"Got model {text!r}; expected models:/NAME@champion or models:/NAME/3."
            )
        name, alias, number = match["name"], match["alias"], match["number"]
        return cls(name, alias or (None if number else CHAMPION), number)

    def __str__(self) -> str:
        """Return the address as MLflow writes it."""
        tail = f"@{self.alias}" if self.alias else f"/{self.number}"
        return f"models:/{self.name}{tail}"


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version.

    Attributes
    ----------
    number
        1, 2, …, as MLflow counts them.
    kind
        `emotion` or `share`; empty for an encoder or for what prescore did not register.
    aliases
        Sorted; any of `champion`, `challenger`, `previous`, and what people added.
    created
        UTC.
    source
        Where its files lie.
    """

    name: str
    number: str
    kind: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    run_id: str | None
    created: datetime
    source: str = field(repr=False, default="")

    @property
    def uri(self) -> str:
        """Return `models:/NAME/NUMBER`, which MLflow understands and which never moves."""
        return f"models:/{self.name}/{self.number}"

    @property
    def digest(self) -> str:
        """Digest of the model folder, or of the encoder."""
        return self.tags.get(DIGEST_TAG, "")

    @property
    def encoder_digest(self) -> str:
        """Digest of the encoder that the model reads its texts with."""
        return self.tags.get(ENCODER_TAG, "")

    @property
    def verdict(self) -> str:
        """What the gate said when the version was registered; empty where none was asked."""
        return self.tags.get(VERDICT_TAG, "")

    @property
    def reason(self) -> str:
        """Why the gate said so."""
        return self.tags.get(REASON_TAG, "")

    @property
    def objection(self) -> str | None:
        """Why the gate did not make the version champion; None where it did or was not asked."""
        return self.reason if self.verdict == CHALLENGER else None

    @property
    def crowned_by(self) -> str | None:
        """Who last made it champion: `gate`, `person` or `prescore`; None where nobody did.

        Versions that were crowned before it was noted have it from what is known of them.
        """
        if noted := self.tags.get(CROWNED_TAG):
            return noted
        if STARTER_TAG in self.tags:
            return PRESCORE
        if self.verdict == CHAMPION:
            return GATE
        return PERSON if {CHAMPION, PREVIOUS} & set(self.aliases) else None

    @property
    def metrics(self) -> dict[str, float]:
        """Headline figures on the held-out rows of the version's own training."""
        return {
            key.removeprefix(METRIC_PREFIX): float(value)
            for key, value in sorted(self.tags.items())
            if key.startswith(METRIC_PREFIX)
        }


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version in memory, with all that it needs to score.

    Attributes
    ----------
    folder
        The verified model folder, where `card.md` lies.
    canary
        A post and the scores recorded for it at training time; None where none was recorded.
    """

    version: Version
    model: "EmotionModel | ShareModel"
    encoder: "Encoder"
    folder: Path
    canary: Mapping[str, Any] | None = None


def check_name(name: str) -> str:
    """Return `name` if models can be registered under it.

    Raises
    ------
    ConfigError
        When it holds anything but letters, digits, `-`, `_` and `.`.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"Got name {name!r}; expected letters, digits, '-', '_' and '.' only.")
    return name


def check_fits(name: str, kind: str, versions: Sequence[Version]) -> None:
    """Refuse a name that is for models of another kind: its champion would serve nobody.

    Parameters
    ----------
    name
        To register, train or promote under.
    kind
        Of the model.
    versions
        All of that name, the oldest first.

    Raises
    ------
    InputError
        When it is.
    """
    first = next((version.kind for version in versions if version.kind), kind)
    meant = RESERVED.get(name, first)
    if kind != meant:
        raise InputError(
            f"{name} is for models of kind {meant!r}; got {kind!r}. Register it under another name."
        )


def check_kind(version: Version, kind: str) -> None:
    """Refuse a version of the other kind.

    Raises
    ------
    ModelError
        When it is not of the kind that is asked for.
    """
    if version.kind != kind:
        raise ModelError(
            f"{version.name} version {version.number} is of kind {version.kind!r}; "
            f"expected {kind!r}."
        )
