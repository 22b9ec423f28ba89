"""Posts as ordinary as any, of which archives hold few: of a word or two, or full of figures.

Made from posts, as noise is (`training.share.noise`): whoever learns from archives alone takes a
cinema's telephone number and a shop's prices for records, and one long word for a blob.
"""

from collections.abc import Callable
from random import Random

LENGTHS = (1, 1, 2, 3, 4)
"""Words of a post that is cut short."""

LONGER = (1, 2, 3, 4, 6, 8, 12)
"""Words that figures stand among."""

MOST_FIGURES = 4
IN_BRACKETS = 0.1
SIGNS_BEHIND = ("", "", ",", ".", ":")


def cut_short(text: str, random: Random) -> str:
    """Return the first few words of a post."""
    return " ".join(text.split()[: random.choice(LENGTHS)])


def with_figures(text: str, random: Random) -> str:
    """Return the first words of a post with times, prices, numbers to call and the like between."""
    words = text.split()[: random.choice(LONGER)]
    for _ in range(random.randint(1, MOST_FIGURES)):
        figure = random.choice(KINDS)(random)
        if random.random() < IN_BRACKETS:
            figure = f"({figure})"
        words.insert(random.randint(0, len(words)), figure + random.choice(SIGNS_BEHIND))
    return " ".join(words)


def _digits(random: Random, *groups: int) -> list[str]:
    return ["".join(str(random.randint(0, 9)) for _ in range(group)) for group in groups]


def _telephone(random: Random) -> str:
    groups = random.choice(((3, 3, 3), (2, 3, 2, 2), (3, 4, 4), (3, 3, 4)))
    ahead = random.choice(("", "", "+48 ", "tel. "))
    return ahead + random.choice((" ", " ", "-")).join(_digits(random, *groups))


def _account(random: Random) -> str:
    return " ".join(_digits(random, 2, 4, 4, 4, 4, 4, 4))


def _hour(random: Random) -> str:
    hour = random.randint(6, 23)
    return random.choice(
        (
            f"{hour}:{random.choice(('00', '15', '30'))}",
            f"{hour % 12 + 1}pm",
            f"{hour}.00–{hour + 1}.00",
            f"godz. {hour}",
        )
    )


def _day(random: Random) -> str:
    day, month, year = random.randint(1, 31), random.randint(1, 12), random.randint(2010, 2040)
    return random.choice(
        (
            f"{day}.{month:02d}",
            f"{day}.{month:02d}.{year}",
            f"{month}/{day}",
            f"{day} maja",
            f"May {day}",
            str(year),
        )
    )


def _price(random: Random) -> str:
    price = random.randint(5, 200)
    return random.choice(
        (
            f"{price} zł",
            f"{price},{random.randint(10, 99)} zł",
            f"{price} zł / {price + 10} zł",
            f"${price}",
            f"${price} / ${price + 3}",
            f"£{price}.99",
            f"{price} €",
            f"-{random.randint(1, 9)}0%",
        )
    )


def _result(random: Random) -> str:
    return random.choice(
        (
            f"{random.randint(0, 5)}:{random.randint(0, 5)}",
            f"{random.randint(0, 120)}-{random.randint(0, 120)}",
            f"({random.randint(1, 90)}', {random.randint(1, 90)}')",
        )
    )


def _address(random: Random) -> str:
    code = "-".join(_digits(random, 2, 3))
    return f"{random.randint(1, 200)}/{random.randint(1, 50)}, {code}"


def _measure(random: Random) -> str:
    return f"{random.randint(1, 90)} {random.choice(('h', 'min', 'km', 'kg', 'l', '%'))}"


def _number(random: Random) -> str:
    number = random.choice((random.randint(0, 9), random.randint(10, 99), random.randint(100, 999)))
    return f"{number}{random.choice(('', '', ')', '.', ',5', 'h'))}"


KINDS: tuple[Callable[[Random], str], ...] = (
    _telephone,
    _account,
    _hour,
    _day,
    _price,
    _result,
    _address,
    _measure,
    _number,
)
