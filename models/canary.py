"""A post whose forecast is written down when a version is made, and compared when it is loaded.

It tells a version that is whole, on the right encoder and in the right code from one that merely
loads.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from features.account import history
from features.errors import ModelError
from features.schema import INTENSITIES, Post

if TYPE_CHECKING:
    from features.text.encoder import Encoder
    from models.emotion import EmotionModel
    from models.share import ShareModel
    from models.versions import Loaded

TOLERANCE = 0.05
"""Quantised encoders differ a little between processors; a wrong encoder differs by far more."""

CANARY = Post(
    text="We did it! After three years of repairs the old cinema opens again on Saturday. "
    "Thank you, every one of you who believed in us 🎬",
    platform="facebook",
    published_at=datetime(2025, 3, 14, 17, 30, tzinfo=UTC),
    media_type="photo",
    language="en",
    followers=5000.0,
    is_paid=False,
)


def record(model: "EmotionModel | ShareModel", encoder: "Encoder", kind: str) -> dict[str, Any]:
    """Return the canary's text and forecast, as JSON values to be kept with the version.

    Parameters
    ----------
    model
        A fitted model.
    encoder
        The one that it was fitted on.
    kind
        `emotion` or `share`.
    """
    scores = _emotion(model, encoder) if kind == "emotion" else _share(model, encoder)
    return {"text": CANARY.text, "scores": scores}


def check(loaded: "Loaded") -> float | None:
    """Compare the canary's forecast with the one recorded.

    Returns
    -------
    The largest difference, or None where nothing was recorded.

    Raises
    ------
    ModelError
        When the canary scores otherwise than recorded.
    """
    version = loaded.version
    if loaded.canary is None:
        return None
    if loaded.canary.get("text") != CANARY.text:
        return None  # recorded by a prescore with another canary
    found = record(loaded.model, loaded.encoder, version.kind)["scores"]
    worst = _difference(found, loaded.canary["scores"])
    if not worst <= TOLERANCE:
        raise ModelError(
            f"{version.name} version {version.number} failed its canary: a fixed post scores "
            f"{worst:.3f} away from what was recorded when the version was made."
        )
    return worst


def _difference(found: Mapping[str, float], recorded: Mapping[str, float]) -> float:
    if found.keys() != recorded.keys():
        return math.inf
    return max(abs(found[name] - recorded[name]) for name in found)


def _emotion(model: Any, encoder: "Encoder") -> dict[str, float]:
    forecast = model.predict([CANARY.text], encoder.encode([CANARY.text]), [CANARY.language])
    values = zip(INTENSITIES, forecast.value[0], strict=True)
    return {name: round(float(value), 6) for name, value in values if math.isfinite(value)}


def _share(model: Any, encoder: "Encoder") -> dict[str, float]:
    state = history.state(None, CANARY.published_at, CANARY.platform)[None, :]
    vectors = encoder.encode([CANARY.text])
    forecast = model.predict([CANARY], vectors, state, [None], explain=False)
    score = model.score([CANARY], vectors, state)
    values = {"score": score, "low": forecast.low, "high": forecast.high}
    found = {name: float(value[0]) for name, value in values.items()}
    return {name: round(value, 6) for name, value in found.items() if math.isfinite(value)}
