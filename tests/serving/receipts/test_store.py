"""Receipts in SQLite and in PostgreSQL."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from features.account.past import AccountPast
from features.database import Database
from features.schema import Post
from models.score import ModelName, Note, Provenance, Score
from serving.receipts.record import Kept, Receipt, written
from serving.receipts.store import ReceiptStore

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
POST = Post(
    text="Zażółć gęślą jaźń 🎬\u0007 \ufffd",
    platform="facebook",
    account_id="kino",
    published_at=datetime(2026, 11, 28, 18, tzinfo=timezone(timedelta(hours=1))),
    timezone="Europe/Warsaw",
    followers=1e9 + 0.1,
    is_paid=False,
)
PAST = AccountPast(np.array([1, 2**62], np.int64), np.array([0.1 + 0.2, np.nan]))
NOTES = (
    Note("unknown_account", "Was 'kino' meant?", {"nearest": "kino"}),
    Note("planned_in_past", "It has passed."),
)
MODELS = Provenance(ModelName("prescore-emotion", "3"), ModelName("mine", "12"), "sha256:0")


def receipt(number: int, at: datetime = NOW, past: AccountPast | None = PAST) -> Receipt:
    vectors = (np.full(4, 1 / 3, np.float32), np.arange(4, dtype=np.float32))
    refusal = Note("too_short", "Too short.")
    score = Score(f"id-{number}", "pl", MODELS, refusal=refusal, vectors=vectors, usual="pl")
    return Receipt(at, "key", POST, True, past, NOTES, score)


@pytest.fixture
def store(database_url: str) -> Iterator[ReceiptStore]:
    store = ReceiptStore(Database(database_url))
    yield store
    store.close()


def test_what_goes_in_comes_out_bit_for_bit(store: ReceiptStore) -> None:
    store.add([receipt(1), receipt(2, past=None)])
    kept = store.find("id-1")
    assert kept is not None
    assert (kept.at, kept.key, kept.post, kept.explain) == (NOW, "key", POST, True)
    assert kept.notes == NOTES
    assert kept.answer == written(receipt(1).score.to_json())
    assert kept.usual == "pl"
    assert kept.versions == ("models:/prescore-emotion/3", "models:/mine/12")
    assert kept.past is not None
    assert kept.past.times.tobytes() == PAST.times.tobytes()
    assert kept.past.log_shares.tobytes() == PAST.log_shares.tobytes()
    given = receipt(1).score.vectors
    assert [vector.tobytes() for vector in kept.vectors] == [vector.tobytes() for vector in given]
    other = store.find("id-2")
    assert other is not None
    assert other.past is None


def test_what_was_written_unheard_may_be_handed_over_again(store: ReceiptStore) -> None:
    store.add([receipt(1)])
    store.add([receipt(1, NOW + timedelta(days=1)), receipt(2)])
    first = store.find("id-1")
    assert first is not None
    assert first.at == NOW
    assert store.find("id-2") is not None


def test_what_is_not_there_is_not_found(store: ReceiptStore) -> None:
    assert store.find("id-1") is None


def test_receipts_that_are_too_old_are_forgotten(store: ReceiptStore) -> None:
    store.add([receipt(1, NOW - timedelta(days=31)), receipt(2)])
    assert store.purge(NOW - timedelta(days=30)) == 1
    assert store.find("id-1") is None
    assert store.find("id-2") is not None


@pytest.mark.parametrize(("early", "notes"), [(NOTES[1].to_json(), NOTES[1:]), (None, ())])
def test_receipts_of_before_have_one_note_or_none(early: object, notes: tuple[Note, ...]) -> None:
    row = receipt(1).row()
    request = json.loads(row["request"])
    del request["notes"]
    kept = Kept.from_row(row | {"request": written(request | {"note": early})})
    assert kept.notes == notes
