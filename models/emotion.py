"""The emotion model: what a text evokes, how strongly, and how sure we are.

From a text's embedding and its hashed characters, linear *views* give several opinions on each
target. A *blend* weighs them, a *scale* brings the result onto the raters' scale, and conformal
calibration puts a 90% interval around it. Nothing here is fitted; see `training.emotion.train`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.schema import DIMENSIONS, EMOTIONS, INTENSITIES, TARGETS, FloatArray
from models.conformal import Calibration
from models.persistence import load_arrays, read_manifest, save_arrays, write_manifest
from models.products import product
from models.scales import Scale
from models.views import CharacterView, LinearHeads, character_counts

RANGES: Mapping[str, tuple[float, float]] = {
    name: (-1.0, 1.0) if name == "valence" else (0.0, 1.0) for name in INTENSITIES
}

STRONGEST_WEIGHT, AROUSAL_WEIGHT, VALENCE_WEIGHT = 0.7, 0.15, 0.15
"""What `overall` is made of: see `overall_of`. Weights of parts that are unknown go to the rest."""

CALM, STIRRED = 0.4, 0.7
"""Arousal at and below which a text adds nothing to `overall`, and from which it adds all it can:
about the 5th and the 99.5th percentile of EmoBank (Buechel & Hahn 2017)."""

ANYWHERE, UNKNOWN = "*", "?"
"""Names of the calibration cells of all judged languages together, and of any other language. The
blend for languages that have none of their own is `ANYWHERE` too."""

SEVERAL = ""
"""Stands for the language of an auxiliary head that was taught in more than one."""

SPELLING = "spelling-"
"""Before the language in names of arrays."""

VIEWS_FILE, MODEL_FILE = "views.npz", "emotion.npz"
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EmotionForecast:
    """Forecasts of n texts, each array float32 of shape (n, 9), columns as in `INTENSITIES`.

    `low` and `high` hold 90% of the labels that raters would give. A target that the model was
    never taught is NaN in all three.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class Blend:
    """A weighing of the views for each target, and the scale that turns it into intensities.

    Attributes
    ----------
    weights
        Shape (m, 8), for m standardised views.
    scales
        One entry per target; None for one that was never taught.
    doubts
        Shape (m + 1, 8), the last row a constant: what comes of weighing the views by it is taken
        off the opinion where it is above zero. None where nothing is doubted.
    """

    weights: FloatArray
    scales: tuple[Scale | None, ...]
    doubts: FloatArray | None = None

    def opinion(self, views: FloatArray) -> Floats:
        """Return what the views say together, (n, 8), in units of their own."""
        said = product(views, self.weights)
        if self.doubts is None:
            return said
        doubted = np.maximum(product(views, self.doubts[:-1]) + self.doubts[-1], 0)
        return np.asarray(said - doubted, dtype=np.float64)

    def __call__(self, views: FloatArray) -> tuple[Floats, Floats]:
        """Return values on the raters' scale and expected absolute errors, (n, 8) each."""
        raw = self.opinion(views)
        value = np.full(raw.shape, np.nan)
        expected = np.full(raw.shape, np.nan)
        for column, scale in enumerate(self.scales):
            if scale is not None:
                value[:, column] = scale.value(raw[:, column])
                expected[:, column] = scale.expected_error(raw[:, column])
        return value, expected


@dataclass(frozen=True, eq=False)
class EmotionModel:
    """A fitted emotion model.

    Attributes
    ----------
    encoder_digest
        Of the encoder that embeddings must come from.
    heads, characters
        The views: linear in the embedding, and in hashed characters.
    spellings
        By language without labelled intensities, views of hashed characters that rated texts
        taught; on texts of the language their opinions are about 0, give or take 1.
    centre, spread
        What views are standardised by, shape (m,): of the heads, the characters, the spellings.
    own
        The blend for languages with labelled intensities.
    others
        By language, the blends for languages without; `ANYWHERE` is that for all the rest.
    calibrations
        For each of `INTENSITIES` that was taught, the errors of held-out texts: see `cells`.
    measured
        Languages with labelled intensities. In others no interval was checked against labels.
    judged
        For each of `INTENSITIES` the languages in which labels of it were held out. Valence may be
        judged in fewer languages than joy; outside them its intervals are those of an unknown one.
    auxiliaries
        Tasks that taught heads and measured nothing -> the language of their texts, or `SEVERAL`.
    languages
        These and the ones known from sets that measured nothing: see `auxiliaries`.
    details
        JSON values for the model's card: data, options, measured figures.
    """

    encoder_digest: str
    heads: LinearHeads
    characters: CharacterView
    centre: FloatArray
    spread: FloatArray
    own: Blend
    others: Mapping[str, Blend]
    calibrations: Mapping[str, Calibration]
    measured: frozenset[str]
    languages: frozenset[str]
    judged: Mapping[str, frozenset[str]] = field(default_factory=dict)
    auxiliaries: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, CharacterView] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    def predict(
        self,
        texts: Sequence[str],
        embeddings: FloatArray,
        languages: Sequence[str | None],
    ) -> EmotionForecast:
        """Forecast what texts evoke.

        Parameters
        ----------
        texts
            n raw texts.
        embeddings
            Of those texts by the encoder of `encoder_digest`, shape (n, d).
        languages
            n ISO 639-1 codes, None where not known.
        """
        value, expected = self.point(self.views(texts, embeddings), languages)
        return EmotionForecast(*self.bounded(value, expected, languages))

    def views(self, texts: Sequence[str], embeddings: FloatArray) -> FloatArray:
        """Return the standardised opinions of all views, (n, m)."""
        raw = np.hstack([self.heads(embeddings), self.spelt(texts)])
        return np.asarray((raw - self.centre) / self.spread, dtype=np.float32)

    def spelt(self, texts: Sequence[str]) -> FloatArray:
        """Return the opinions of the views of characters, raw: of all languages, then of each."""
        counted = character_counts(texts)
        return np.hstack(
            [view(counted) for view in (self.characters, *self.spellings.values())],
            dtype=np.float32,
        )

    @property
    def shared_views(self) -> int:
        """How many of the m views are of all languages: what comes after them are spellings."""
        return len(self.heads.names) + len(self.characters.outputs)

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names of the m views: `task/target`, `target` of the characters, `language:target`."""
        spelt = (f"{code}:{name}" for code, view in self.spellings.items() for name in view.outputs)
        return (*self.heads.names, *self.characters.outputs, *spelt)

    def point(self, views: FloatArray, languages: Sequence[str | None]) -> tuple[Floats, Floats]:
        """Return values and expected errors, (n, 9) each, without intervals."""
        shape = (len(views), len(INTENSITIES))
        value, expected = np.empty(shape), np.empty(shape)
        spoken = np.array([language or "" for language in languages], dtype=np.str_)
        for language in np.unique(spoken):
            rows = spoken == language
            value[rows, :-1], expected[rows, :-1] = self.blend_of(str(language))(views[rows])
        value[:, -1] = overall_of(value[:, :-1])
        expected[:, -1] = overall_error(value[:, :-1], expected[:, :-1])
        return value, expected

    def blend_of(self, language: str) -> Blend:
        """Return the blend that weighs texts of a language; empty where not known."""
        if language in self.measured:
            return self.own
        return self.others.get(language, self.others[ANYWHERE])

    def bounded(
        self, value: Floats, expected: Floats, languages: Sequence[str | None]
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return values and the bounds that hold 90% of labels, float32 (n, 9) each.

        Parameters
        ----------
        value, expected
            From `point`.
        languages
            n codes.
        """
        low, high = np.full_like(value, np.nan), np.full_like(value, np.nan)
        for name, calibration in self.calibrations.items():
            k, judged = INTENSITIES.index(name), self.judged.get(name, self.measured)
            if len(value):
                memberships = [cells(language, judged) for language in languages]
                bounds = calibration.interval(value[:, k], expected[:, k], memberships)
                least, most = RANGES[name]
                # Asymmetric errors could leave the forecast itself outside its interval.
                low[:, k] = np.clip(np.minimum(bounds[0], value[:, k]), least, most)
                high[:, k] = np.clip(np.maximum(bounds[1], value[:, k]), least, most)
        return value.astype(np.float32), low.astype(np.float32), high.astype(np.float32)

    def save(self, folder: Path, now: datetime) -> None:
        """Write the model into an existing, empty folder and seal it."""
        spellings = [view.arrays(f"{SPELLING}{code}") for code, view in self.spellings.items()]
        views = [self.heads.arrays(), self.characters.arrays(), *spellings]
        save_arrays(folder / VIEWS_FILE, {name: a for part in views for name, a in part.items()})
        arrays: dict[str, NDArray[Any]] = {"centre": self.centre, "spread": self.spread}
        others = {f"other-{language}": blend for language, blend in self.others.items()}
        for name, blend in {"own": self.own, **others}.items():
            arrays[f"{name}_weights"] = blend.weights
            if blend.doubts is not None:
                arrays[f"{name}_doubts"] = blend.doubts
            for target, scale in zip(TARGETS, blend.scales, strict=True):
                if scale is not None:
                    arrays[f"{name}_scale_{target}"] = scale.array()
        save_arrays(folder / MODEL_FILE, arrays)
        for name, calibration in self.calibrations.items():
            calibration.save(folder / f"calibration-{name}.npz")
        details = {
            **self.details,
            "measured": sorted(self.measured),
            "judged": {name: sorted(found) for name, found in self.judged.items()},
            "blends": sorted(self.others),
            "auxiliaries": dict(self.auxiliaries),
            "spellings": list(self.spellings),
            "languages": sorted(self.languages),
            "targets": sorted(self.calibrations),
        }
        write_manifest(
            folder, "emotion", now=now, encoder_digest=self.encoder_digest, details=details
        )

    @classmethod
    def load(cls, folder: Path) -> "EmotionModel":
        """Read a model.

        Raises
        ------
        ModelError
            When the folder is missing, altered or of another kind.
        """
        manifest = read_manifest(folder, "emotion")
        details = dict(manifest.details)
        views, arrays = load_arrays(folder / VIEWS_FILE), load_arrays(folder / MODEL_FILE)
        targets = details.pop("targets")
        return cls(
            encoder_digest=manifest.encoder_digest or "",
            heads=LinearHeads.from_arrays(views),
            characters=CharacterView.from_arrays(views),
            centre=arrays["centre"],
            spread=arrays["spread"],
            own=_blend(arrays, "own"),
            others={name: _blend(arrays, f"other-{name}") for name in details.pop("blends")},
            calibrations={
                name: Calibration.load(folder / f"calibration-{name}.npz") for name in targets
            },
            measured=frozenset(details.pop("measured")),
            languages=frozenset(details.pop("languages")),
            judged={name: frozenset(part) for name, part in details.pop("judged").items()},
            auxiliaries=details.pop("auxiliaries"),
            spellings={
                code: CharacterView.from_arrays(views, f"{SPELLING}{code}")
                for code in details.pop("spellings", ())
            },
            details=details,
        )


def _blend(arrays: Mapping[str, NDArray[Any]], name: str) -> Blend:
    scales = (arrays.get(f"{name}_scale_{target}") for target in TARGETS)
    return Blend(
        arrays[f"{name}_weights"],
        tuple(
            None if array is None else Scale.from_array(array, *RANGES[target])
            for target, array in zip(TARGETS, scales, strict=True)
        ),
        arrays.get(f"{name}_doubts"),
    )


def cells(language: str | None, judged: frozenset[str]) -> tuple[str, ...]:
    """Return the calibration cells of a text for a target, the finest first.

    Parameters
    ----------
    language
        Of the text; None where not known.
    judged
        Languages in which labels of the target were held out.
    """
    if language in judged:
        return (str(language), ANYWHERE)
    return (f"{UNKNOWN}{language or ''}", UNKNOWN, ANYWHERE)


def overall_of(values: Floats) -> Floats:
    """Return how strongly texts move people, (n,), 0..1.

    ``0.7 x the strongest of the six emotions + 0.15 x stirring + 0.15 x |valence|``, where stirring
    is arousal brought from `CALM`..`STIRRED` to 0..1. It never falls when an emotion, arousal or
    the distance of valence from neutral rises. A part that the model does not know leaves its
    weight to the others; NaN if it knows none of the emotions.

    Parameters
    ----------
    values
        Shape (n, 8), columns as in `features.schema.TARGETS`.
    """
    emotions = values[:, : len(EMOTIONS)]
    known = ~np.isnan(emotions).all(axis=1)
    strongest = np.full(len(values), np.nan)
    strongest[known] = np.nanmax(emotions[known], axis=1)
    valence, arousal = (values[:, TARGETS.index(name)] for name in DIMENSIONS)
    stirring = np.clip((arousal - CALM) / (STIRRED - CALM), 0, 1)
    parts = np.column_stack([strongest, stirring, np.abs(valence)])
    weights = np.array([STRONGEST_WEIGHT, AROUSAL_WEIGHT, VALENCE_WEIGHT]) * ~np.isnan(parts)
    total = np.maximum(weights.sum(axis=1), 1e-9)
    overall = (np.nan_to_num(parts) * weights).sum(axis=1) / total
    return np.where(known, np.clip(overall, 0, 1), np.nan)


def overall_error(values: Floats, expected: Floats) -> Floats:
    """Return the expected error of `overall`, (n,): mainly that of the strongest emotion."""
    emotions = slice(0, len(EMOTIONS))
    strongest = np.argmax(np.nan_to_num(values[:, emotions], nan=-1.0), axis=1)
    return np.asarray(expected[:, emotions][np.arange(len(values)), strongest])
