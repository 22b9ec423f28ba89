"""A torch encoder written down as a prescore encoder folder: ONNX, tokenizer, manifest."""

import json
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnx
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from features.errors import ModelError
from features.schema import FloatArray
from features.text.encoder import (
    FORMAT_VERSION,
    MANIFEST,
    MODEL,
    TOKENIZER,
    file_digest,
    manifest_digest,
)
from training.encoder.base_models import bert_shape
from training.encoder.onnx_graph import BERT, OPSET, WORDS, bert_graph
from training.encoder.quantise import quantise as quantise_graph
from training.encoder.sentence_encoder import SentenceEncoder
from training.encoder.vocabulary import prune


def export_encoder(
    encoder: SentenceEncoder,
    folder: Path,
    *,
    vocabulary: frozenset[int] | None = None,
    quantise: bool = True,
) -> str:
    """Write an encoder folder that `features.text.encoder.Encoder` loads.

    Parameters
    ----------
    encoder
        Stays as it is.
    folder
        Must not exist yet; it appears whole or not at all.
    vocabulary
        Pieces to keep, from `training.encoder.vocabulary.choose_pieces`; None keeps all.
    quantise
        Store the weights as int8 (cosine to float32 about 0.999, a third of the time).

    Returns
    -------
    str
        The encoder's digest.

    Raises
    ------
    ModelError
        If the folder exists, or the network or the vocabulary cannot be exported so.
    """
    if folder.exists():
        raise ModelError(f"{folder} exists already. Give a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".exporting-") as place:
        made = Path(place) / "encoder"
        made.mkdir()
        digest = _write(encoder, made, vocabulary, quantise)
        made.rename(folder)
    return digest


def _write(
    encoder: SentenceEncoder, folder: Path, keep: frozenset[int] | None, quantise: bool
) -> str:
    by_hand = is_plain_bert(encoder)
    if by_hand:
        graph, tokenizer, network = _bert(encoder, keep)
    elif keep is None:
        graph, tokenizer, network = traced_graph(encoder), encoder.tokenizer, {"kind": "other"}
    else:
        raise ModelError("Only the vocabulary of a BERT encoder can be pruned. Export it whole.")
    onnx.save(quantise_graph(graph) if quantise else graph, str(folder / MODEL))
    _save_tokenizer(tokenizer, folder / TOKENIZER)
    manifest = {
        "format_version": FORMAT_VERSION,
        **asdict(encoder.info),
        "dimension": encoder.dimension,
        "precision": "int8" if quantise else "float32",
        "network": network,
        "files": {name: file_digest(folder / name) for name in (MODEL, TOKENIZER)},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return manifest_digest(manifest)


def is_plain_bert(encoder: SentenceEncoder) -> bool:
    """Whether the network is one that `training.encoder.onnx_graph` can write."""
    network = encoder.transformer
    return (
        isinstance(network, BertModel)
        and network.config.hidden_act == "gelu"
        and not network.config.is_decoder
        and not list(encoder.head.parameters())
    )


def _bert(
    encoder: SentenceEncoder, keep: frozenset[int] | None
) -> tuple[onnx.ModelProto, Tokenizer, dict[str, Any]]:
    weights: dict[str, FloatArray] = {
        name: value.detach().float().numpy()
        for name, value in encoder.transformer.named_parameters()
    }
    tokenizer = encoder.tokenizer
    if keep is not None:
        pruned = prune(tokenizer, keep)
        tokenizer, weights[WORDS] = pruned.tokenizer, weights[WORDS][pruned.kept]
    shape = bert_shape(encoder.transformer.config, len(weights[WORDS]))
    graph = bert_graph(shape, weights, encoder.info.pooling)
    return graph, tokenizer, {"kind": BERT, "shape": asdict(shape)}


def traced_graph(encoder: SentenceEncoder) -> onnx.ModelProto:
    """Any other network, through `torch.onnx.export`; pooling and normalisation inside."""
    ids, mask = encoder.tokens(["one two three", "four"])
    batch, length = (
        torch.export.Dim("batch"),
        torch.export.Dim("length", max=encoder.info.max_tokens),
    )
    with warnings.catch_warnings():
        # The exporter warns about its own internals; what it made is checked by parity.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            encoder.eval(),
            (ids, mask),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ModelError("torch.onnx.export made no graph of this network.")
    return program.model_proto


def _save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    # What the manifest says about truncation holds; the file should not say it a second time.
    state = json.loads(tokenizer.to_str())
    state["truncation"] = state["padding"] = None
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")
