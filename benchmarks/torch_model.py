"""The starter's encoder as a sentence-transformers folder, and how fast that encodes.

python -m benchmarks.torch_model FOLDER [--texts N]     prints texts per second on one thread
"""

import argparse
import json
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import PreTrainedTokenizerFast

from benchmarks.measure import rate_of
from benchmarks.posts import stream_of
from features.text.encoder import Encoder
from models.packaging import STARTER
from training.encoder.base_models import load_base

LONGEST = 128


def trunk() -> Encoder:
    """The starter's encoder without the layers that are for emotions alone."""
    whole = Encoder.load(STARTER / "encoder")
    return whole.trunk or whole


def write(folder: Path) -> None:
    """Write the starter's weights as sentence-transformers keeps them."""
    base = load_base(STARTER / "encoder", trunk().digest)
    network: Any = base.transformer
    network.save_pretrained(folder / "network")
    PreTrainedTokenizerFast(
        tokenizer_object=base.tokenizer, pad_token="<pad>", model_max_length=LONGEST
    ).save_pretrained(folder / "network")
    transformer = Transformer(str(folder / "network"), max_seq_length=LONGEST)
    model = SentenceTransformer(
        modules=[transformer, Pooling(base.dimension, "mean"), Normalize()],
        prompts={"query": base.info.prefix},
        default_prompt_name="query",
        device="cpu",
    )
    model.save(str(folder / "plain"))


def main() -> None:
    """Write the folder and compare the two encoders on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=256)
    options = parser.parse_args()
    torch.set_num_threads(1)
    write(options.folder)
    plain = SentenceTransformer(str(options.folder / "plain"), device="cpu")
    ours = trunk()
    stream = stream_of(11)
    warm = list(islice(stream, 32))
    plain.encode(warm), ours.encode(warm)
    texts = list(islice(stream, options.texts))
    cosine = (plain.encode(texts) * ours.encode(texts)).sum(axis=1)
    found = {"torch": 0.0, "onnx": 0.0, "cosine": float(cosine.mean())}
    for _ in range(2):
        found["torch"] = max(found["torch"], rate_of(len(texts), lambda: plain.encode(texts)))
        found["onnx"] = max(found["onnx"], rate_of(len(texts), lambda: ours.encode(texts)))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
