import pandas as pd

from training.emotion.languages import languages_of


def test_languages_are_given_or_detected() -> None:
    frame = pd.DataFrame(
        {
            "text": ["anything", "Dzisiaj otwieramy nową księgarnię w centrum miasta", "!"],
            "language": ["de", None, None],
        },
        index=[7, 8, 9],
    )
    assert languages_of(frame) == ["de", "pl", ""]


def test_languages_of_a_frame_without_gaps_need_no_detection() -> None:
    frame = pd.DataFrame({"text": ["a"], "language": pd.Series(["en"], dtype="str")})
    assert languages_of(frame) == ["en"]
