from training.probes.changes import EMOJI, HARMLESS


def changed(way: str, text: str) -> str:
    return HARMLESS[way](text)


def test_typo_swaps_two_letters_of_the_longest_word() -> None:
    assert changed("typo", "We won the championship!") == "We won the champoinship!"
    assert changed("typo", "We won it all") == "We won it all"


def test_polish_letters_lose_their_marks() -> None:
    assert changed("no_diacritics", "Zażółć gęślą jaźń, ŁÓDŹ") == "Zazolc gesla jazn, LODZ"


def test_what_is_added_comes_last() -> None:
    assert changed("hashtag", "Done.") == "Done. #tuesday"
    assert changed("link", "Done.").startswith("Done. https://")
    assert EMOJI["happy_emoji"]("Done.") == "Done. 😊"


def test_capitals() -> None:
    assert changed("capitals", "żółty") == "ŻÓŁTY"
