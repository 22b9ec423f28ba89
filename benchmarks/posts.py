"""Posts made for measuring: half Polish, 20 to 600 characters, no two alike, none of anybody's.

Whole sentences with changing names, places, numbers and tags are put together until a length is
reached that was drawn as lengths of real posts fall: half below 130 characters, few above 400.
"""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

SHORTEST, LONGEST = 20, 600
MEDIAN, SPREAD = 95.0, 0.8
"""Of the length, log-normal, from which no further sentence is added."""

SLOTS: dict[str, dict[str, tuple[str, ...]]] = {
    "pl": {
        "place": ("Starówka", "Podgórze", "Wrzeszcz", "Jeżyce", "Śródmieście", "Nadodrze", "Rynek"),
        "town": ("Krakowie", "Gdańsku", "Łodzi", "Poznaniu", "Lublinie", "Toruniu", "Rzeszowie"),
        "thing": ("piekarnia", "biblioteka", "kawiarnia", "galeria", "pracownia", "księgarnia"),
        "event": ("koncert", "warsztat", "spacer", "pokaz filmu", "piknik", "wernisaż", "maraton"),
        "person": ("Ania", "Marek", "pani Zofia", "Kuba", "babcia Helena", "Ola", "nasz stolarz"),
        "day": ("w sobotę", "jutro", "w piątek wieczorem", "od poniedziałku", "dziś po południu"),
        "tag": ("#lokalnie", "#dziękujemy", "#weekend", "#nowości", "#polska", "#pomagamy"),
        "sign": ("😍", "🎉", "😢", "🔥", "❤️", "😡", "☕", "🌧️"),
    },
    "en": {
        "place": ("the old harbour", "Mill Street", "the market hall", "Riverside", "Station Road"),
        "town": ("Leeds", "Galway", "Portland", "Cardiff", "Halifax", "Bristol", "Dunedin"),
        "thing": ("bakery", "library", "bike shop", "gallery", "studio", "bookshop", "kitchen"),
        "event": ("concert", "workshop", "street fair", "film night", "reading", "half marathon"),
        "person": ("Maya", "our baker Tom", "Grandma Rose", "Imran", "Chloe", "the new apprentice"),
        "day": ("on Saturday", "tomorrow", "this Friday night", "from Monday", "this afternoon"),
        "tag": ("#shoplocal", "#thankyou", "#weekend", "#newin", "#community", "#smallbusiness"),
        "sign": ("😍", "🎉", "😢", "🔥", "❤️", "😡", "☕", "🌧️"),
    },
}

SENTENCES: dict[str, tuple[str, ...]] = {
    "pl": (
        "{person} otwiera {day} {event} przy ulicy numer {n}.",
        "Nasza {thing} w {town} ma już {n} lat!",
        "Kto z Was był na miejscu, gdy {place} stanęło pod wodą?",
        "Nie mogę uwierzyć, że to już {n}. raz, a nikt za to nie odpowiada.",
        "Udostępnij, jeśli też uważasz, że {place} zasługuje na więcej zieleni.",
        "Zostało {n} miejsc na {event}, zapisy tylko {day}.",
        "Straciliśmy wszystko w pożarze, ale {person} obiecuje, że odbudujemy.",
        "{sign} Tak wygląda {event} w {town}, kiedy przychodzi {n} osób.",
        "Dziękujemy za {n} złotych zebranych dla schroniska {sign}",
        "Cena? {n} zł, a {person} dorzuca kawę.",
        "Czy tylko mnie denerwuje, że {day} znowu zamknięto {place}?",
        "Spokojnie, to tylko {event}. Nic się nie stało.",
        "{place} pachnie dziś chlebem i deszczem {sign}",
        "Szczegóły: https://example.org/{n} {tag}",
        "Mamy dla Was niespodziankę, o której {person} milczy od tygodnia.",
        "{tag} {tag}",
    ),
    "en": (
        "{person} opens the {event} {day} at number {n}.",
        "Our {thing} in {town} turns {n} this week!",
        "Who was there when {place} went under water?",
        "I cannot believe this is time number {n}, and nobody answers for it.",
        "Share this if you think {place} deserves more trees.",
        "Only {n} seats left for the {event}, book {day}.",
        "We lost everything in the fire, but {person} says we will rebuild.",
        "{sign} This is what a {event} in {town} looks like with {n} people.",
        "Thank you for the {n} pounds raised for the shelter {sign}",
        "The price? £{n}, and {person} throws in a coffee.",
        "Is it just me, or is it maddening that {place} is closed again {day}?",
        "Relax, it is only a {event}. Nothing happened.",
        "{place} smells of bread and rain today {sign}",
        "More here: https://example.org/{n} {tag}",
        "We have a surprise that {person} has kept quiet about for a week.",
        "{tag} {tag}",
    ),
}

PLATFORMS = ("facebook", "x", "instagram", None)
ACCOUNT, HOME = "bench", "facebook"
"""An account with a past, and its platform."""

PAST_POSTS = 200


def stream_of(seed: int) -> Iterator[str]:
    """Yield texts without end, every other one Polish, no two alike."""
    chance = random.Random(seed)
    seen: set[str] = set()
    while True:
        for language in ("pl", "en"):
            text = _text(chance, language)
            while text in seen:
                text = _text(chance, language)
            seen.add(text)
            yield text


def past_posts() -> list[dict[str, str | int]]:
    """Return the known posts of `ACCOUNT`, one a day, as rows of a table for `prescore import`."""
    chance = random.Random(1)
    first = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return [
        {
            "post_id": f"past-{day}",
            "account_id": ACCOUNT,
            "platform": HOME,
            "text": text,
            "published_at": (first + timedelta(days=day)).isoformat(),
            "collected_at": (first + timedelta(days=PAST_POSTS + 30)).isoformat(),
            "shares": int(chance.lognormvariate(2, 1)),
        }
        for day, text in enumerate(islice(stream_of(1), PAST_POSTS))
    ]


def bodies(found: list[str], account: str = "") -> list[dict[str, str]]:
    """Return the texts as posts of the API: of an account, or three in four of a platform."""
    if account:
        return [{"text": text, "platform": HOME, "account_id": account} for text in found]
    posts = []
    for row, text in enumerate(found):
        platform = PLATFORMS[row % len(PLATFORMS)]
        posts.append({"text": text} | ({"platform": platform} if platform else {}))
    return posts


def _text(chance: random.Random, language: str) -> str:
    wanted = min(chance.lognormvariate(math.log(MEDIAN), SPREAD), LONGEST)
    text = ""
    for sentence in chance.sample(SENTENCES[language], len(SENTENCES[language])):
        longer = f"{text} {_filled(chance, sentence, language)}".lstrip()
        if text and (len(text) >= wanted or len(longer) > LONGEST):
            break
        text = longer
    return text if len(text) >= SHORTEST else _text(chance, language)


def _filled(chance: random.Random, sentence: str, language: str) -> str:
    slots = {name: chance.choice(choices) for name, choices in SLOTS[language].items()}
    return sentence.format(n=chance.randint(2, 100_000), **slots)
