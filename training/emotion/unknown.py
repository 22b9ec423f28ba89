"""Intervals for languages without labels: how wrong forecasts are where nobody taught them.

Each language with labels plays the unknown one in turn: blends and scales are fitted on the others,
and its errors collected. An unknown language may be like the least favourable of them, so its
intervals reach as far as any of these languages needed: an envelope of conformal intervals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.schema import INTENSITIES, OVERALL, TARGETS
from models.conformal import KEPT_ROWS, Calibration
from models.emotion import ANYWHERE, RANGES, UNKNOWN, EmotionModel
from models.products import product
from models.scales import Scale
from training.emotion.blend import Floats, HeldOut, blended, own_heads, standardised, truth_of

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
    earlier: Mapping[str, Calibration] | None = None,
) -> dict[str, Calibration]:
    """Return the calibrations with cells for languages that are not judged.

    A target that too few languages label borrows: its errors are widened by the upper quartile of
    the factors that the others needed, and reach as far as texts of the language need that were
    rated otherwise; without such texts, as far as they did in an earlier model, which may have had
    some. Where none can tell, there is no such cell.

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
        By language, what `silver_errors` returns.
    earlier
        Calibrations of the model that this one started from.
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
                others = silver.get(language, {}).get(name) or _before(earlier, name, cell)
                part[cell] = envelope([part[cell], *others])
    return {name: Calibration(part) for name, part in errors.items()}


def _before(earlier: Mapping[str, Calibration] | None, target: str, cell: str) -> list[Floats]:
    known = (earlier or {}).get(target)
    return [known.errors[cell]] if known is not None and cell in known.errors else []


def with_silver_scales(model: EmotionModel, apart: HeldOut) -> EmotionModel:
    """Return the model with levels from rated texts for what too few languages label.

    Raters of one study in another language tell little of the level of valence and arousal here:
    rated texts of the language itself tell more. Whose raters a reader is like is not known: the
    error to expect is the mean of what either show.

    Parameters
    ----------
    model
        With its blends.
    apart
        Rated texts that nothing learnt from; too few of a language tell nothing.
    """
    spoken = np.array(apart.languages, dtype=np.str_)
    others = dict(model.others)
    for language in own_heads(model):
        part = apart.take(np.flatnonzero(spoken == language))
        raw = product(standardised(model, part.raw), others[language].weights)
        scales = list(others[language].scales)
        for place, name in enumerate(TARGETS):
            known = ~np.isnan(part.truth[:, place])
            few = len(model.judged.get(name, model.measured)) < LEAST_LANGUAGES
            people = scales[place]
            if few and people is not None and known.sum() >= LEFT_OUT_ROWS:
                truth = part.truth[known, place]
                line = Scale.straight(raw[known, place], truth, *RANGES[name])
                error = (line.error + people.expected_error(line.raw)) / 2
                scales[place] = replace(line, error=error)
        others[language] = replace(others[language], scales=tuple(scales))
    return replace(model, others=others)


def silver_errors(model: EmotionModel, apart: HeldOut) -> dict[str, Errors]:
    """Return the errors, over the expected ones, of rated texts that nothing learnt from.

    No person may have rated them, so they narrow nothing. What they tell is how far the raters of
    one study can be from those of another.

    Parameters
    ----------
    model
        With its blends.
    apart
        The texts, of languages that auxiliary heads speak; too few of a language tell nothing.
    """
    found: dict[str, Errors] = {}
    spoken = np.array(apart.languages, dtype=np.str_)
    for language in own_heads(model):
        part = apart.take(np.flatnonzero(spoken == language))
        value, expected = model.point(standardised(model, part.raw), part.languages)
        scaled = (part.truth - value[:, : len(TARGETS)]) / expected[:, : len(TARGETS)]
        columns = {
            name: column[~np.isnan(column)] for name, column in zip(TARGETS, scaled.T, strict=True)
        }
        found[language] = {
            name: [column] for name, column in columns.items() if len(column) >= LEFT_OUT_ROWS
        }
    return found


def envelope(parts: Sequence[Floats]) -> Floats:
    """Return errors of which each quantile is the outermost of the parts', (KEPT_ROWS,).

    Parameters
    ----------
    parts
        Errors of one language each.
    """
    places = (np.arange(KEPT_ROWS) + 0.5) / KEPT_ROWS
    quantiles = np.stack([np.quantile(part, places) for part in parts])
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

    Without spellings: those of the language that the blend is for are noise in one that plays it.
    """
    names = (ANYWHERE, *own_heads(blank))
    found: dict[str, Errors] = {blend: {t: [] for t in (*targets, OVERALL)} for blend in names}
    for model, part in _without_each(blank, held_out, targets):
        for blend, errors in found.items():
            weighing = model.others.get(blend, model.others[ANYWHERE])
            other = replace(model, measured=frozenset(), others={ANYWHERE: weighing})
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
    shared = len(blank.heads.names) + len(blank.characters.outputs)
    blank, held_out = replace(blank, spellings={}), replace(held_out, raw=held_out.raw[:, :shared])
    for name in names[sizes >= LEFT_OUT_ROWS]:
        rest = held_out.take(np.flatnonzero(spoken != name))
        yield blended(blank, rest, targets), held_out.take(np.flatnonzero(spoken == name))
