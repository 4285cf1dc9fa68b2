"""The recipes: exact models are built; networks learn sequences, Haar layers learn signals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LambdaLR
from zoo_ssm.blocks import undecayed_parameters

from zoo_core import BadInput, Run
from zoo_mamba_selectivity.data.keepnth import Keep
from zoo_mamba_selectivity.data.mqar import Recall
from zoo_mamba_selectivity.data.sequences import Batch
from zoo_mamba_selectivity.data.signals import HaarSignals
from zoo_mamba_selectivity.haar.layers import HaarLayer
from zoo_mamba_selectivity.networks.sequence import SequenceNetwork

Progress = Callable[..., Any]
BETAS = (0.9, 0.95)
CLIP = 1.0


def build(run: Run, progress: Progress) -> nn.Module:
    """Return an exact model: its constructor sets the weights, and nothing is trained."""
    made: nn.Module = run.make()
    return made


def train_recall(run: Run, progress: Progress) -> nn.Module:
    """Train a `RecallNetwork` on the stream of a run's MQAR; see `fit` for the schedule.

    Where `shortest` is below T, shorter sequences come first: T doubles from there on, with T/4
    pairs until there are as many as asked for, and `stage_updates` for each length but the last.
    Where `fewest` is given, so many keys and values are learned first, at the shortest length, and
    then twice as many, with `stage_updates` each, until it is all. Raises `BadInput` for other
    data, and for fewer keys than pairs.
    """
    data = run.data
    if not isinstance(data, Recall):
        raise BadInput(f"A recall network learns MQAR, not from a {type(data).__name__}.")
    module: SequenceNetwork = run.make(vocabulary=data.vocabulary)
    for task, updates in _recall_tasks(data, run.recipe):
        batches = task.stream(run.seed, run.recipe["batch_size"])
        fit(module, batches, {**run.recipe, "updates": updates}, progress)
    return module


def train_keep(run: Run, progress: Progress) -> nn.Module:
    """Train a `KeepNetwork` on the stream of a run's keep-n-th; see `fit` for the schedule.

    Shorter sequences come first: T doubles from `shortest`, n keeps its share of it, and time
    runs from 0 to 1 in each, so that what one length has taught is a start for the next.
    `stage_updates` are made for each length but the last. Without this nothing is learned
    from long sequences: where all tokens weigh alike, one among 256 is lost in the noise.
    Raises `BadInput` for other data.
    """
    data = run.data
    if not isinstance(data, Keep):
        raise BadInput(f"A keep network learns keep-n-th, not from a {type(data).__name__}.")
    module = run.make(vocabulary=data.vocabulary, position=data.position, length=data.length)
    for length, updates in _stages(data.length, run.recipe):
        task = replace(data, length=length, position=data.position * length // data.length)
        module.length = length
        batches = task.stream(run.seed, run.recipe["batch_size"])
        fit(module, batches, {**run.recipe, "updates": updates}, progress)
    trained: nn.Module = module
    return trained


def train_layer(run: Run, progress: Progress) -> nn.Module:
    """Train a `HaarLayer` for the length and the coefficients of a run's data.

    Adam minimises the squared error on `updates` batches of `batch_size` fresh signals, with the
    schedule of `fit`. The rate is `step_lr` times as large for the step's projection of S6, whose
    entries are hundreds of times as large. No weight decay. Raises `BadInput` for other data.
    """
    data, recipe = run.data, run.recipe
    if not isinstance(data, HaarSignals):
        raise BadInput(f"A Haar layer learns from signals, not from a {type(data).__name__}.")
    module: HaarLayer = run.make(length=data.length, coefficients=list(data.rows))
    named = list(module.named_parameters())
    others = [p for name, p in named if "to_delta" not in name]
    groups: list[dict[str, Any]] = [{"params": others, "lr": recipe["lr"]}]
    if steep := [p for name, p in named if "to_delta" in name]:
        groups.append({"params": steep, "lr": recipe["step_lr"] * recipe["lr"]})
    optimizer = torch.optim.Adam(groups, betas=BETAS)
    losses = _squared_errors(module, data, data.stream(run.seed, recipe["batch_size"]))
    _descend(module, optimizer, losses, recipe, progress)
    return module


def fit(
    module: SequenceNetwork,
    batches: Iterator[Batch],
    recipe: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Train a network in place, on fresh batches without end, and leave it in training mode.

    AdamW minimises the cross-entropy where something is asked, over fresh sequences in each of
    `updates` updates. The rate rises for `warmup` updates to `lr` and falls as a cosine to 0;
    gradients are clipped at norm 1. `weight_decay` leaves alone what `undecayed_parameters` names.
    `progress` is called as `tqdm.tqdm` is. Raises `BadInput` for fewer than one update, or one of
    warm-up.
    """
    kept = undecayed_parameters(module)
    named = list(module.named_parameters())
    groups: list[dict[str, Any]] = [
        {"params": [p for name, p in named if name not in kept]},
        {"params": [p for name, p in named if name in kept], "weight_decay": 0},
    ]
    optimizer = torch.optim.AdamW(
        groups,
        lr=recipe["lr"],
        betas=BETAS,
        weight_decay=recipe["weight_decay"],
        fused=True,
    )
    _descend(module, optimizer, _cross_entropies(module, batches), recipe, progress)


def _stages(length: int, recipe: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Yield the lengths that are trained on, `shortest` doubled up to `length`, and the updates."""
    short = recipe["shortest"] or length
    while short < length:
        yield short, recipe["stage_updates"]
        short *= 2
    yield length, recipe["updates"]


def _recall_tasks(data: Recall, recipe: Mapping[str, Any]) -> Iterator[tuple[Recall, int]]:
    """Yield what is trained on one after the other, and the updates; see `train_recall`."""
    known = recipe["fewest"]
    for length, updates in _stages(data.length, recipe):
        task = replace(data, length=length, pairs=min(data.pairs, max(1, length // 4)))
        while known is not None and known < data.vocabulary // 2 - 1:
            yield replace(task, known=known), recipe["stage_updates"]
            known *= 2
        yield task, updates


def _cross_entropies(module: SequenceNetwork, batches: Iterator[Batch]) -> Iterator[Tensor]:
    """Yield the loss of each batch where something is asked, when its turn comes."""
    for batch in batches:
        places, answers = (torch.from_numpy(array) for array in batch.queries())
        logits = module(torch.from_numpy(batch.tokens), places).flatten(0, 1)
        yield cross_entropy(logits, answers.flatten().to(logits.device))


def _squared_errors(
    module: HaarLayer, data: HaarSignals, batches: Iterator[np.ndarray]
) -> Iterator[Tensor]:
    """Yield the mean squared error of each batch of signals, when its turn comes."""
    for x in batches:
        found = module(torch.from_numpy(x).float())
        wanted = torch.from_numpy(data.targets(x)).to(found)
        yield (found - wanted).square().mean()


def _descend(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    losses: Iterator[Tensor],
    recipe: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Take a step down each of `updates` losses, at rates and with gradients as `fit` says."""
    updates, warmup = recipe["updates"], recipe["warmup"]
    if min(updates, warmup) < 1:
        raise BadInput(f"updates={updates} and warmup={warmup} are wrong; give 1 or more of each.")

    def rate(update: int) -> float:
        risen: float = min((update + 1) / warmup, 1.0)
        return risen * (1 + math.cos(math.pi * update / updates)) / 2

    schedule = LambdaLR(optimizer, rate)
    module.train()
    for _ in progress(range(updates), desc=f"{updates} updates"):
        optimizer.zero_grad()
        torch.autograd.backward(next(losses))
        nn.utils.clip_grad_norm_(module.parameters(), CLIP)
        optimizer.step()
        schedule.step()
