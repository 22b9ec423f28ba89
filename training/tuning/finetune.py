"""Fine-tuning an encoder end to end, on several labelled sets at once.

Each task has a linear head of its own on the shared embedding; batches mix the tasks, so that the
encoder never drifts towards one of them. Word embeddings stay frozen: they are most of the weights,
most of their rows are never seen, and rare words keep their place beside the frequent ones.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from features.errors import TrainingError
from features.text.cleaning import clean
from training.encoder.sentence_encoder import SentenceEncoder, padding_id
from training.tuning.batches import IntArray, batches, visits
from training.tuning.checkpoints import Checkpoints
from training.tuning.heads import Head, Heads
from training.tuning.losses import mirror_losses, row_losses
from training.tuning.optimiser import build_optimiser, rate_factor, stack_of_layers
from training.tuning.tasks import Task

Progress = Callable[[int, int, float], None]
"""Told (steps done, steps in all, running mean of the loss)."""

PROBE_TEXTS = 512
MIRROR_SCALE = 20.0
"""Brings a mirror row's loss, about .1 between translations, to the size of a labelled row's."""


@dataclass(frozen=True)
class FinetuneOptions:
    """How an encoder is fine-tuned; the defaults are the starter's.

    Parameters
    ----------
    rate, head_rate
        Peak learning rates of the topmost layer and of the heads.
    layer_decay
        Each layer below learns at this share of the one above.
    warmup
        Share of the steps over which the rates rise; then they follow a cosine down to zero.
    max_tokens
        Longer texts are cut, in fine-tuning alone.
    frozen_layers
        Layers, from the bottom, that stay as they are: each saves two thirds of its computing.
    kept
        Share of the weights that the run began with in those that it ends with, encoder and heads:
        the mean of both forgets less (Wortsman et al. 2022, robust fine-tuning).
    precision
        ``auto`` takes bfloat16 where the processor multiplies in it (AMX, AVX-512), else float32.
    checkpoint_seconds
        How often a run writes its checkpoint, where it has any.
    """

    seed: int = 0
    batch_size: int = 32
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.95
    weight_decay: float = 0.01
    warmup: float = 0.06
    clip: float = 1.0
    max_tokens: int = 96
    frozen_layers: int = 0
    kept: float = 0.0
    precision: str = "auto"
    checkpoint_seconds: float = 120.0


@dataclass(frozen=True, eq=False)
class Finetuned:
    """The fine-tuned encoder, in evaluation mode, and each task's head."""

    encoder: SentenceEncoder
    heads: Mapping[str, Head]
    seconds: float
    visits: int


def finetune(
    base: SentenceEncoder,
    tasks: Sequence[Task],
    options: FinetuneOptions,
    progress: Progress | None = None,
    checkpoints: Checkpoints | None = None,
    initial: Mapping[str, Head] | None = None,
) -> Finetuned:
    """Fine-tune `base` in place on all tasks together.

    Parameters
    ----------
    base
        Changed by the call.
    tasks
        At least one, with different names.
    options
        Equal options, tasks and threads give equal weights.
    progress
        Called after each step.
    checkpoints
        Where to go on from, if this very run was begun before, and what to write to as it goes,
        when it is interrupted and at the end. Whoever has made use of the result removes them.
    initial
        Heads of an earlier fine-tuning to start from, by task name.

    Returns
    -------
    Finetuned

    Raises
    ------
    TrainingError
        If there is nothing to train on, or the loss stops being a number.
    """
    if not sum(len(task) for task in tasks) or len({task.name for task in tasks}) < len(tasks):
        raise TrainingError("Fine-tuning needs at least one text, and tasks of different names.")
    started = time.monotonic()
    run = _Run(base, tasks, options, initial or {})
    if checkpoints is not None:
        run.resume(checkpoints)
    try:
        run.train(progress, checkpoints)
    except KeyboardInterrupt:
        if checkpoints is not None:
            run.keep(checkpoints)
        raise
    if checkpoints is not None:
        run.keep(checkpoints)
    run.settle()
    return Finetuned(run.base.eval(), run.exported_heads(), time.monotonic() - started, run.visits)


@dataclass
class _Plan:
    """The run's visits and batches: a function of tasks, options and nothing else."""

    visits: IntArray
    batches: list[IntArray]
    tokens: list[list[list[int]]] = field(repr=False)
    rivals: list[list[list[int]]] = field(repr=False)


class _Run:
    """One fine-tuning under way."""

    def __init__(
        self,
        base: SentenceEncoder,
        tasks: Sequence[Task],
        options: FinetuneOptions,
        initial: Mapping[str, Head],
    ) -> None:
        self.base, self.tasks, self.options = base, tasks, options
        self.plan = plan(base, tasks, options)
        self.visits = len(self.plan.visits)
        self.step = 0
        self.bfloat16 = use_bfloat16(options.precision)
        prepare_encoder(base, options.frozen_layers)
        torch.manual_seed(options.seed)
        self.heads = Heads(base.dimension, tasks)
        self.heads.standardise(self._probe())
        self.heads.start_from(initial, tasks)
        mixed = self._mixed() if options.kept else []
        self.begun = [weights.detach().clone() for weights in mixed]
        self.targets = [self.heads.standardised_targets(task) for task in tasks]
        self.optimiser = build_optimiser(
            base.transformer, [*base.head.parameters(), *self.heads.parameters()], options
        )
        self.identity = self._fingerprint()

    def train(self, progress: Progress | None, checkpoints: Checkpoints | None) -> None:
        """Go from the current step to the last."""
        self.base.train()
        total, running = len(self.plan.batches), 0.0
        written = time.monotonic()
        while self.step < total:
            self._set_rates(rate_factor(self.step, total, self.options.warmup))
            loss = self._learn(self.plan.batches[self.step])
            self.step += 1
            running = loss if running == 0.0 else 0.98 * running + 0.02 * loss
            if progress is not None:
                progress(self.step, total, running)
            if checkpoints is not None and (
                time.monotonic() - written > self.options.checkpoint_seconds
            ):
                self.keep(checkpoints)
                written = time.monotonic()

    @torch.no_grad()
    def settle(self) -> None:
        """Mix the weights that the run began with into those that it came to."""
        if self.options.kept:
            for weights, begun in zip(self._mixed(), self.begun, strict=True):
                weights.lerp_(begun, self.options.kept)

    def _mixed(self) -> list[Tensor]:
        learning = [weights for weights in self.base.parameters() if weights.requires_grad]
        return [*learning, *self.heads.parameters()]

    def _learn(self, batch: IntArray) -> float:
        loss = self._loss(batch)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"The loss is not a number at step {self.step}; try a lower learning rate."
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._trained(), self.options.clip)
        self.optimiser.step()
        return float(loss.detach())

    def _loss(self, batch: IntArray) -> Tensor:
        members = self.plan.visits[batch]
        embeddings, rivals = self._embed(members)
        total = embeddings.new_zeros(())
        for number in np.unique(members[:, 0]):
            task = self.tasks[number]
            at = torch.from_numpy(np.flatnonzero(members[:, 0] == number))
            if task.loss == "mirror":
                each = MIRROR_SCALE * mirror_losses(embeddings[at], rivals[at])
            else:
                head = self.heads.of(task)
                targets = self.targets[number][members[at.numpy(), 1]]
                each = row_losses(task.loss, head(embeddings[at]), head(rivals[at]), targets)
            total = total + task.weight * each.sum()
        return total / len(batch)

    def _embed(self, members: IntArray) -> tuple[Tensor, Tensor]:
        """Embed the texts of a batch and, where there are any, their rivals; both (n, d)."""
        firsts = [self.plan.tokens[task][row] for task, row in members]
        twofold = [i for i, (task, _) in enumerate(members) if self.plan.rivals[task]]
        seconds = [self.plan.rivals[members[i, 0]][members[i, 1]] for i in twofold]
        embeddings = self._forward([*firsts, *seconds])
        n = len(firsts)
        rivals = embeddings[:n].clone()
        if twofold:
            rivals[torch.tensor(twofold)] = embeddings[n:]
        return embeddings[:n], rivals

    def _forward(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        ids, mask = padded(tokens, padding_id(self.base.tokenizer))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
            embeddings: Tensor = self.base(ids, mask)
        return embeddings.float()

    @torch.no_grad()
    def _probe(self) -> Tensor:
        """Embeddings of some of the run's texts before training, (m, d)."""
        rng = np.random.default_rng(self.options.seed)
        count = min(PROBE_TEXTS, self.visits)
        chosen = self.plan.visits[rng.choice(self.visits, count, replace=False)]
        return torch.cat([self._embed(part)[0] for part in np.array_split(chosen, -(-count // 64))])

    def _set_rates(self, factor: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor

    def _trained(self) -> list[Tensor]:
        return [p for group in self.optimiser.param_groups for p in group["params"]]

    def exported_heads(self) -> dict[str, Head]:
        """Return every head as it applies to unit-length embeddings."""
        return {task.name: self.heads.export(task) for task in self.tasks if task.outputs}

    def keep(self, checkpoints: Checkpoints) -> None:
        """Write where the run stands, so that an interruption costs minutes."""
        state = {
            "step": self.step,
            "encoder": {
                name: p.detach() for name, p in self.base.named_parameters() if p.requires_grad
            },
            "heads": self.heads.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        checkpoints.write(self.identity, state)

    def resume(self, checkpoints: Checkpoints) -> None:
        """Go on from the checkpoint of this very run, if there is one."""
        state = checkpoints.read(self.identity)
        if state is None:
            return
        self.base.load_state_dict(state["encoder"], strict=False)
        self.heads.load_state_dict(state["heads"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        done, total = self.step, len(self.plan.batches)
        checkpoints.say(f"Fine-tuning goes on where it stopped, after {done:,} of {total:,} steps.")

    def _fingerprint(self) -> str:
        """Return what tells this run from all others, before its first step."""
        mark = hashlib.sha256(repr(sorted(asdict(self.options).items())).encode())
        mark.update(repr((self.plan.tokens, self.plan.rivals)).encode())
        for weights in self.base.parameters():
            mark.update(weights.detach().numpy().tobytes())
        mark.update(self.plan.visits.tobytes())
        for task, targets in zip(self.tasks, self.targets, strict=True):
            mark.update(repr((task.name, task.loss, task.outputs, task.weight)).encode())
            mark.update(targets.numpy().tobytes())
        return mark.hexdigest()


def plan(base: SentenceEncoder, tasks: Sequence[Task], options: FinetuneOptions) -> _Plan:
    """Tokenise every text once and lay out the whole run."""
    rng = np.random.default_rng(options.seed)
    tokenizer = Tokenizer.from_str(base.tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(options.max_tokens, base.info.max_tokens))
    prefix = base.info.prefix
    tokens = [_tokenise(tokenizer, prefix, task.texts) for task in tasks]
    rivals = [_tokenise(tokenizer, prefix, task.rivals or ()) for task in tasks]
    order = visits(tasks, rng)
    lengths = [
        max(len(tokens[task][row]), len(rivals[task][row]) if rivals[task] else 0)
        for task, row in order
    ]
    cut = batches(np.array(lengths, dtype=np.int64), options.batch_size, rng)
    return _Plan(order, cut, tokens, rivals)


def _tokenise(tokenizer: Tokenizer, prefix: str, texts: Sequence[str]) -> list[list[int]]:
    encodings = tokenizer.encode_batch_fast([prefix + clean(text) for text in texts])
    return [encoding.ids for encoding in encodings]


def padded(tokens: Sequence[Sequence[int]], padding: int) -> tuple[Tensor, Tensor]:
    """Return `input_ids` and `attention_mask`, both int64 (n, longest)."""
    longest = max(len(row) for row in tokens)
    ids = torch.full((len(tokens), longest), padding, dtype=torch.long)
    mask = torch.zeros((len(tokens), longest), dtype=torch.long)
    for i, row in enumerate(tokens):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


def prepare_encoder(base: SentenceEncoder, frozen_layers: int = 0) -> None:
    """Freeze the word embeddings and the lowest layers, and set what makes training fast."""
    for layer in base.modules():
        if isinstance(layer, nn.Dropout):
            # A few passes over many sets hardly overfit, and dropout costs a quarter of a step.
            layer.p = 0.0
    transformer: Any = base.transformer
    transformer.get_input_embeddings().weight.requires_grad_(False)
    if frozen_layers:
        transformer.embeddings.requires_grad_(False)
    for layer in stack_of_layers(transformer)[:frozen_layers]:
        layer.requires_grad_(False)
    if hasattr(transformer, "set_attn_implementation"):
        # The fused attention's backward pass on a processor takes three times as long.
        transformer.set_attn_implementation("eager")


def use_bfloat16(precision: str) -> bool:
    """Return whether to compute in bfloat16: if asked for, or if ``auto`` finds it in hardware."""
    if precision == "auto":
        able = torch.cpu.get_capabilities()
        return any(able.get(name, False) for name in ("amx_bf16", "avx512_bf16"))
    return precision == "bfloat16"
