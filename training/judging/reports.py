"""What every evaluation shares: metrics with their intervals, groups of rows, JSON without NaN."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from training.judging.bootstrap import (
    DEFAULT,
    Bootstrap,
    Codes,
    Estimate,
    Floats,
    cluster_sums,
    estimate,
)
from training.judging.metrics import correlation, mean_columns, moments, ratio

Report = dict[str, Any]
UNKNOWN = "und"
"""ISO 639-2 for a language that cannot be told."""


def jsonable(value: object) -> Any:
    """Return `value` as JSON can hold it: NaN and infinities become null, arrays become lists."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(part) for key, part in value.items()}
    if isinstance(value, Estimate):
        return jsonable(value.to_json())
    if isinstance(value, np.ndarray | list | tuple):
        return [jsonable(part) for part in value]
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def mean_estimate(values: Floats, codes: Codes, options: Bootstrap = DEFAULT) -> Estimate:
    """Return the mean over rows, with its interval over clusters."""
    return estimate(ratio, cluster_sums(mean_columns(values), codes), options)


def pearson_estimate(
    truth: Floats, forecast: Floats, codes: Codes, options: Bootstrap = DEFAULT
) -> Estimate:
    """Return Pearson's r over rows, with its interval over clusters."""
    return estimate(correlation, cluster_sums(moments(truth, forecast), codes), options)


def account_mean(values: Floats, options: Bootstrap = DEFAULT) -> Estimate:
    """Return the mean over the accounts that have a value, with its interval over them."""
    return estimate(ratio, mean_columns(values[np.isfinite(values)]), options)


def flat(estimates: Mapping[str, Estimate]) -> Report:
    """Return the values under their names and the intervals under `ci`."""
    values: Report = {name: found.value for name, found in estimates.items()}
    values["ci"] = {name: [found.low, found.high] for name, found in estimates.items()}
    return values


def estimate_in(report: Report, metric: str) -> Estimate:
    """Return a metric of a `flat` report with its interval, as it was put in."""
    low, high = report["ci"][metric]
    return Estimate(report[metric], low, high, 0)


def groups(labels: Sequence[str]) -> Iterator[tuple[str, "np.ndarray[Any, np.dtype[np.intp]]"]]:
    """Yield each label with the rows that carry it, the most frequent first."""
    series = pd.Series(list(labels), dtype=object)
    for label in series.value_counts().index:
        yield str(label), np.flatnonzero((series == label).to_numpy())
