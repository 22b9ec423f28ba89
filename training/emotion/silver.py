"""What rated texts that nothing learnt from tell of a language that nobody labelled.

No person may have rated them, so they narrow nothing that people's labels tell, and emotions, which
people label in many languages, keep people's levels.
"""

from dataclasses import replace

import numpy as np

from features.schema import TARGETS
from models.emotion import RANGES, EmotionModel
from models.scales import Scale
from training.emotion.blend import HeldOut, standardised, unlabelled
from training.emotion.unknown import LEFT_OUT_ROWS, Errors, is_borrowed


def with_silver_scales(model: EmotionModel, apart: HeldOut) -> EmotionModel:
    """Return the model with levels from rated texts for what too few languages label.

    Raters of one study in another language tell little of the level of valence and arousal here:
    rated texts of the language itself tell more. Whose raters a reader is like is not known: the
    error to expect is the mean of what either show, but never less than what people's labels do.

    Parameters
    ----------
    model
        With its blends.
    apart
        Rated texts that nothing learnt from; too few of a language tell nothing.
    """
    others = dict(model.others)
    for language, part in _by_language(apart).items():
        if language not in unlabelled(model):
            continue
        raw = others[language].opinion(standardised(model, part.raw))
        scales = list(others[language].scales)
        for place, name in enumerate(TARGETS):
            known = ~np.isnan(part.truth[:, place])
            people = scales[place]
            enough = is_borrowed(model, name) and known.sum() >= LEFT_OUT_ROWS
            if enough and people is not None:
                truth = part.truth[known, place]
                line = Scale.straight(raw[known, place], truth, *RANGES[name])
                scales[place] = _with_errors_of(line, people)
        others[language] = replace(others[language], scales=tuple(scales))
    return replace(model, others=others)


def _with_errors_of(line: Scale, people: Scale) -> Scale:
    """Return a line with the errors of two scales, at the knots of both: between, neither bends."""
    raw = np.union1d(line.raw, people.raw)
    least = people.expected_error(raw)
    error = np.maximum(least, (line.expected_error(raw) + least) / 2)
    return replace(line, raw=raw, level=line.value(raw), error=error)


def silver_errors(model: EmotionModel, apart: HeldOut) -> dict[str, Errors]:
    """Return the errors, over the expected ones, of rated texts that nothing learnt from.

    No person may have rated them, so they narrow nothing. What they tell is how far the raters of
    one study can be from those of another.

    Parameters
    ----------
    model
        With its blends.
    apart
        The texts; too few of a language tell nothing, nor do those in which a target was judged.

    Returns
    -------
    dict
        By language, what `training.emotion.unknown.Errors` is.
    """
    found: dict[str, Errors] = {}
    for language, part in _by_language(apart).items():
        value, expected = model.point(standardised(model, part.raw), part.languages)
        scaled = (part.truth - value[:, : len(TARGETS)]) / expected[:, : len(TARGETS)]
        columns = {
            name: column[~np.isnan(column)] for name, column in zip(TARGETS, scaled.T, strict=True)
        }
        found[language] = {
            name: [column]
            for name, column in columns.items()
            if len(column) >= LEFT_OUT_ROWS and language not in model.judged.get(name, ())
        }
    return found


def _by_language(apart: HeldOut) -> dict[str, HeldOut]:
    spoken = np.array(apart.languages, dtype=np.str_)
    codes = np.unique(spoken[spoken != ""])
    return {str(code): apart.take(np.flatnonzero(spoken == code)) for code in codes}
