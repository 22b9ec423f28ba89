"""A score as one line: for CSV, and for a person with many posts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from features.text.cleaning import sound

if TYPE_CHECKING:
    from models.score import Interval, Score

EXCERPT = 44
HEADING = (
    f"{'row':>6}  {'place':>5}  {'90% sure':>8}  {'shares':>7}  {'beats usual':>11}  "
    f"{'moves':>5}  {'most of all':<14}  post"
)
BEFORE_POST = len(HEADING) - len("post")


def named(score: "Score", row: int | None, post_id: str | None) -> dict[str, Any]:
    """The answer for one post of a table, led by what finds the post again."""
    lead: dict[str, Any] = {} if row is None else {"row": row}
    if post_id is not None:
        lead["post_id"] = post_id
    return lead | score.to_json()


def csv_columns() -> tuple[str, ...]:
    """Columns of the CSV that scores are written as."""
    from features.schema import OVERALL, TARGETS

    numbers = ("percentile", "score", "expected_shares", OVERALL, *TARGETS)
    spread = (f"{name}{end}" for name in numbers for end in ("", "_low", "_high"))
    return (
        *("row", "post_id", "text", "id", "status", "reason", "language", "population"),
        *("beats_median", *spread, "warnings", "emotion_version", "share_version"),
    )


def csv_row(score: "Score", row: int | None, post_id: str | None, text: str) -> dict[str, Any]:
    """One CSV row; what is not known is empty."""
    models = score.models
    found: dict[str, Any] = {
        "row": row,
        "post_id": post_id,
        "text": sound(text),
        "id": score.id,
        "status": score.status,
        "reason": score.refusal.code if score.refusal else None,
        "language": score.language,
        "warnings": ";".join(note.code for note in score.warnings),
        "emotion_version": f"{models.emotion.name}/{models.emotion.version}",
        "share_version": f"{models.share.name}/{models.share.version}",
    }
    if score.share is not None:
        found["population"] = score.share.population.label
        found["beats_median"] = _rounded(score.share.beats_median)
        found |= _spread("percentile", score.share.percentile)
        found |= _spread("score", score.share.score)
        found |= _spread("expected_shares", score.share.expected_shares)
    for name, part in (score.emotion or {}).items():
        found |= _spread(name, part)
    return found


def line(score: "Score", row: int | None, text: str) -> str:
    """One line of a list, under `HEADING`."""
    lead = f"{'' if row is None else row:>6}  "
    emotion = known(score.emotion)
    if score.refusal is not None or score.share is None or not emotion:
        code = score.refusal.code if score.refusal else score.status
        return f"{lead}not scored: {code}".ljust(BEFORE_POST) + excerpt(text)
    share = score.share
    within = f"{share.percentile.low:.0f}–{share.percentile.high:.0f}"
    expected = "" if share.expected_shares is None else f"{share.expected_shares.value:,.0f}"
    odds = "" if share.beats_median is None else f"{share.beats_median:.0%}"
    moves = f"{emotion['overall'].value:.2f}" if "overall" in emotion else ""
    strongest, value = strongest_feeling(emotion)
    return (
        f"{lead}{share.percentile.value:>5.0f}  {within:>8}  {expected:>7}  {odds:>11}  "
        f"{moves:>5}  {strongest:<9} {value:>4}  {excerpt(text)}"
    )


def known(emotion: "Mapping[str, Interval | None] | None") -> "dict[str, Interval]":
    """The feelings that the model has learnt."""
    return {name: part for name, part in (emotion or {}).items() if part is not None}


def strongest_feeling(emotion: "Mapping[str, Interval]") -> tuple[str, str]:
    """The strongest of the six emotions and its intensity, as they are shown."""
    from features.schema import EMOTIONS

    felt = {name: emotion[name].value for name in EMOTIONS if name in emotion}
    if not felt:
        return "", ""
    name = max(felt, key=felt.__getitem__)
    return name, f"{felt[name]:.2f}"


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text on one line, without anything that could disturb a terminal."""
    plain = " ".join(sound(text[: 4 * length]).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _spread(name: str, part: "Interval | None") -> dict[str, Any]:
    if part is None:
        return {}
    ends = {"": part.value, "_low": part.low, "_high": part.high}
    return {f"{name}{end}": _rounded(value) for end, value in ends.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
