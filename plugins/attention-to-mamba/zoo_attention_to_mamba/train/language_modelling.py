"""Next-token training on random windows of a token stream: of teachers, and stage 2 of students."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.hedgemamba import feature_parameters
from zoo_attention_to_mamba.text import Text
from zoo_core import Progress

LOG = logging.getLogger(__name__)
BETAS = (0.9, 0.95)
CLIP = 1.0
FINAL_SHARE = 0.1
WATCHED = 10
OFFSET_SEEDS = 500_000_000  # added to a step's seed, so that places do not follow the windows


@dataclass(frozen=True)
class Batches:
    """Random windows of a stream (tokens,): each step's depend on the seed and the step alone.

    `offset` is the last position at which a window may begin, see `first`.
    """

    stream: Tensor
    batch: int
    length: int
    seed: int
    offset: int = 0

    def __post_init__(self) -> None:
        if len(self.stream) <= self.length:
            raise ValueError(
                f"the training text has {len(self.stream)} tokens, fewer than a window of "
                f"{self.length}; give more text or a smaller length"
            )

    def steps(self, tokens: int) -> int:
        """Return the number of steps that read about so many tokens."""
        return max(1, round(tokens / (self.batch * self.length)))

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs and next tokens, both (batch, length)."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        first = torch.randint(len(self.stream) - self.length, (self.batch,), generator=generator)
        rows = self.stream[first[:, None] + torch.arange(self.length + 1)]
        return rows[:, :-1], rows[:, 1:]

    def first(self, step: int) -> Tensor | None:
        """Return the position (batch,) at which each window begins; None where all begin at 0.

        A window in two begins at 0, as a text does; the others anywhere up to `offset`.
        """
        if not self.offset:
            return None
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step + OFFSET_SEEDS)
        anywhere = torch.randint(self.offset + 1, (self.batch,), generator=generator)
        return anywhere * torch.randint(2, (self.batch,), generator=generator)


def check_settings(
    config: Mapping[str, Any], whole: Mapping[str, int], numbers: Sequence[str]
) -> None:
    """Check settings before hours are spent with them.

    Raises `ValueError` where one of `whole` is no integer from its smallest value on, or one of
    `numbers` no finite number from 0 on.
    """
    for name, least in whole.items():
        value = config[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name}={value!r} is wrong; expected an integer from {least}")
    for name in numbers:
        value = config[name]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value < math.inf:
            raise ValueError(f"{name}={value!r} is wrong; expected a number from 0")


def share_of_rate(step: int, steps: int, warmup: int) -> float:
    """Return the learning rate's factor: linear warm-up, then a cosine down to a tenth."""
    if step < warmup:
        return (step + 1) / warmup
    angle = math.pi * (step - warmup) / max(1, steps - warmup)
    return FINAL_SHARE + (1 - FINAL_SHARE) * (1 + math.cos(angle)) / 2


def optimizer_of(module: nn.Module, rate: float, feature_rate: float) -> torch.optim.AdamW:
    """Return AdamW without weight decay; feature maps learn at a rate of their own."""
    features = feature_parameters(module)
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learned if (p in features) == chosen], "lr": lr, "peak": lr}
        for chosen, lr in ((False, rate), (True, feature_rate))
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], betas=BETAS, weight_decay=0.0, fused=True
    )


def descend(
    module: nn.Module,
    loss_at: Callable[[int], Tensor],
    steps: int,
    *,
    optimizer: torch.optim.Optimizer,
    warmup: int,
    kept: Progress,
    progress: Callable[..., Iterable[Any]],
    label: str,
    watch: Callable[[], str] | None = None,
) -> None:
    """Take clipped steps down `loss_at(step)`, from where `kept` left off.

    `watch` tells what to log ten times in a training. Raises `ValueError` when a gradient is not
    finite: nothing of such a step is kept.
    """
    done = kept.restore(module, optimizer)
    learned = [p for group in optimizer.param_groups for p in group["params"]]
    for step in progress(range(done, steps), desc=label, initial=done, total=steps):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * share_of_rate(step, steps, warmup)
        loss = loss_at(step)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(learned, CLIP)
        if not bool(norm.isfinite()):
            raise ValueError(
                f"{label} diverged at step {step + 1} of {steps} (its loss is {loss.item():g}, and "
                "its gradient is not finite); give smaller learning rates"
            )
        optimizer.step()
        kept.save(module, optimizer, step + 1, now=step + 1 == steps)
        if LOG.isEnabledFor(logging.INFO) and (step + 1) % max(1, steps // WATCHED) == 0:
            seen = f", {watch()}" if watch else ""
            LOG.info("%s: step %d of %d, loss %.4f%s", label, step + 1, steps, loss.item(), seen)


def train_next_token(
    module: CausalLM,
    batches: Batches,
    config: Mapping[str, Any],
    *,
    teacher: CausalLM | None = None,
    data: Text,
    kept: Progress,
    progress: Callable[..., Iterable[Any]],
    label: str,
) -> None:
    """Train by next-token cross-entropy: stage 2 (section 3.4 of the paper), and teachers.

    `config` has `tokens`, `rate`, `feature_rate`, `warmup`, and `divergence`, the share of the
    Kullback-Leibler divergence from the teacher in the loss (0 in the paper).
    """
    share = config["divergence"] if teacher is not None else 0.0

    def loss_at(step: int) -> Tensor:
        inputs, targets = batches.at(step)
        logits = module(inputs, first=batches.first(step)).flatten(0, 1)
        loss = cross_entropy(logits, targets.flatten().to(logits.device))
        if share and teacher is not None:
            with torch.no_grad():
                wanted = teacher(inputs).flatten(0, 1).log_softmax(-1)
            apart = kl_div(logits.log_softmax(-1), wanted, reduction="batchmean", log_target=True)
            loss = (1 - share) * loss + share * apart
        return loss

    # Asked for before the first step: a text that cannot be read is told at once.
    held_back = data.stream(module.text_tokenizer, "val") if "val" in data.splits else ()
    watched = len(held_back) > min(data.window, module.context)
    module.train()
    descend(
        module,
        loss_at,
        batches.steps(config["tokens"]),
        optimizer=optimizer_of(module, config["rate"], config["feature_rate"]),
        warmup=config["warmup"],
        kept=kept,
        progress=progress,
        label=label,
        watch=(lambda: f"validation perplexity {perplexity(module, data, 'val'):.4f}")
        if watched
        else None,
    )
    module.eval()


@torch.no_grad()
def perplexity(module: CausalLM, data: Text, split: str) -> float:
    """Return exp of the mean loss per token over a split's consecutive windows."""
    total, count = 0.0, 0
    for outputs in module.outputs(data.split(split)):
        logits, targets = outputs["logits"].flatten(0, 1), outputs["target"].flatten()
        total += cross_entropy(logits, targets, reduction="sum").double().item()
        count += targets.numel()
    return math.exp(total / count)
