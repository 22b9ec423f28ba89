"""Texts that are no posts, made from posts: what novelty is learnt against."""

import string
from collections.abc import Callable, Sequence
from random import Random

WORDS = 40
CODE = ("{", "}", "return", "if (", "//", "null,", "<div>", "0x1f", "=>", "self.", "&&", "#include")
ENDS = ("=", "();", "{", "}", "[0]", "->", '":', ";", "==", "/>", "_id", "::", "+=")
KEYS = ("asdfghjkl", "qwertyuiop", "zxcvbnm", "asdf", "hjkl")
LEVELS = ("INFO", "DEBUG", "WARN", "ERROR", "GET", "POST", "[error]", "[info]")
BLOB = string.ascii_letters + string.digits + "+/"
HEX = "0123456789abcdef"


def noise(texts: Sequence[str], seed: int) -> list[str]:
    """Spoil each text in one of several ways: mashed keys, blobs, code, records, lost signs.

    Parameters
    ----------
    texts
        n posts, whose lengths and words the noise takes.
    seed
        Draws the way and the signs.
    """
    random = Random(seed)
    return [random.choice(WAYS)(text, random) for text in texts]


def _shuffled(text: str, random: Random) -> str:
    return " ".join("".join(random.sample(word, len(word))) for word in _words(text))


def _redrawn(text: str, random: Random) -> str:
    return " ".join("".join(random.choices(string.ascii_lowercase, k=len(w))) for w in _words(text))


def _mashed(text: str, random: Random) -> str:
    words = _words(text)
    return " ".join("".join(random.choice(random.choice(KEYS)) for _ in word) for word in words)


def _blob(text: str, random: Random) -> str:
    return "".join(random.choices(BLOB, k=min(200, len(text) + 20)))


def _hexadecimal(_: str, random: Random) -> str:
    return "".join(random.choices(HEX, k=random.randint(20, 200)))


def _code(text: str, random: Random) -> str:
    return " ".join(
        word + random.choice(ENDS)
        if random.random() < 0.6
        else random.choice((*CODE, str(random.randint(0, 9999))))
        for word in _words(text)
    )


def _records(text: str, random: Random) -> str:
    """Lines of a log."""
    words = _words(text) or [""]
    lines = []
    for _ in range(random.randint(1, 4)):
        day = f"{random.randint(2000, 2030)}-{random.randint(10, 12)}-{random.randint(10, 28)}"
        at = ":".join(str(random.randint(10, 59)) for _ in range(3))
        name, number = random.choice(words), random.randint(1, 9999)
        where = random.choice((f"{name}[{number}]:", f"/{name}/{random.choice(words)}", f"{name}:"))
        said = " ".join(
            random.choice((f"{word}={number}", f'"{word}"', word))
            for word in random.sample(words, min(len(words), random.randint(1, 4)))
        )
        lines.append(f"{day}{random.choice(' T')}{at} {random.choice(LEVELS)} {where} {said}")
    return "\n".join(lines)


def _document(text: str, random: Random) -> str:
    """Names and values, as in JSON."""
    words = _words(text)
    values = random.sample(words, len(words))
    pairs = ", ".join(
        f'"{name}": {random.choice((str(random.randint(0, 9999)), repr(value), "null", "true"))}'
        for name, value in zip(words[:8], values, strict=False)
    )
    return f"{{{pairs}}}"


def _lossy(text: str, random: Random) -> str:
    signs = string.printable[:94]
    return "".join(sign if random.random() < 0.6 else random.choice(signs) for sign in text[:300])


WAYS: tuple[Callable[[str, Random], str], ...] = (
    _shuffled,
    _redrawn,
    _mashed,
    _blob,
    _hexadecimal,
    _code,
    _records,
    _document,
    _lossy,
)


def _words(text: str) -> list[str]:
    return text.split()[:WORDS]
