"""Texts to vectors with onnxruntime: the same numbers in training and in serving, without torch.

An encoder folder holds `model.onnx`, `tokenizer.json` and `encoder.json`: the manifest, with the
digest of the other two. Its digest names an encoder for ever: models record which one they need.

It may hold a branch as well, `branch.onnx`: layers that go on from the tokens of an inner layer of
`model.onnx`, the trunk. Such a folder holds two encoders, each with a digest of its own: the trunk,
as it was before it had a branch, and both together. What both give is one pass of the trunk.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from tokenizers import Tokenizer

from features.digests import sha256_of, sha256_of_json
from features.errors import ModelError
from features.schema import FloatArray
from features.text.cleaning import clean

MANIFEST = "encoder.json"
MODEL = "model.onnx"
BRANCH = "branch.onnx"
TOKENIZER = "tokenizer.json"
FORMAT_VERSION = 1
BRANCHED_VERSION = 2
"""Format of a folder with a branch; one without is written in the first."""

VECTOR = "vector"
"""Output of either network: vectors of unit length."""

TOKENS = "tokens"
"""Further output of a trunk, and input of its branch: the inner layer's tokens, one per row."""

BATCH_TOKENS = 1024
"""Tokens in one run; more is no faster and takes memory from the caches."""

BATCH_PADDING = 32
"""Tokens of padding in one run: computing so many costs about what starting another run does."""

WINDOW = 4096
"""Texts that are sorted by length together: bounds memory, and makes progress move."""

UNUSABLE = (
    KeyError,
    ValueError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
)
"""What onnxruntime and a manifest with missing entries raise."""

Progress = Callable[[int], None]
"""Called with the number of texts that were finished since the last call."""


class Encoder:
    """A sentence encoder as it was exported: cleans, tokenises, embeds.

    A text's vector does not depend on the other texts it is encoded with, up to rounding.
    One instance may be used from several threads.

    Attributes
    ----------
    digest
        `sha256:<hex>` of the manifest, and through it of every file.
    trunk_digest
        Of the trunk, where this has a branch; else None.
    dimension
        Length of a vector.
    manifest
        Name, source, licence, prefix and the rest of `encoder.json`.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        tokenizer: Tokenizer,
        session: ort.InferenceSession,
        threads: int = 1,
        branch: ort.InferenceSession | None = None,
    ) -> None:
        self.manifest = manifest
        self.digest = manifest_digest(manifest)
        self.trunk_digest = trunk_digest(manifest)
        self.dimension = int(manifest["dimension"])
        self._prefix = str(manifest["prefix"])
        self._tokenizer = tokenizer
        self._session = session
        self._branch = branch
        self._threads = threads
        self._whole: Self | None = None

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """Load an encoder folder after checking that it is whole.

        Parameters
        ----------
        folder
            Written by `training.encoder.export` or fetched from the registry.
        threads
            How many batches are computed side by side; each batch takes one thread, since shared
            products of short texts cost more in waiting than they save.

        Raises
        ------
        ModelError
            If a file is missing, altered, or cannot be used.
        """
        manifest = read_manifest(folder)
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            tokenizer.no_padding()
            tokenizer.enable_truncation(int(manifest["max_tokens"]))
            branch = new_session(folder / BRANCH) if BRANCH in manifest["files"] else None
            return cls(manifest, tokenizer, new_session(folder / MODEL), threads, branch)
        except UNUSABLE as error:
            raise ModelError(f"The encoder in {folder} cannot be loaded.") from error

    @property
    def trunk(self) -> Self | None:
        """The encoder without its branch; None for one that has none.

        Its vectors are the first columns of this one's.
        """
        if self._branch is None:
            return None
        trunk = type(self)(self.manifest["trunk"], self._tokenizer, self._session, self._threads)
        # Whoever keeps the one keeps the other: both are of one file.
        trunk._whole = self
        return trunk

    def holds(self, digest: str) -> bool:
        """Whether the digest is this encoder's or its trunk's: then its vectors hold those as well.

        They are the first columns, as many as the dimension of the encoder that the digest names.
        """
        return digest in (self.digest, self.trunk_digest)

    def of(self, digest: str) -> Self:
        """Return this encoder or its trunk, whichever has the digest.

        Raises
        ------
        ModelError
            If neither has.
        """
        for found in (self, self.trunk):
            if found is not None and found.digest == digest:
                return found
        raise ModelError(f"Asked for the encoder {digest}; this is {self.digest}.")

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Embed raw texts; they are cleaned here (`features.text.cleaning`); equal ones run once.

        Parameters
        ----------
        texts
            Any length; what goes beyond the encoder's `max_tokens` is not read.
        progress
            Called with the number of texts finished since the last call.

        Returns
        -------
        float32 array (n, dimension)
            Rows of unit length, in the order of `texts`; with a branch, the trunk's columns are of
            unit length and so are the others.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), WINDOW):
            window = [clean(text) for text in texts[start : start + WINDOW]]
            vectors[start : start + len(window)] = self._window(window, progress)
        return vectors

    def _window(self, texts: Sequence[str], progress: Progress | None) -> FloatArray:
        distinct = list(dict.fromkeys(texts))
        place = {text: row for row, text in enumerate(distinct)}
        repeats = np.bincount([place[text] for text in texts], minlength=len(distinct))
        tokens = self._tokens(distinct)
        vectors = np.empty((len(distinct), self.dimension), dtype=np.float32)
        groups = list(batches([len(ids) for ids in tokens]))
        for rows, found in zip(groups, self._runs(groups, tokens), strict=True):
            vectors[rows] = found
            if progress is not None:
                progress(int(repeats[rows].sum()))
        return vectors[[place[text] for text in texts]]

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self._tokenizer.encode_batch_fast([self._prefix + text for text in texts])
        return [encoding.ids for encoding in encodings]

    def _runs(
        self, groups: Sequence[NDArray[np.intp]], tokens: Sequence[Sequence[int]]
    ) -> Iterator[FloatArray]:
        """Yield the vectors of each group, in order."""
        work = ([tokens[row] for row in rows] for rows in groups)
        if min(self._threads, len(groups)) < 2:
            yield from map(self._run, work)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            yield from pool.map(self._run, work)

    def _run(self, tokens: Sequence[Sequence[int]]) -> FloatArray:
        ids, mask = padded(tokens)
        given = {"input_ids": ids, "attention_mask": mask}
        if self._branch is None:
            (found,) = self._session.run([VECTOR], given)
            return np.asarray(found, dtype=np.float32)
        below, inner = self._session.run([VECTOR, TOKENS], given)
        (above,) = self._branch.run([VECTOR], {TOKENS: inner, "attention_mask": mask})
        return np.hstack([below, above]).astype(np.float32, copy=False)


def batches(
    lengths: Sequence[int], limit: int = BATCH_TOKENS, padding: int = BATCH_PADDING
) -> Iterator[NDArray[np.intp]]:
    """Group rows of similar length, longest first, so that little is computed for nothing.

    Parameters
    ----------
    lengths
        Tokens of each row.
    limit
        Tokens in a group, padding included; a longer row comes alone.
    padding
        Of these at most so many.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = padded_by = 0
    for end, row in enumerate(order):
        longest = lengths[order[start]]
        padded_by += longest - lengths[row]
        if end > start and (padded_by > padding or (end + 1 - start) * longest > limit):
            yield order[start:end]
            start, padded_by = end, 0
    if start < len(order):
        yield order[start:]


def padded(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token lists as one array of ids and one of ones where there is a token, (n, longest)."""
    length = max(1, *(len(ids) for ids in tokens))
    ids = np.zeros((len(tokens), length), dtype=np.int64)
    mask = np.zeros((len(tokens), length), dtype=np.int64)
    for row, pieces in enumerate(tokens):
        ids[row, : len(pieces)] = pieces
        mask[row, : len(pieces)] = 1
    return ids, mask


def read_manifest(folder: Path, verify: bool = True) -> dict[str, Any]:
    """Read `encoder.json` and check every file against it, unless not to `verify`.

    Raises
    ------
    ModelError
        If the manifest is missing, of a later format, or a file is missing or altered.
    """
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        version = int(manifest["format_version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder} is not an encoder folder: no usable {MANIFEST}.") from error
    if version > BRANCHED_VERSION:
        raise ModelError(
            f"{path} has format {version}; this prescore reads up to {BRANCHED_VERSION}. Upgrade "
            "it."
        )
    for name, digest in files.items() if verify else ():
        _check(folder / name, str(digest))
    return manifest


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """The encoder's name for ever: `sha256:<hex>` of the manifest's canonical JSON."""
    return "sha256:" + sha256_of_json(manifest)


def trunk_digest(manifest: Mapping[str, Any]) -> str | None:
    """Return the digest of the trunk of an encoder that has a branch; None for one without."""
    return manifest_digest(manifest["trunk"]) if "trunk" in manifest else None


def digests_of(manifest: Mapping[str, Any]) -> list[str]:
    """Return the digests of the encoders in a folder: the whole first, then its trunk if any."""
    found = (manifest_digest(manifest), trunk_digest(manifest))
    return [digest for digest in found if digest is not None]


def file_digest(path: Path) -> str:
    """`sha256:<hex>` of a file's bytes."""
    return "sha256:" + sha256_of(path)


def _check(path: Path, digest: str) -> None:
    try:
        found = file_digest(path)
    except OSError as error:
        raise ModelError(f"{path} is missing or cannot be read.") from error
    if found != digest:
        raise ModelError(f"{path} was altered: its digest is not the one in {MANIFEST}.")


def new_session(network: Path | bytes) -> ort.InferenceSession:
    """Set up a network, given as a file or as what a file holds, for one thread a run."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The further levels fuse nothing that is faster here. From them on session.x64quantprecision
    # would keep sums of int8 products from overflowing where the processor lacks VNNI
    # (BENCHMARKS.md tells by how much), at half the speed everywhere.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    source = network if isinstance(network, bytes) else str(network)
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
