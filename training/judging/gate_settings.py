"""The settings of the gate: the `gate` section of `mlflow/registry.yaml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.errors import ConfigError
from models.verdicts import LIMITS
from training.judging.bootstrap import Bootstrap

Kind = Literal["emotion", "share"]
Part = Annotated[float, Field(ge=0, le=1)]

METRICS: Mapping[Kind, tuple[str, ...]] = {
    "emotion": ("mean_pearson",),
    "share": ("within_account_spearman", "comparison_accuracy"),
}
"""What two versions can be compared by, on the same held-out rows."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KindGate(_Strict):
    """The gate of one kind of model.

    Attributes
    ----------
    metrics
        In order of importance. The first one that the held-out rows can measure decides.
    min_gain
        The gain in the deciding metric must exceed this, with its whole interval.
    max_loss
        What another metric may lose where that may be chance: where the gain's interval reaches 0.
    coverage
        Bounds of the part of held-out outcomes inside their 90% interval.
    max_r2
        Above this squared correlation with the relative outcome an input must know the outcome;
        None where no such alarm applies.
    part_coverage, part_rows
        Least coverage in each language (of emotion) or platform and language (of shares) with at
        least so many held-out outcomes; None asks for none.
    limits
        By names of `LIMITS`, what texts of our own may show at most.
    """

    metrics: tuple[str, ...] = Field(min_length=1)
    min_gain: float = 0.0
    max_loss: Annotated[float, Field(ge=0)] = 0.0
    coverage: tuple[Part, Part]
    max_r2: Part | None = None
    part_coverage: Part | None = None
    part_rows: Annotated[int, Field(ge=1)] = 300
    limits: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ordered(self) -> "KindGate":
        if self.coverage[0] >= self.coverage[1]:
            raise ValueError("coverage: expected the lower bound first")
        if unknown := set(self.limits) - set(LIMITS):
            raise ValueError(f"limits: got {sorted(unknown)}, expected of {sorted(LIMITS)}")
        return self


class GateSettings(_Strict):
    """The `gate` section of `registry.yaml`.

    Attributes
    ----------
    level
        Two-sided level of the intervals of gains: at 0.9 the chance that a version that is no
        better passes is 5%.
    resamples, seed
        Of the paired bootstrap.
    min_clusters
        With fewer held-out accounts or texts the gate cannot tell.
    """

    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.9
    resamples: Annotated[int, Field(ge=100)] = 2000
    seed: int = 0
    min_clusters: Annotated[int, Field(ge=2)] = 5
    emotion: KindGate
    share: KindGate

    @model_validator(mode="after")
    def _known_metrics(self) -> "GateSettings":
        for kind, known in METRICS.items():
            unknown = set(self.of(kind).metrics) - set(known)
            if unknown:
                raise ValueError(f"{kind}.metrics: got {sorted(unknown)}, expected of {known}")
        return self

    def of(self, kind: Kind) -> KindGate:
        """Return the gate of one kind of model."""
        return self.emotion if kind == "emotion" else self.share

    @property
    def bootstrap(self) -> Bootstrap:
        """How the gains are resampled."""
        return Bootstrap(self.resamples, self.level, self.seed, self.min_clusters)


def read_gate(path: Path) -> GateSettings:
    """Read the `gate` section of `registry.yaml`.

    Raises
    ------
    ConfigError
        When the file is missing, is not YAML, or a key of the section is unknown or missing.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ConfigError(f"Cannot read the gate's settings {path}: {err.strerror}.") from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} is not YAML: restore the file of this release.") from err
    section = content.get("gate") if isinstance(content, dict) else None
    try:
        return GateSettings.model_validate(section)
    except ValidationError as err:
        first = err.errors()[0]
        place = ".".join(["gate", *(str(part) for part in first["loc"])])
        raise ConfigError(f"{path}: {place}: {first['msg']}.") from err


def gate_path() -> Path:
    """Return the settings file: of the checkout, or where an installed package carries it."""
    here = Path(__file__).resolve().parent
    checkout = here.parents[1] / "mlflow" / "registry.yaml"
    return checkout if checkout.exists() else here / "registry.yaml"
