import numpy as np
import pytest

from models.hashing import weighted
from models.persistence import load_arrays, save_arrays
from models.views import CHARACTER_BITS, CharacterView, LinearHeads, character_counts


def heads() -> LinearHeads:
    return LinearHeads(
        ("emotion/joy", "clarin-emo/joy", "dimensions/valence"),
        np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]], np.float32),
        np.array([0.0, 0.0, -1.0], np.float32),
        np.array([True, True, False]),
    )


def test_squashed_heads_give_chances_and_others_what_they_say() -> None:
    opinions = heads()(np.array([[0.0, 5.0], [1.0, 0.0]], np.float32))
    assert opinions[0].tolist() == [0.5, 0.5, 4.0]
    assert opinions[1] == pytest.approx([0.731, 0.881, 2.0], abs=0.001)


def test_heads_of_one_output_are_found_whatever_their_task() -> None:
    assert heads().columns("joy") == (0, 1)
    assert heads().columns("fear") == ()


def test_heads_can_stand_beside_others() -> None:
    both = heads().beside(heads(), "start-")
    assert both.columns("joy") == (0, 1, 3, 4)
    assert both(np.ones((1, 2), np.float32)).shape == (1, 6)


def test_heads_on_longer_embeddings_read_their_own_columns() -> None:
    longer = heads().within(5, 2)
    embeddings = np.array([[9.0, 9.0, 0.0, 5.0, 9.0]], np.float32)
    assert (longer(embeddings) == heads()(embeddings[:, 2:4])).all()
    assert longer.reading(slice(2, 4)).names == heads().names
    assert longer.reading(slice(3, 5)).names == ()
    assert (longer.reading(slice(2, None)).weights[:2] == heads().weights).all()
    assert heads().named("start-").names[0] == "start-emotion/joy"


def test_rows_of_characters_have_unit_length_and_see_the_cleaned_text() -> None:
    rows = weighted(character_counts(["radość!", "zobacz https://a.example"]), np.ones(2**16, "f4"))
    assert np.sqrt(rows.multiply(rows).sum(axis=1)) == pytest.approx(1.0)
    same = character_counts(["zobacz https://b.example"])
    assert (character_counts(["zobacz https://a.example"]) != same).nnz == 0


def test_views_can_be_read_back(tmp_path: object) -> None:
    path = tmp_path / "views.npz"  # type: ignore[operator]
    weights = np.zeros((2**CHARACTER_BITS, 1), np.float32)
    weights[:, 0] = 0.5
    view = CharacterView(
        ("joy",), np.ones(2**CHARACTER_BITS, np.float32), weights, np.zeros(1, "f4")
    )
    save_arrays(path, {**heads().arrays(), **view.arrays(), **view.arrays("other")})
    arrays = load_arrays(path)
    embeddings = np.eye(2, dtype=np.float32)
    assert (LinearHeads.from_arrays(arrays)(embeddings) == heads()(embeddings)).all()
    counted = character_counts(["jedno zdanie", "another one"])
    for read in (CharacterView.from_arrays(arrays), CharacterView.from_arrays(arrays, "other")):
        assert (read(counted) == view(counted)).all()


def test_a_view_of_nothing_and_no_texts_give_empty_answers() -> None:
    nothing = CharacterView(
        (), np.ones(2**16, np.float32), np.zeros((2**16, 0), np.float32), np.zeros(0, np.float32)
    )
    assert nothing(character_counts(["text"])).shape == (1, 0)
    assert heads()(np.zeros((0, 2), np.float32)).shape == (0, 3)
