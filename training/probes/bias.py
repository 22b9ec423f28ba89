"""Is the emotion model fair: does it say the same whoever a sentence is about?

The mean absolute difference of each intensity between sentences that differ in one thing alone, by
what that is and by language. Valence is halved, so that every scale is 0..1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.schema import INTENSITIES
from features.text.encoder import Encoder
from models.emotion import RANGES
from training.embedding import EMBED, Embedder
from training.judging.reports import Report
from training.probes.counterfactuals import CONTEXTS, Part, Sentence, pairs, sentences

if TYPE_CHECKING:
    from models.emotion import EmotionModel

Floats = NDArray[np.float64]

FURTHEST = 5
"""Groups named of each language."""

DEFINITIONS = {
    "mean": "mean absolute difference of an intensity (0..1; valence halved) between sentences "
    "that differ in one thing about a person, mean over intensities and then over kinds, so that "
    "the many names do not drown the few religions",
    "by_kind": "the same for each thing that differs; gender is told from names, nationalities and "
    "so on of one group, with verbs and adjectives that agree",
    "furthest": "the groups whose sentences are furthest, on average, from what the same sentences "
    "get for the other groups of their kind: by which intensity, and by how much",
}


@dataclass(frozen=True, eq=False)
class Gaps:
    """Forecasts of counterfactual sentences, and how far apart pairs of them are.

    Attributes
    ----------
    said
        n sentences.
    values
        Shape (n, t): forecasts of the t intensities that the model was taught, each 0..1 wide.
    names
        The t intensities.
    kinds, languages, contexts
        Of m pairs, (m,) each.
    apart
        Shape (m, t).
    """

    said: Sequence[Sentence]
    values: Floats
    names: tuple[str, ...]
    kinds: NDArray[np.str_]
    languages: NDArray[np.str_]
    contexts: NDArray[np.str_]
    apart: Floats

    def widest_mean(self) -> float:
        """Return the `mean` of the language where it is largest; NaN without any sentence."""
        return max((self.mean(self.languages == code) for code in self.spoken), default=np.nan)

    def widest_kind(self) -> float:
        """Return the largest of `by_kind` in any language; NaN without any sentence."""
        found = [self.by_kind(self.languages == code).values() for code in self.spoken]
        return max((gap for part in found for gap in part), default=np.nan)

    @property
    def spoken(self) -> list[str]:
        """Languages of the sentences."""
        return sorted(set(self.languages.tolist()))

    def mean(self, rows: NDArray[np.bool_]) -> float:
        """Return the mean over kinds of some pairs."""
        return float(np.mean(list(self.by_kind(rows).values())))

    def by_kind(self, rows: NDArray[np.bool_]) -> dict[str, float]:
        """Return the mean difference of some pairs, by kind."""
        kinds = sorted(set(self.kinds[rows].tolist()))
        return {kind: float(self.apart[rows & (self.kinds == kind)].mean()) for kind in kinds}


def gaps_between(said: Sequence[Sentence], forecast: Floats) -> Gaps:
    """Put sentences and their forecast, (n, 9) as in `features.schema.INTENSITIES`, together."""
    taught = [k for k in range(len(INTENSITIES)) if np.isfinite(forecast[:, k]).any()]
    width = np.array([RANGES[INTENSITIES[k]][1] - RANGES[INTENSITIES[k]][0] for k in taught])
    values = forecast[:, taught].astype(np.float64) / width
    found = list(pairs(said))
    first, second = (np.array([p.first for p in found]), np.array([p.second for p in found]))
    return Gaps(
        said,
        values,
        tuple(INTENSITIES[k] for k in taught),
        np.array([pair.kind for pair in found], np.str_),
        np.array([said[pair.first].language for pair in found], np.str_),
        np.array([said[pair.first].context for pair in found], np.str_),
        np.abs(values[first] - values[second]) if found else np.empty((0, len(taught))),
    )


def bias_gaps(
    model: "EmotionModel", encoder: Encoder, embed: Embedder = EMBED, part: Part = "measured"
) -> Gaps:
    """Forecast the sentences of a part, in the languages that the model knows.

    Parameters
    ----------
    model, encoder
        A fitted model and the encoder that it was fitted on.
    embed
        How texts become vectors.
    part
        "measured", unless something is to be chosen by the result.
    """
    said = [one for one in sentences(part) if one.language in model.languages]
    texts = [one.text for one in said]
    forecast = model.predict(texts, embed(encoder, texts), [one.language for one in said])
    return gaps_between(said, forecast.value.astype(np.float64))


def bias_report(gaps: Gaps) -> Report:
    """Return what `prescore evaluate bias` tells, as JSON values."""
    return {
        "sentences": len(gaps.said),
        "pairs": len(gaps.apart),
        "mean": gaps.widest_mean(),
        "widest_kind": gaps.widest_kind(),
        "by_language": {code: _language(gaps, code) for code in gaps.spoken},
        "definitions": DEFINITIONS,
    }


def _language(gaps: Gaps, code: str) -> Report:
    rows = gaps.languages == code
    by_context = {name: gaps.mean(rows & (gaps.contexts == name)) for name in CONTEXTS}
    intensities = zip(gaps.names, gaps.apart[rows].mean(axis=0).tolist(), strict=True)
    return {
        "pairs": int(rows.sum()),
        "mean": gaps.mean(rows),
        "by_kind": gaps.by_kind(rows),
        "by_intensity": dict(intensities),
        "by_context": by_context,
        "furthest": _furthest(gaps, code),
    }


def _furthest(gaps: Gaps, code: str) -> list[Report]:
    """Return the groups that get most more or less than the others of their kind."""
    chosen = [row for row, one in enumerate(gaps.said) if one.language == code]
    table = pd.DataFrame(gaps.values[chosen], columns=list(gaps.names))
    people = [gaps.said[row].person for row in chosen]
    table["kind"], table["group"] = [p.kind for p in people], [p.group for p in people]
    alike = [gaps.said[row].template + gaps.said[row].person.gender for row in chosen]
    names = list(gaps.names)
    usual = table.groupby([table["kind"], pd.Series(alike)])[names].transform("mean")
    table[names] -= usual
    shifts = table.groupby(["kind", "group"])[names].mean().reset_index()
    found = [
        {"kind": row["kind"], "group": row["group"], "intensity": name, "by": float(row[name])}
        for row in shifts.to_dict("records")
        for name in names
    ]
    return sorted(found, key=lambda one: -abs(one["by"]))[:FURTHEST]
