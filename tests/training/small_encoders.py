"""Encoders of a few thousand weights, random but the same every time."""

import string
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from training.encoder.base_models import load_base
from training.encoder.export import export_branch, export_encoder
from training.encoder.sentence_encoder import EncoderInfo, SentenceEncoder
from training.tuning.optimiser import stack_of_layers

WORDS = ("joy", "smutek", "great", "news", "today", "radość", "we", "won", "lost", "to", "nie")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
TEXTS = [
    "we won",
    "great news today , joy !",
    "smutek",
    "nie radość to nie smutek lost lost lost lost lost",
    "",
]


def small_tokenizer() -> Tokenizer:
    """Unigram, as that of multilingual-e5-small: words, then their letters."""
    letters = ["\u2581", *string.ascii_lowercase, *"śćążó,!."]
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(f"\u2581{word}", -2.0 - place / 10) for place, word in enumerate(WORDS)]
    pieces += [(letter, -10.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def small_bert(pooling: str = "mean") -> SentenceEncoder:
    """Two layers of width 32, with weights large enough for the layers to matter."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=small_tokenizer().get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=40,
        initializer_range=0.3,
    )
    network = BertModel(config, add_pooling_layer=False)
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.1)
    info = EncoderInfo("small", "tests", "Apache-2.0", pooling, prefix="to ", max_tokens=20)
    return SentenceEncoder(network, small_tokenizer(), info, 32).eval()


def branched(root: Path) -> tuple[Path, Path]:
    """The folders of an encoder and of the same with a branch of one layer, other than its own."""
    trunk, whole = root / "trunk", root / "whole"
    export_encoder(small_bert(), trunk)
    own = load_base(trunk)
    with torch.no_grad():
        for parameter in stack_of_layers(own.transformer)[1].parameters():
            parameter.mul_(-1)
    export_branch(own, trunk, 1, whole)
    return trunk, whole
