from pathlib import Path

import pytest

from features.errors import TableError
from training.emotion.auxiliary import NAMING, PLUTCHIK, read_auxiliary


def write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_goemotions_is_read_with_all_its_labels(tmp_path: Path) -> None:
    original = tmp_path / "data" / "original"
    write(original / "labels.txt", "admiration", "joy", "neutral")
    write(original / "train.tsv", 'He said "wow\t0,1\tid1', "Fine.\t2\tid2")
    (found,) = read_auxiliary(tmp_path)
    assert found.texts == ('He said "wow', "Fine.")
    assert found.labels.tolist() == [[1, 1, 0], [0, 0, 1]]
    assert found.name in NAMING
    assert (found.language, found.outputs) == ("en", ("admiration", "joy", "neutral"))


def test_xed_comes_in_two_languages_without_its_broken_lines(tmp_path: Path) -> None:
    write(tmp_path / "AnnotatedData" / "en-annotated.tsv", "What luck!\t5, 7", "So be it.\t6")
    write(
        tmp_path / "Projections" / "pl-projections.tsv",
        "Co za szczęście!\t5, 7",
        '"Urwana linia',
        "a.xml\tb.xml\t288\t254\tOdpad\t6",
    )
    english, polish = read_auxiliary(tmp_path)
    assert (english.name, polish.name) == ("xed-en", "xed-pl")
    assert {english.name, polish.name} < NAMING
    assert (english.language, polish.language) == ("en", "pl")
    assert polish.texts == ("Co za szczęście!",)
    named = [PLUTCHIK[i] for i in polish.labels[0].nonzero()[0]]
    assert named == ["joy", "surprise"]


def test_xed_without_polish_is_english_alone(tmp_path: Path) -> None:
    write(tmp_path / "AnnotatedData" / "en-annotated.tsv", "What luck!\t5")
    assert [part.name for part in read_auxiliary(tmp_path)] == ["xed-en"]


@pytest.mark.parametrize("header", [True, False])
def test_clarin_emo_is_read_with_and_without_headers(tmp_path: Path, header: bool) -> None:
    write(tmp_path / "out-header.tsv", "Joy\tAnger\tNeutral")
    texts, answers = (
        ["Świetny hotel.", "Nigdy więcej!"],
        ["True\tFalse\tFalse", "False\tTrue\tFalse"],
    )
    write(tmp_path / "train" / "in.tsv", *(["text"] if header else []), *texts)
    write(
        tmp_path / "train" / "expected.tsv", *(["Joy\tAnger\tNeutral"] if header else []), *answers
    )
    (found,) = read_auxiliary(tmp_path)
    assert found.texts == tuple(texts)
    assert found.labels.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert found.name in NAMING
    assert found.outputs == ("joy", "anger", "neutral")


def test_texts_without_their_answers_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "out-header.tsv", "Joy")
    write(tmp_path / "train" / "in.tsv", "one", "two")
    write(tmp_path / "train" / "expected.tsv", "True")
    with pytest.raises(TableError, match="cannot be read"):
        read_auxiliary(tmp_path)


def test_a_label_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "AnnotatedData" / "en-annotated.tsv", "What luck!\t9")
    with pytest.raises(TableError, match="cannot be read"):
        read_auxiliary(tmp_path)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="not a folder of GoEmotions"):
        read_auxiliary(tmp_path)
