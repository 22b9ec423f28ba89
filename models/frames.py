"""One version by itself, as MLflow serves it: a frame of posts in, a flat frame of scores out.

There is no account history there: a share score is then a place in the reference population.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from features.errors import ModelError, TableError
from features.schema import INTENSITIES, POST_INPUTS, FloatArray, Post
from features.tables.cells import Mask, describe
from features.tables.formats import SCORING
from features.tables.parsing import Context, parse_table
from models import grounds
from models.versions import KINDS

if TYPE_CHECKING:
    from features.text.encoder import Encoder
    from models.emotion import EmotionModel
    from models.score import Note
    from models.share import ShareModel

INPUTS: Mapping[str, bool] = {name: name == "text" for name in POST_INPUTS}
"""Column -> whether it must be there."""

EXAMPLE = (
    {"text": "We open the new library tomorrow at noon. Come and see it!", "platform": "facebook"},
    {"text": "Jutro w południe otwieramy nową bibliotekę. Przyjdźcie!", "platform": "x"},
)
SHARE_FIELDS = {
    "score": "score",
    "score_low": "low",
    "score_high": "high",
    "percentile": "percentile",
    "percentile_low": "percentile_low",
    "percentile_high": "percentile_high",
    "beats_median": "beats_median",
}
"""Column of the output -> field of `ShareForecast`. Expected counts need an account's history."""
TOLD = ["status", "reason", "language"]
NOVELTY, POPULATION = "novelty", "population"


def outputs(kind: str) -> dict[str, str]:
    """Return the columns that a version of `kind` predicts, and their MLflow types."""
    if kind == "share":
        return dict.fromkeys([*TOLD, POPULATION], "string") | dict.fromkeys(SHARE_FIELDS, "double")
    numbers = [f"{name}{end}" for name in INTENSITIES for end in ("", "_low", "_high")]
    return dict.fromkeys(TOLD, "string") | dict.fromkeys(numbers, "double")


def schema(kind: str) -> dict[str, Any]:
    """Return what MLflow is told of a version: `inputs`, `outputs` and an `example`."""
    return {"inputs": INPUTS, "outputs": outputs(kind), "example": list(EXAMPLE)}


def load_model(folder: Path, kind: str) -> "EmotionModel | ShareModel":
    """Load the model of a folder; each kind's libraries are imported only here.

    Raises
    ------
    ModelError
        When the kind is not known, or the folder is not whole.
    """
    if kind == "emotion":
        from models.emotion import EmotionModel

        return EmotionModel.load(folder)
    if kind == "share":
        from models.share import ShareModel

        return ShareModel.load(folder)
    raise ModelError(f"{folder} holds a model of kind {kind!r}; expected one of {KINDS}.")


class PostModel:
    """What MLflow calls: one model of one kind, and its encoder."""

    def __init__(self, model: "EmotionModel | ShareModel", kind: str, encoder: "Encoder") -> None:
        self._model = model
        self._kind = kind
        self._encoder = encoder

    def predict(self, frame: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Score posts.

        Parameters
        ----------
        frame
            One post a row: `text`, and whatever else of `features.schema.POST_INPUTS` is known.
        params
            None are known.

        Returns
        -------
        DataFrame
            The columns of `outputs`, in the order and with the index of `frame`. A post that
            cannot be scored has status `abstained`, a reason, and no numbers.

        Raises
        ------
        TableError
            When a cell cannot be what its column is for.
        """
        from models.spoken import speak

        posts = posts_of(frame, datetime.now(UTC))
        spoken = speak(posts)
        refusals = [self._refuse(post, said) for post, said in zip(posts, spoken, strict=True)]
        rows = [row for row, refusal in enumerate(refusals) if refusal is None]
        known = [replace(posts[row], language=spoken[row].code) for row in rows]
        found = self._forecast(known).set_axis(rows)
        for row, novelty in found.pop(NOVELTY).items():
            refusals[int(str(row))] = grounds.refuse_novelty(float(novelty))
        told = pd.DataFrame(
            {
                "status": ["abstained" if refusal else "ok" for refusal in refusals],
                "reason": [refusal.code if refusal else "" for refusal in refusals],
                "language": [said.code or "" for said in spoken],
            }
        )
        kept = np.array([refusals[row] is None for row in rows], dtype=bool)
        scored = told.join(found[kept])
        return scored.apply(_without_nan)[list(outputs(self._kind))].set_axis(frame.index)

    def _refuse(self, post: Post, spoken: grounds.Spoken) -> "Note | None":
        refusal = grounds.refuse_text(post.text)
        if refusal is None and self._kind == "emotion":
            known = cast("EmotionModel", self._model).languages
            refusal = grounds.refuse_language(spoken, known)
        return refusal

    def _forecast(self, posts: Sequence[Post]) -> pd.DataFrame:
        if not posts:
            return pd.DataFrame(columns=[*outputs(self._kind), NOVELTY]).drop(columns=TOLD)
        vectors = self._encoder.encode([post.text for post in posts])
        if self._kind == "emotion":
            return _emotion(cast("EmotionModel", self._model), posts, vectors)
        return _share(cast("ShareModel", self._model), posts, vectors)


def _emotion(model: "EmotionModel", posts: Sequence[Post], vectors: FloatArray) -> pd.DataFrame:
    texts = [post.text for post in posts]
    forecast = model.predict(texts, vectors, [post.language for post in posts])
    ends = {"": forecast.value, "_low": forecast.low, "_high": forecast.high}
    return pd.DataFrame(
        {
            f"{name}{end}": values[:, column].astype(np.float64)
            for column, name in enumerate(INTENSITIES)
            for end, values in ends.items()
        }
    ).assign(**{NOVELTY: 0.0})


def _share(model: "ShareModel", posts: Sequence[Post], vectors: FloatArray) -> pd.DataFrame:
    from models.scorer import states_of

    unknown = [None] * len(posts)
    forecast = model.predict(posts, vectors, states_of(posts, unknown), unknown, explain=False)
    fields = SHARE_FIELDS | {NOVELTY: "novelty"}
    numbers = {name: getattr(forecast, field) for name, field in fields.items()}
    labels = [population.label for population in forecast.populations]
    return pd.DataFrame(numbers).astype(np.float64).assign(**{POPULATION: labels})


def _without_nan(column: pd.Series) -> pd.Series:
    """A gap becomes None, as JSON knows no NaN; a gap among words becomes an empty one."""
    gaps = column.isna()
    if not gaps.any():
        return column
    return column.astype(object).mask(gaps, "" if column.name == POPULATION else None)


def posts_of(frame: pd.DataFrame, now: datetime) -> list[Post]:
    """Read the rows of a frame as posts.

    Parameters
    ----------
    frame
        Columns of `features.schema.POST_INPUTS`; others are not looked at.
    now
        The time by which a year is judged.

    Raises
    ------
    TableError
        When a cell cannot be what its column is for.
    """
    context = Context("the frame", now=now, future=True)
    fields = [field for field in SCORING.fields if field.name in INPUTS and field.name in frame]
    cells = {field.name: frame[field.name].reset_index(drop=True) for field in fields}
    columns: dict[str, list[Any]] = {}
    for name, parsed in parse_table(fields, cells, context).items():
        for wrong, kind in parsed.problems:
            _check(wrong, kind, cells[name], name, parsed.expected)
        columns[name] = [None if pd.isna(v) else v for v in parsed.values]
    return [
        Post(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def _check(wrong: Mask, kind: str, cells: pd.Series, name: str, expected: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        said = kind or describe(cells.iloc[row])
        raise TableError(f"Row {row}, column {name!r}: got {said}; expected {expected}.")
