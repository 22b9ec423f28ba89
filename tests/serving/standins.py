"""Tiny models whose forecasts a person can predict, with the signatures of the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.account.history import KNOWN
from features.account.past import AccountPast
from features.errors import RegistryError
from features.schema import INTENSITIES, FloatArray, Post
from models import canary
from models.recall import nothing
from models.versions import EMOTION_NAME, SHARE_NAME, Loaded, Version

DIGEST = "sha256:" + "0" * 64


class TinyEncoder:
    digest = DIGEST
    dimension = 2

    def __init__(self) -> None:
        self.calls: list[int] = []

    def holds(self, digest: str) -> bool:
        return digest == self.digest

    def encode(self, texts: Sequence[str], progress: Any = None) -> FloatArray:
        self.calls.append(len(texts))
        rows = [(len(text) / 100, text.count("!")) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(-1, 2)


class TinyEmotion:
    encoder_digest = DIGEST
    languages = frozenset({"en", "pl", "de"})
    measured = languages
    untaught: tuple[str, ...] = ()

    def predict(
        self, texts: Sequence[str], embeddings: FloatArray, languages: Sequence[str | None]
    ) -> Any:
        value = np.full((len(texts), 9), 0.5, dtype=np.float32)
        value[:, 3] = np.minimum(0.2 * embeddings[:, 1], 1)
        for name in self.untaught:
            value[:, INTENSITIES.index(name)] = np.nan
        return SimpleNamespace(value=value, low=value - 0.1, high=value + 0.1)


class TinyShare:
    """The score is 0.5 for each exclamation mark, and 0.1."""

    encoder_digest = DIGEST
    platforms = frozenset({"facebook", "x"})

    def __init__(self, base: float = 0.1) -> None:
        self.base = base

    def predict(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None],
        recalled: FloatArray | None = None,
        *,
        explain: bool = True,
    ) -> Any:
        n = len(posts)
        text = 0.5 * embeddings[:, 1]
        known = np.expm1(np.nan_to_num(states[:, KNOWN]))
        novel = np.array([1.0 if "qqqq" in post.text else 0.2 for post in posts])
        score = text + self.base
        place = np.clip(50 + 20 * score, 0, 100)
        own = known >= 10
        expected = np.where(own, 10 * np.exp(np.minimum(score, 9)), np.nan)
        kinds = ["account" if mine else "reference" for mine in own]
        return SimpleNamespace(
            score=score,
            low=score - 1,
            high=score + 1,
            percentile=place,
            percentile_low=np.clip(place - 30, 0, 100),
            percentile_high=np.clip(place + 30, 0, 100),
            populations=[SimpleNamespace(kind=kind, size=50, label=kind) for kind in kinds],
            expected_shares=expected,
            expected_low=expected / 2,
            expected_high=expected * 2,
            beats_median=1 / (1 + np.exp(-score)),
            effects=np.stack([text, np.zeros(n)], axis=1)[:, : 2 * explain],
            families=("text", "clock"),
            base=self.base,
            novelty=novel,
            explain_seconds=0.0,
            recalled=nothing(n),
        )

    def score(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None] | None = None,
    ) -> FloatArray:
        return np.asarray(0.5 * embeddings[:, 1] + self.base, dtype=np.float32)

    def shown(
        self,
        posts: Sequence[Post],
        embeddings: FloatArray,
        states: FloatArray,
        pasts: Sequence[AccountPast | None],
        *,
        anew: bool = False,
    ) -> NDArray[np.float64]:
        score = np.asarray(self.predict(posts, embeddings, states, pasts).score, dtype=np.float64)
        became = [
            0.0 if anew or past is None else self.became(post, past)
            for post, past in zip(posts, pasts, strict=True)
        ]
        return score + became

    def became(self, post: Post, past: AccountPast) -> float:
        """What a score gains from what became of the same wording before."""
        return 0.0

    def meaning(self, embeddings: FloatArray) -> FloatArray:
        lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
        return np.asarray(embeddings / lengths, dtype=np.float32)

    def at_times(
        self,
        post: Post,
        embeddings: FloatArray,
        states: FloatArray,
        past: AccountPast | None,
        moments: Sequence[datetime],
    ) -> tuple[NDArray[np.float64], ...]:
        """Each day's evening, at eight on the clocks of its zone, is worth a whole spread more."""
        score = np.array([float(at.hour == 20) for at in moments])
        return score, score - 1, score + 1

    def compare(
        self, first: FloatArray, second: FloatArray, platforms: Sequence[str | None]
    ) -> NDArray[np.float64]:
        assert len(platforms) == len(first) == len(second)
        return np.asarray(1 / (1 + np.exp(-(first.astype(float) - second))))

    def luck(self, platforms: Sequence[str | None]) -> NDArray[np.float64]:
        """As much as makes a lead of one spread a probability of 0.76, save on X: twice that."""
        return np.array([2.0 if name == "x" else 1.0 for name in platforms])


def version(kind: str, number: str) -> Version:
    name = {"emotion": EMOTION_NAME, "share": SHARE_NAME}[kind]
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Version(name, number, kind, ("champion",), {}, None, made)


def loaded(kind: str, number: str = "1", model: Any = None) -> Loaded:
    encoder: Any = TinyEncoder()
    model = model or (TinyEmotion() if kind == "emotion" else TinyShare())
    record = canary.record(model, encoder, kind)
    return Loaded(version(kind, number), model, encoder, Path(), record)


@dataclass
class TinyRegistry:
    """Champions that a test can move, break and take away."""

    numbers: dict[str, str] = field(default_factory=lambda: {EMOTION_NAME: "1", SHARE_NAME: "1"})
    versions: dict[str, Loaded] = field(default_factory=dict)
    gone: bool = False

    def resolve(self, address: str) -> Version:
        if self.gone:
            raise RegistryError("The registry cannot be reached.")
        name = address.removeprefix("models:/").split("@")[0]
        kind = "emotion" if name == EMOTION_NAME else "share"
        return version(kind, self.numbers[name])

    def load(self, address: str) -> Loaded:
        if address in self.versions:
            return self.versions[address]
        name, number = address.removeprefix("models:/").split("/")
        return loaded("emotion" if name == EMOTION_NAME else "share", number)
