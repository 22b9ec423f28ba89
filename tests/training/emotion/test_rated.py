import numpy as np
import pandas as pd
import pytest

from features.errors import TrainingError
from features.schema import TARGETS
from training.emotion.rated import kept_apart, on_raters_scale, rated_sets, unlearnt
from training.splits import text_key, vault

COLUMNS = ["text_id", "text", "language", "split", "joy", "valence"]


def table(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).reindex(columns=[*COLUMNS[:4], *TARGETS])


OURS = table(
    ("a", "Pączki już są!", "pl", None, 0.5, 0.6),
    ("a", "Doughnuts are here!", "en", None, 0.5, 0.5),
    (None, "Zamykamy.", "pl", None, 0, -0.2),
    ("c", "Kept for a test.", "en", "test", 1, 1),
    ("d", " ", "en", None, 1, 1),
)


def test_a_rated_table_is_one_set_a_language_with_valence_from_0_to_1() -> None:
    english, polish = rated_sets([("ours", OURS)])
    assert (english.name, polish.name) == ("ours", "ours")
    assert (english.language, polish.language) == ("en", "pl")
    assert (english.keys, polish.keys) == (("a",), ("a", ""))
    assert polish.outputs == ("joy", "valence")
    assert polish.labels.tolist() == [[0.5, 0.8], [0.0, 0.4]]
    assert english.rated
    assert polish.rated


@pytest.mark.parametrize("name", ["emotion", "share_x", "start-ours", "xed-en", "twice"])
def test_a_name_that_another_task_has_is_refused(name: str) -> None:
    with pytest.raises(TrainingError, match=name):
        rated_sets([("twice", OURS), (name, OURS)], taken=["xed-en"])


def test_a_table_without_a_text_to_learn_from_is_refused() -> None:
    with pytest.raises(TrainingError, match="ours: no text is left"):
        rated_sets([("ours", OURS.iloc[3:])])


def test_one_in_ten_is_kept_apart_with_its_ratings_as_the_table_holds_them() -> None:
    rows = [(None, f"wpis {number}", "pl", None, 0.5, -0.4) for number in range(100)]
    (part,) = kept_apart(rated_sets([("ours", table(*rows))]))
    assert 0 < len(part.texts) < 30
    assert vault(map(text_key, part.texts)).all()
    truth = on_raters_scale(part)
    assert truth[0, [TARGETS.index("joy"), TARGETS.index("valence")]] == pytest.approx([0.5, -0.4])
    assert np.isnan(truth[0, TARGETS.index("anger")])


def test_a_rated_text_is_unlearnt_where_it_or_its_translation_is_kept_apart() -> None:
    rows = [
        (f"t{number}", f"{language} text {number}", language, None, 0.5, 0.0)
        for number in range(100)
        for language in ("pl", "en", "cs")
    ]
    sets = rated_sets([("ours", table(*rows))])
    (part,) = unlearnt(sets, frozenset({"en", "de"}))
    assert part.language == "en"
    assert 20 < len(part.texts) < 50
    for number in range(100):
        versions = [text_key(f"{code} text {number}") for code in ("pl", "en", "cs")]
        assert vault(versions).any() == (f"en text {number}" in part.texts)
    assert unlearnt(sets, frozenset({"de"})) == []
