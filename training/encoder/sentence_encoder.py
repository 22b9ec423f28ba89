"""A sentence encoder in torch: what is fine-tuned, and what export writes down."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from features.errors import ConfigError
from features.schema import FloatArray
from features.text.cleaning import clean

POOLINGS = ("mean", "cls", "max")


@dataclass(frozen=True)
class EncoderInfo:
    """What an encoder needs to be used as it was trained, and who made it.

    `prefix` goes before every text; `max_tokens` counts the special pieces too.
    """

    name: str
    source: str
    licence: str
    pooling: str = "mean"
    prefix: str = ""
    max_tokens: int = 128


class SentenceEncoder(nn.Module):
    """A transformer, its tokenizer and its pooling: texts to vectors of unit length.

    Parameters
    ----------
    transformer
        Called with `input_ids` and `attention_mask`, answers with `last_hidden_state`.
    tokenizer
        Padding and truncation are set here, whatever it came with.
    info
        Pooling, prefix and the longest text in tokens.
    dimension
        Length of a vector.
    head
        Layers between pooling and normalisation, as some sentence-transformers have.

    Raises
    ------
    ConfigError
        If the pooling is not one of `POOLINGS`.
    """

    def __init__(
        self,
        transformer: nn.Module,
        tokenizer: Tokenizer,
        info: EncoderInfo,
        dimension: int,
        head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if info.pooling not in POOLINGS:
            known = ", ".join(POOLINGS)
            raise ConfigError(f"Got pooling={info.pooling!r}; expected one of {known}.")
        tokenizer.no_padding()
        tokenizer.enable_truncation(info.max_tokens)
        self.transformer = transformer
        self.head = nn.Identity() if head is None else head
        self.tokenizer = tokenizer
        self.info = info
        self.dimension = dimension

    def tokens(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Turn cleaned texts into `input_ids` and `attention_mask`, both int64 (n, longest)."""
        encodings = self.tokenizer.encode_batch([self.info.prefix + text for text in texts])
        length = max((len(item.ids) for item in encodings), default=1)
        ids = torch.full((len(texts), length), padding_id(self.tokenizer), dtype=torch.long)
        mask = torch.zeros((len(texts), length), dtype=torch.long)
        for row, item in enumerate(encodings):
            ids[row, : len(item.ids)] = torch.tensor(item.ids)
            mask[row, : len(item.ids)] = 1
        return ids, mask

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Embed token ids, (n, length) to (n, dimension), each row of unit length."""
        hidden = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = self.head(pool(hidden, mask, self.info.pooling))
        return nn.functional.normalize(pooled, dim=-1)

    @torch.no_grad()
    def embed(self, texts: Sequence[str], batch: int = 64) -> FloatArray:
        """Embed raw texts, (n, dimension), as the exported encoder will; leaves `eval()` on."""
        self.eval()
        cleaned = [clean(text) for text in texts]
        parts = [
            self(*self.tokens(cleaned[start : start + batch])).numpy()
            for start in range(0, len(cleaned), batch)
        ]
        return np.concatenate([np.zeros((0, self.dimension), np.float32), *parts])


def pool(hidden: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """Reduce (n, length, d) to (n, d) over the tokens that `mask` keeps."""
    if pooling == "cls":
        return hidden[:, 0]
    kept = mask.unsqueeze(-1)
    if pooling == "max":
        return hidden.masked_fill(kept == 0, torch.finfo(hidden.dtype).min).amax(1)
    weights = kept.to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1)


def padding_id(tokenizer: Tokenizer) -> int:
    """The id of the tokenizer's padding piece; 0 where it has none, as padding is masked."""
    found = (tokenizer.token_to_id(piece) for piece in ("<pad>", "[PAD]"))
    return next((int(piece) for piece in found if piece is not None), 0)
