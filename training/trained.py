"""What a training hands over, whatever it trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False)
class Trained:
    """A fitted model, ready to be judged and registered.

    Attributes
    ----------
    folder
        A sealed model folder.
    encoder_folder
        The encoder that it was fitted on, where training made a new one.
    held_out
        The rows that training never saw, with their forecasts, for the gate and the plots.
    metrics
        Figures on these rows.
    baselines
        The same figures of simpler models.
    params
        Every option that decided something.
    """

    folder: Path
    encoder_folder: Path | None
    held_out: pd.DataFrame
    metrics: Mapping[str, Any]
    baselines: Mapping[str, Any]
    params: Mapping[str, Any] = field(default_factory=dict)
