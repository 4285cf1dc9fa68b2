"""The recipe of the trained networks: AdamW on fresh sequences, loss only where one is asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LambdaLR
from zoo_ssm.blocks import undecayed_parameters

from zoo_core.building import construct
from zoo_core.errors import BadInput
from zoo_core.interfaces import Run
from zoo_core.models import constructor_part
from zoo_core.registry import registry
from zoo_mamba_selectivity.keepnth import Keep
from zoo_mamba_selectivity.mqar import Recall
from zoo_mamba_selectivity.networks import KeepNetwork, RecallNetwork, SequenceNetwork
from zoo_mamba_selectivity.sequences import Batch

Progress = Callable[..., Any]
BETAS = (0.9, 0.95)
CLIP = 1.0


def train_recall(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `RecallNetwork` on the stream of each run's MQAR; see `fit` for the schedule.

    Where ``shortest`` is below T, shorter sequences come first: T doubles from there on, with T/4
    pairs until there are as many as asked for, and ``stage_updates`` for each length but the last.

    Raises `BadInput` for other data.
    """
    modules: list[nn.Module] = []
    for run in runs:
        data = run.data
        if not isinstance(data, Recall):
            raise BadInput(f"A recall network learns MQAR, not from a {type(data).__name__}.")
        module = _drawn(RecallNetwork, "recall-network", run, config)
        for length in _lengths(data.length, config):
            task = replace(data, length=length, pairs=min(data.pairs, max(1, length // 4)))
            _stage(module, task, data.length, run, config, progress)
        modules.append(module.eval())
    return modules


def train_keep(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `KeepNetwork` on the stream of each run's keep-n-th; see `fit` for the schedule.

    Shorter sequences come first: T doubles from ``shortest``, n keeps its share of it, and time
    runs from 0 to 1 in each, so that what one length has taught is a start for the next.
    ``stage_updates`` are made for each length but the last. Without this nothing is learned
    from long sequences: where all tokens weigh alike, one among 256 is lost in the noise.

    Raises `BadInput` for other data.
    """
    modules: list[nn.Module] = []
    for run in runs:
        data = run.data
        if not isinstance(data, Keep):
            raise BadInput(f"A keep network learns keep-n-th, not from a {type(data).__name__}.")
        given = {"position": data.position, "length": data.length}
        module = _drawn(KeepNetwork, "keep-network", run, config, **given)
        for length in _lengths(data.length, config):
            task = replace(data, length=length, position=data.position * length // data.length)
            module.length = length
            _stage(module, task, data.length, run, config, progress)
        modules.append(module.eval())
    return modules


def _drawn(
    cls: type[SequenceNetwork], name: str, run: Run, config: Mapping[str, Any], **given: Any
) -> Any:
    """Return an untrained network that fits a run's data, drawn with the run's seed."""
    own = constructor_part(registry().architecture(name), config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        return construct(cls, {**own, "vocabulary": run.data.vocabulary, **given}, name)


def _lengths(length: int, config: Mapping[str, Any]) -> list[int]:
    """Return the lengths that are trained on, ``shortest`` doubled up to `length`."""
    lengths = [config["shortest"] or length]
    while lengths[-1] < length:
        lengths.append(2 * lengths[-1])
    return [*lengths[:-1], length]


def _stage(
    module: SequenceNetwork,
    task: Recall | Keep,
    length: int,
    run: Run,
    config: Mapping[str, Any],
    progress: Progress,
) -> None:
    last = task.length == length
    updates = config["updates" if last else "stage_updates"]
    batches = task.stream(run.seed, config["batch_size"])
    fit(module, batches, {**config, "updates": updates}, progress)


def fit(
    module: SequenceNetwork,
    batches: Iterator[Batch],
    config: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Train a network in place.

    AdamW minimises the cross-entropy where something is asked, over fresh sequences in each
    update. The rate rises for ``warmup`` updates to ``lr`` and falls as a cosine to 0; gradients
    are clipped at norm 1. Weight decay leaves alone what `undecayed_parameters` names.

    Args:
        module: what is trained, and left in training mode.
        batches: fresh ones without end.
        config: ``updates``, ``warmup``, ``lr`` and ``weight_decay``.
        progress: called as `tqdm.tqdm` is.

    Raises:
        BadInput: fewer than one update, or one of warm-up.
    """
    updates, warmup = config["updates"], config["warmup"]
    if min(updates, warmup) < 1:
        raise BadInput(f"updates={updates} and warmup={warmup} are wrong; give 1 or more of each.")

    def rate(update: int) -> float:
        return min((update + 1) / warmup, 1.0) * (1 + math.cos(math.pi * update / updates)) / 2

    kept = undecayed_parameters(module)
    groups = [
        {"params": [p for name, p in module.named_parameters() if name not in kept]},
        {"params": [p for name, p in module.named_parameters() if name in kept], "weight_decay": 0},
    ]
    optimizer = torch.optim.AdamW(
        groups, lr=config["lr"], betas=BETAS, weight_decay=config["weight_decay"], fused=True
    )
    schedule = LambdaLR(optimizer, rate)
    module.train()
    for _ in progress(range(updates), desc=f"{updates} updates"):
        batch = next(batches)
        places, answers = (torch.from_numpy(array) for array in batch.queries())
        logits = module(torch.from_numpy(batch.tokens), places)
        optimizer.zero_grad()
        cross_entropy(logits.flatten(0, 1), answers.flatten()).backward()
        nn.utils.clip_grad_norm_(module.parameters(), CLIP)
        optimizer.step()
        schedule.step()
