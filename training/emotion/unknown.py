"""Intervals for languages without labels: how wrong forecasts are where nobody taught them.

Each language with labels plays the unknown one in turn: blends and scales are fitted on the others,
and its errors collected. An unknown language may be like the least favourable of them, so its
intervals reach as far as any of these languages needed: an envelope of conformal intervals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.schema import INTENSITIES, OVERALL
from models.conformal import KEPT_ROWS, Calibration
from models.emotion import ANYWHERE, UNKNOWN, EmotionModel
from training.emotion.blend import Floats, HeldOut, blended, standardised, truth_of, unlabelled
from training.emotion.spelling import without_spellings

LEFT_OUT_ROWS = 60
"""Labelled texts that a language needs to play the unknown one: fewer have no 5% tail."""

LEAST_LANGUAGES = 3
"""With fewer there is no telling how languages differ for a target."""

TAIL = 0.05
"""Left outside on each side by a 90% interval."""

BORROWED = 0.75
"""Quantile of the other targets' widening that a target labelled in too few languages borrows:
their median leaves half of them short, their largest makes an interval of the whole scale."""

Errors = Mapping[str, list[Floats]]


def with_unknown(
    calibrations: Mapping[str, Calibration],
    blank: EmotionModel,
    held_out: HeldOut,
    targets: Sequence[str],
    silver: Mapping[str, Errors],
) -> dict[str, Calibration]:
    """Return the calibrations with cells for languages that are not judged.

    A target that too few languages label borrows: its errors are widened by the upper quartile of
    the factors that the others needed, and reach as far as texts of the language need that were
    rated otherwise. Where none can tell, there is no such cell.

    Parameters
    ----------
    calibrations
        For each target, with the cell `models.emotion.ANYWHERE`.
    blank
        A model of which the views, the languages and the encoder are settled.
    held_out
        Texts with labels and opinions.
    targets
        Those to be taught.
    silver
        By language, what `training.emotion.silver.silver_errors` returns.
    """
    errors = {name: dict(part.errors) for name, part in calibrations.items()}
    for language, found in _left_out(blank, held_out, targets).items():
        cell = UNKNOWN if language == ANYWHERE else f"{UNKNOWN}{language}"
        told = {name: envelope(part) for name, part in found.items() if _enough(part)}
        factors = [widening(told[name], errors[name][ANYWHERE]) for name in told]
        factor = float(np.quantile(factors, BORROWED)) if factors else None
        for name, part in errors.items():
            if name in told:
                part[cell] = told[name]
            elif factor is not None:
                part[cell] = part[ANYWHERE] * factor
    for language, rated in silver.items():
        for name in set(rated) & set(errors):
            part, cell = errors[name], f"{UNKNOWN}{language}"
            borrowed = part.get(cell, part.get(UNKNOWN))
            if borrowed is not None and is_borrowed(blank, name):
                # As many errors as people's labels left: more would claim to know the tails better.
                part[cell] = envelope([borrowed, *rated[name]], len(borrowed))
    return {name: Calibration(part) for name, part in errors.items()}


def is_borrowed(model: EmotionModel, target: str) -> bool:
    """Return True for a target that too few languages label to tell how an unknown one differs."""
    return len(model.judged.get(target, model.measured)) < LEAST_LANGUAGES


def envelope(parts: Sequence[Floats], rows: int = KEPT_ROWS) -> Floats:
    """Return errors of which each quantile is the outermost of the parts', (rows,).

    Parameters
    ----------
    parts
        Errors of one language each.
    rows
        How many.
    """
    places = (np.arange(rows) + 0.5) / rows
    quantiles = np.stack([np.quantile(part, places, method="hazen") for part in parts])
    outermost = np.where(places < 0.5, quantiles.min(axis=0), quantiles.max(axis=0))
    return np.asarray(outermost, dtype=np.float64)


def widening(wide: Floats, usual: Floats) -> float:
    """Return how many times further the wider side of an interval reaches; at least 1."""
    reach = [np.abs(np.quantile(part, [TAIL, 1 - TAIL])) for part in (wide, usual)]
    return float(max(1.0, np.max(reach[0] / np.maximum(reach[1], 1e-9))))


def _enough(parts: Sequence[Floats]) -> bool:
    return len(parts) >= LEAST_LANGUAGES


def _left_out(blank: EmotionModel, held_out: HeldOut, targets: Sequence[str]) -> dict[str, Errors]:
    """Collect for each of `others`, by target, the errors in each language left out of fitting.

    Without spellings and doubts: those of the language that the blend is for are noise in one that
    plays it, and the texts that teach what to doubt are mostly in that language.
    """
    names = (ANYWHERE, *unlabelled(blank))
    found: dict[str, Errors] = {blend: {t: [] for t in (*targets, OVERALL)} for blend in names}
    for model, part in _without_each(blank, held_out, targets):
        for blend, errors in found.items():
            trusting = replace(model.others[blend], doubts=None)
            other = replace(model, measured=frozenset(), others={ANYWHERE: trusting})
            value, expected = other.point(standardised(other, part.raw), part.languages)
            scaled = (truth_of(part, value, targets) - value) / expected
            for name, lists in errors.items():
                column = scaled[:, INTENSITIES.index(name)]
                known = column[~np.isnan(column)]
                if len(known) >= LEFT_OUT_ROWS:
                    lists.append(known)
    return found


def _without_each(
    blank: EmotionModel, held_out: HeldOut, targets: Sequence[str]
) -> Iterator[tuple[EmotionModel, HeldOut]]:
    spoken: NDArray[np.str_] = np.array(held_out.languages, dtype=np.str_)
    names, sizes = np.unique(spoken, return_counts=True)
    if (sizes >= LEFT_OUT_ROWS).sum() < LEAST_LANGUAGES:
        return
    blank, held_out = without_spellings(blank, held_out)
    for name in names[sizes >= LEFT_OUT_ROWS]:
        rest = held_out.take(np.flatnonzero(spoken != name))
        yield blended(blank, rest, targets), held_out.take(np.flatnonzero(spoken == name))
