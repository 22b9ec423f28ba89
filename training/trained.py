"""What a training hands over, whatever it trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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
    params
        Every option that decided something.
    beside
        Texts, languages and labels that were weighed by beside the held-out ones, and that nothing
        is judged on; None without any.
    judged
        Which of the held-out rows are judged; the others are only their history. None: all.
    note
        What a person must know to read the figures; empty where they are the usual ones.
    left_out
        Figures on the rows that it was fitted on, each forecast without what it belongs to; empty
        where there are none.
    """

    folder: Path
    encoder_folder: Path | None
    held_out: pd.DataFrame
    params: Mapping[str, Any] = field(default_factory=dict)
    beside: pd.DataFrame | None = None
    judged: NDArray[np.bool_] | None = None
    note: str = ""
    left_out: Mapping[str, float] = field(default_factory=dict)
