import numpy as np
import pytest

from features.account import history
from features.errors import LeakageError
from features.schema import FloatArray
from models import recall, share_columns
from models.share_columns import FIXED_NAMES, assemble, check_inputs, families_of, names_of

VIEWS = ("posts_words", "posts_dense")


def columns(more: int = 0) -> FloatArray:
    states = len(history.NAMES)
    widths = (3, len(VIEWS), len(FIXED_NAMES) + more, states, len(recall.NAMES))
    blocks = [np.zeros((2, width), np.float32) for width in widths]
    return assemble(*blocks)


def test_every_column_has_a_name_and_a_family() -> None:
    check_inputs(columns(), 3, VIEWS)
    assert len(names_of(3, VIEWS)) == len(families_of(3, len(VIEWS))) == columns().shape[1]


@pytest.mark.parametrize("name", ["likes", "comments", "shares", "collected_at"])
def test_a_column_known_only_afterwards_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_columns, "FIXED_NAMES", (*FIXED_NAMES, name))
    with pytest.raises(LeakageError, match=f"'{name}', which is known only after publishing"):
        check_inputs(columns(more=1), 3, VIEWS)


def test_a_column_without_a_name_is_refused() -> None:
    with pytest.raises(LeakageError, match="input columns, of which"):
        check_inputs(columns(more=1), 3, VIEWS)
