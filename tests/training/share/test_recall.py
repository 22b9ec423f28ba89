from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.account.past import past_of
from features.schema import FloatArray
from features.tables.validation import posts_of
from features.text import surface
from models.recall import MEMORY, Reader, Recall, known_by
from models.textview import BITS
from training.share import recall
from training.share.recall import recalled

ROWS = 120
BRIEF = replace(MEMORY, posts=30)


@pytest.fixture(scope="module")
def reader() -> Reader:
    width = len(surface.NAMES)
    return Reader(
        np.ones(2**BITS, np.float32), np.zeros(width, np.float32), np.ones(width, np.float32)
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Two accounts in turn; what the first asks is shared, what it states is not."""
    draw = np.random.default_rng(0)
    asks = draw.random(ROWS) < 0.5
    return pd.DataFrame(
        {
            "post_id": [str(n) for n in range(ROWS)],
            "account_id": [f"account {n % 2}" for n in range(ROWS)],
            "platform": "x",
            "text": [
                f"Who knows word {n % 9}?" if a else f"Word {n % 7}." for n, a in enumerate(asks)
            ],
            "published_at": pd.date_range("2026-01-01", periods=ROWS, freq="7h", tz="UTC"),
            "shares": np.round(np.expm1(2 + asks + draw.normal(0, 0.3, ROWS))),
            "collected_at": pd.Series([pd.NaT] * ROWS, dtype="datetime64[us, UTC]"),
        }
    )


def served(frame: pd.DataFrame, reader: Reader, imported: int = ROWS) -> FloatArray:
    """What the service would say of each post just before it went out.

    It knows so many of the last posts of each account whose counts had settled by then.
    """
    ask, rows = Recall(reader, BRIEF), []
    for row, post in enumerate(posts_of(frame)):
        before = frame.iloc[:row][frame["account_id"].iloc[:row] == post.account_id]
        settled = known_by(past_of(before), post.published_at, "x")
        known = before.iloc[max(0, settled - imported) : settled]
        rows.append(ask([post], [past_of(known)])[0])
    return np.array(rows)


def test_a_table_is_told_what_the_service_would_have_said(
    frame: pd.DataFrame, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "TOGETHER", 10)
    found = recalled(frame, np.arange(ROWS), Recall(reader, BRIEF))
    np.testing.assert_allclose(found, served(frame, reader), atol=1e-6)
    assert np.corrcoef(found[60:, 0], np.log1p(frame["shares"][60:]))[0, 1] > 0.6


@pytest.mark.parametrize("imported", [5, 6, 20, 40])
def test_a_short_past_is_told_as_if_no_other_posts_had_been_imported(
    frame: pd.DataFrame, reader: Reader, monkeypatch: pytest.MonkeyPatch, imported: int
) -> None:
    monkeypatch.setattr(recall, "TOGETHER", 7)
    limits = np.full(ROWS, imported)
    limits[::5] = recall.ALL
    limits[1::5] = 0
    found = recalled(frame, np.arange(ROWS), Recall(reader, BRIEF), limits)
    short, whole = limits == imported, limits == recall.ALL
    np.testing.assert_allclose(found[short], served(frame, reader, imported)[short], atol=1e-6)
    np.testing.assert_allclose(found[whole], served(frame, reader)[whole], atol=1e-6)
    assert not found[limits == 0].any()
    assert found[short].any() == (imported > 5)


def test_the_rows_are_those_asked_for_in_their_order(frame: pd.DataFrame, reader: Reader) -> None:
    everything = recalled(frame, np.arange(ROWS), Recall(reader))
    places = np.array([99, 3, 60])
    np.testing.assert_allclose(
        recalled(frame, places, Recall(reader)), everything[places], atol=1e-6
    )


def test_limits_cut_what_is_seen(frame: pd.DataFrame, reader: Reader) -> None:
    limits = np.full(ROWS, 2)
    limits[100:] = 10**9
    found = recalled(frame, np.arange(ROWS), Recall(reader), limits)
    assert (found[:100] == 0).all()
    everything = recalled(frame, np.arange(ROWS), Recall(reader))
    np.testing.assert_allclose(found[100:], everything[100:], atol=1e-6)


def test_a_post_without_an_account_recalls_nothing(frame: pd.DataFrame, reader: Reader) -> None:
    nobody = frame.assign(account_id=None)
    assert (recalled(nobody, np.arange(ROWS), Recall(reader)) == 0).all()


def test_other_processes_tell_the_same(
    frame: pd.DataFrame, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    alone = recalled(frame, np.arange(ROWS), Recall(reader))
    monkeypatch.setattr(recall, "SIDE_BY_SIDE", 1)
    together = recalled(frame, np.arange(ROWS), Recall(reader), tick=done.append)
    np.testing.assert_array_equal(together, alone)
    assert sum(done) == ROWS
