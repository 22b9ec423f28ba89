"""Receipts as early versions wrote them."""

import json

from serving.receipts.record import Kept
from tests.serving.receipts.test_store import receipt


def test_a_receipt_without_the_usual_language_is_read() -> None:
    row = receipt(1).row()
    asked = json.loads(row["request"])
    del asked["usual"]
    assert Kept.from_row(row | {"request": json.dumps(asked)}).usual is None
