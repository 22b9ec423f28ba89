"""How fast the encoders are, and how close the exported ones stay to torch.

python benchmarks/encoder.py [--encoder multilingual-e5-small] [--texts 256]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from features.schema import FloatArray
from features.text.encoder import Encoder
from training.encoder.base_models import BASES, load_base
from training.encoder.export import export_encoder
from training.encoder.sentence_encoder import SentenceEncoder

SENTENCES = (
    "Dziś otwieramy nowy sklep w centrum Krakowa!",
    "Kto z Was pamięta takie lato? 😍",
    "Udostępnij, jeśli się zgadzasz.",
    "Straciliśmy cały dorobek życia w powodzi i nie wiemy, co będzie dalej.",
    "Zapisy na warsztaty trwają tylko do piątku, liczba miejsc jest ograniczona.",
    "To skandal, że nikt za to nie odpowie.",
    "We are proud to announce our new partnership.",
    "Nobody told us it would be this beautiful. 🌅",
    "Share this with someone who needs to hear it today.",
    "How could they let this happen again?",
    "Registration closes on Friday, so save your seat now: https://example.org/x",
    "Thank you all for the incredible support over these three years.",
)


def posts(count: int, seed: int) -> list[str]:
    """Posts of one to eight sentences, in Polish or in English, no two alike."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        half = SENTENCES[:6] if random.random() < 0.5 else SENTENCES[6:]
        length = min(8, int(random.geometric(0.45)))
        made.append(" ".join([*random.choice(half, length), f"#{number}"]))
    return made


def seconds(act: Callable[[], object], times: int) -> float:
    """The shortest of some runs: the others shared the processor with somebody."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return min(found)


def report(name: str, encode: Callable[[list[str]], FloatArray], texts: list[str]) -> FloatArray:
    """Print one line of the table."""
    vectors = encode(texts)
    rate = len(texts) / seconds(lambda: encode(texts), 3)
    single = 1e3 * seconds(lambda: encode([SENTENCES[3]]), 30)
    print(f"{name:28} {rate:7.0f} texts/s   one text {single:6.2f} ms", end="")  # noqa: T201
    return vectors


def compare(base: SentenceEncoder, folder: Path, texts: list[str]) -> None:
    """Measure torch, float32 and int8 on one and two threads."""
    for threads in (1, 2):
        torch.set_num_threads(threads)
        expected = report(f"torch float32, {threads} threads", base.embed, texts)
        print()  # noqa: T201
    for precision in ("float32", "int8"):
        for threads in (1, 2):
            encoder = Encoder.load(folder / precision, threads)
            name = f"onnx {precision}, {threads} threads"
            vectors = report(name, encoder.encode, texts)
            alone = np.concatenate([encoder.encode([text]) for text in texts[:50]])
            cosine = (vectors * expected).sum(axis=1)
            apart = np.abs(alone - vectors[:50]).max()
            print(  # noqa: T201
                f"   cosine mean {cosine.mean():.5f} least {cosine.min():.5f}"
                f"   alone or in a batch {apart:.1e}"
            )


def main() -> None:
    """Export the encoder both ways and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="multilingual-e5-small", help=", ".join(BASES))
    parser.add_argument("--texts", type=int, default=256)
    options = parser.parse_args()
    base = load_base(options.encoder)
    with tempfile.TemporaryDirectory() as place:
        for precision in ("float32", "int8"):
            export_encoder(base, Path(place) / precision, quantise=precision == "int8")
        compare(base, Path(place), posts(options.texts, seed=0))


if __name__ == "__main__":
    main()
