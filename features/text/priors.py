"""What is known of the language of drafts before reading letters: everyday words, and who writes.

Most drafts are Polish or English, some words belong to only one of the two, and the fewer the
letters, the less an identifier of 176 languages can make of them.
"""

import re
from collections.abc import Mapping

PRIOR = 4.0
"""How much likelier Polish and English are than any other language, before reading."""

WORD_WEIGHT = 8.0
WORDS_COUNTED = 3
"""Each of up to three everyday words makes its language eight times likelier: with the prior that
outweighs a wrong guess at two words, never a confident one at a sentence."""

POLISH_LETTERS_WEIGHT = 100.0
POLISH_LETTERS = re.compile("[łśźżńąę]")

SHORT_FLOOR = 0.01
"""Least credit for Polish and English in a short draft without letters that neither has."""

RARE = 0.1
"""How much likelier than its look a short draft is *not* in a language of few customers."""

USUAL = 60.0
"""How much likelier the account's usual language makes a short draft in it."""

_CUSTOMERS = "pl en de es fr it pt nl ro cs sk uk ru sv da no fi hu tr el bg"
LIKELY = frozenset(_CUSTOMERS.split())
"""Languages of this product's customers."""

HINT_WEIGHT = 4.0
SHAPE_WEIGHT = 3.0
HINTS_COUNTED = 2
_HINTS = "na do ma i o u od sie ze ale ich nad bez lub we ku"
POLISH_HINTS = frozenset(_HINTS.split())
"""Small words that Polish shares with its neighbours; they count in a short draft."""

LONE_LETTER_WEIGHT = {"w": 10.0, "z": 100.0}
POLISH_SHAPES = re.compile(r"sz|cz|rz|dzi|[nd]ych\b|[^g]ego\b|ow[aey]\b|ni[eu]\b")
"""Letters in an order that English lacks."""

NEITHER = re.compile(r"[^\W\d_a-ząćęłńóśźż]")
"""A letter that is in no Polish and no English word."""

UNLISTED = 1e-4
"""What a language counts that the identifier did not list."""

_POLISH = """
bardzo bedzie bo bylo caly chce ciebie czego czekamy czy dajcie dla dlaczego dni dnia dobry
dziekuje dziekujemy dzien dzis dzisiaj gdzie ile jak jaka jaki jakie jego jej jesli jest jestem
jestescie jestesmy jutro juz kazdy kiedy kocham konkurs kto ktora ktore ktory kup lubie macie mam
mamy masz mnie moge moj moja moje mozecie mozesz musisz nami nasz nasza nasze naszego naszej nie
nigdy nowa nowe nowosc nowy oraz po pod polecam polecamy pomoc poniewaz prosze przed przez przy
rowniez sprawdz swoj swoje tak tam tego tej teraz tez tutaj tych tylko udostepnij uwaga wam wami
wasze wiec wiecej wszyscy wszystkich wszystkim wszystko wy wygraj za zapraszam zapraszamy zawsze
znow zobacz
"""
POLISH_WORDS = frozenset(_POLISH.split())
"""Everyday words, folded to ASCII, that no other common language has."""

_ENGLISH = """
about after again and any are at awesome because been before big check coming could day did discover
every everyone excited first for free from get great had happy have here his how its just know
last launch learn let like look love make more much need never new next now off one only open our
out over people please read ready really see she should some soon thank thanks that the their them
there these they this time today tomorrow tonight very wait want watch way were what when where
which who why win with would you your is it of
"""
ENGLISH_WORDS = frozenset(_ENGLISH.split())

_FOLD = str.maketrans("ąćęłńóśźż", "acelnoszz")


def weights(words: str) -> Mapping[str, float]:
    """Return how much likelier Polish and English are, given words in lower case."""
    spoken = set(words.translate(_FOLD).split())
    polish = PRIOR * WORD_WEIGHT ** min(len(spoken & POLISH_WORDS), WORDS_COUNTED)
    english = PRIOR * WORD_WEIGHT ** min(len(spoken & ENGLISH_WORDS), WORDS_COUNTED)
    if POLISH_LETTERS.search(words):
        polish *= POLISH_LETTERS_WEIGHT
    return {"pl": polish, "en": english}


def short(
    words: str, seen: Mapping[str, float], before: Mapping[str, float], usual: str | None
) -> tuple[dict[str, float], dict[str, float]]:
    """Give what is known more say in a few words, and their looks less.

    Parameters
    ----------
    words
        As of `weights`, fewer than `language.SHORT` letters.
    seen
        What the identifier thinks, by language.
    before
        Of `weights`.
    usual
        The language that the account usually writes in, None where not known.

    Returns
    -------
    What the words look like, and the weights of that
    """
    spoken = set(words.translate(_FOLD).split())
    floor = 0.0 if NEITHER.search(words) else SHORT_FLOOR
    looks = {
        code: max(score, floor if code in before else 0.0) * (1.0 if code in LIKELY else RARE)
        for code, score in seen.items()
    }
    weighed = dict(before)
    hints = min(len(spoken & POLISH_HINTS), HINTS_COUNTED)
    shapes = min(len(POLISH_SHAPES.findall(words)), HINTS_COUNTED)
    weighed["pl"] *= HINT_WEIGHT**hints * SHAPE_WEIGHT**shapes
    for letter in spoken & LONE_LETTER_WEIGHT.keys():
        weighed["pl"] *= LONE_LETTER_WEIGHT[letter]
    if usual is not None:
        weighed[usual] = weighed.get(usual, 1.0) * USUAL
        looks.setdefault(usual, UNLISTED)
    return looks, weighed
