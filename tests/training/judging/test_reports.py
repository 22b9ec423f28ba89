import json

import numpy as np
import pytest

from training.judging.bootstrap import Estimate
from training.judging.reports import (
    account_mean,
    flat,
    groups,
    jsonable,
    mean_estimate,
)

NAN = float("nan")


def test_jsonable_turns_what_json_cannot_hold_into_null() -> None:
    value = {"a": NAN, "b": np.float32(0.5), "c": (np.int64(1), float("inf")), "d": np.ones(2)}
    found = jsonable(value)
    assert found == {"a": None, "b": 0.5, "c": [1, None], "d": [1.0, 1.0]}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_an_estimate_is_a_value_with_its_interval() -> None:
    assert jsonable(Estimate(0.5, NAN, NAN, 2)) == {
        "value": 0.5,
        "low": None,
        "high": None,
        "clusters": 2,
    }


def test_flat_puts_intervals_under_ci() -> None:
    assert flat({"mae": Estimate(0.5, 0.4, 0.6, 9)}) == {"mae": 0.5, "ci": {"mae": [0.4, 0.6]}}


def test_account_mean_gives_every_account_one_voice() -> None:
    found = account_mean(np.array([0.2, NAN, 0.4]))
    assert found.value == pytest.approx(0.3)
    assert found.clusters == 2


def test_mean_estimate_weighs_rows() -> None:
    codes = np.array([0, 0, 1], dtype=np.intp)
    assert mean_estimate(np.array([1.0, 1.0, 4.0]), codes).value == 2.0


def test_groups_come_with_the_most_frequent_first() -> None:
    found = {name: rows.tolist() for name, rows in groups(["pl", "en", "en"])}
    assert list(found) == ["en", "pl"]
    assert found == {"en": [1, 2], "pl": [0]}
