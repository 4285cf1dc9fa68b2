"""The recipes: exact models are built; networks learn sequences, Haar layers learn signals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LambdaLR
from zoo_ssm.blocks import undecayed_parameters

from zoo_core import BadInput, Run
from zoo_core.building import construct
from zoo_core.models import constructor_part
from zoo_core.registry import registry
from zoo_mamba_selectivity.data.keepnth import Keep
from zoo_mamba_selectivity.data.mqar import Recall
from zoo_mamba_selectivity.data.sequences import Batch
from zoo_mamba_selectivity.data.signals import HaarSignals
from zoo_mamba_selectivity.exact.haar import ExactHaar
from zoo_mamba_selectivity.exact.keepnth import ExactKeepNth
from zoo_mamba_selectivity.exact.recall import ExactRecall
from zoo_mamba_selectivity.haar.layers import HaarLayer
from zoo_mamba_selectivity.networks.keepnth import KeepNetwork
from zoo_mamba_selectivity.networks.recall import RecallNetwork
from zoo_mamba_selectivity.networks.sequence import SequenceNetwork

Progress = Callable[..., Any]
BETAS = (0.9, 0.95)
CLIP = 1.0


def build_recall(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return an `ExactRecall` for each run; data and the run's seed are not used."""
    return [construct(ExactRecall, config, "recall-exact").eval() for _ in runs]


def build_keepnth(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return an `ExactKeepNth` for each run; data and the run's seed are not used."""
    return [construct(ExactKeepNth, config, "keepnth-exact").eval() for _ in runs]


def build_haar(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return an `ExactHaar` for each run; data and the run's seed are not used."""
    return [construct(ExactHaar, config, "haar-exact").eval() for _ in runs]


def train_recall(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `RecallNetwork` on the stream of each run's MQAR; see `fit` for the schedule.

    Where `shortest` is below T, shorter sequences come first: T doubles from there on, with T/4
    pairs until there are as many as asked for, and `stage_updates` for each length but the last.
    Raises `BadInput` for other data.
    """
    modules: list[nn.Module] = []
    for run in runs:
        data = run.data
        if not isinstance(data, Recall):
            raise BadInput(f"A recall network learns MQAR, not from a {type(data).__name__}.")
        module = _drawn(RecallNetwork, "recall-network", run, config, vocabulary=data.vocabulary)
        for length in _lengths(data.length, config):
            task = replace(data, length=length, pairs=min(data.pairs, max(1, length // 4)))
            _stage(module, task, data.length, run, config, progress)
        modules.append(module.eval())
    return modules


def train_keep(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `KeepNetwork` on the stream of each run's keep-n-th; see `fit` for the schedule.

    Shorter sequences come first: T doubles from `shortest`, n keeps its share of it, and time
    runs from 0 to 1 in each, so that what one length has taught is a start for the next.
    `stage_updates` are made for each length but the last. Without this nothing is learned
    from long sequences: where all tokens weigh alike, one among 256 is lost in the noise.
    Raises `BadInput` for other data.
    """
    modules: list[nn.Module] = []
    for run in runs:
        data = run.data
        if not isinstance(data, Keep):
            raise BadInput(f"A keep network learns keep-n-th, not from a {type(data).__name__}.")
        given = {"position": data.position, "length": data.length}
        module = _drawn(
            KeepNetwork, "keep-network", run, config, vocabulary=data.vocabulary, **given
        )
        for length in _lengths(data.length, config):
            task = replace(data, length=length, position=data.position * length // data.length)
            module.length = length
            _stage(module, task, data.length, run, config, progress)
        modules.append(module.eval())
    return modules


def train_layer(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `HaarLayer` for each run, of the data's length and coefficients.

    Adam minimises the squared error on `updates` batches of `batch_size` fresh signals, with the
    schedule of `fit`. The rate is `step_lr` times as large for the step's projection of S6, whose
    entries are hundreds of times as large. No weight decay. Raises `BadInput` for other data.
    """
    modules: list[nn.Module] = []
    for run in runs:
        data = run.data
        if not isinstance(data, HaarSignals):
            raise BadInput(f"A Haar layer learns from signals, not from a {type(data).__name__}.")
        given = {"length": data.length, "coefficients": list(data.rows)}
        module = _drawn(HaarLayer, "haar-layer", run, config, **given)
        named = list(module.named_parameters())
        groups = [
            {"params": [p for name, p in named if "to_delta" not in name], "lr": config["lr"]}
        ]
        if steep := [p for name, p in named if "to_delta" in name]:
            groups.append({"params": steep, "lr": config["step_lr"] * config["lr"]})
        optimizer = torch.optim.Adam(groups, betas=BETAS)
        losses = _squared_errors(module, data, data.stream(run.seed, config["batch_size"]))
        _descend(module, optimizer, losses, config, progress)
        modules.append(module.eval())
    return modules


def fit(
    module: SequenceNetwork,
    batches: Iterator[Batch],
    config: Mapping[str, Any],
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
        groups, lr=config["lr"], betas=BETAS, weight_decay=config["weight_decay"], fused=True
    )
    _descend(module, optimizer, _cross_entropies(module, batches), config, progress)


def _drawn(
    cls: type[nn.Module], name: str, run: Run, config: Mapping[str, Any], **given: Any
) -> Any:
    """Return an untrained module, drawn with the run's seed; `given` is what its data decide."""
    own = constructor_part(registry().architecture(name), config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        return construct(cls, {**own, **given}, name)


def _lengths(length: int, config: Mapping[str, Any]) -> list[int]:
    """Return the lengths that are trained on, `shortest` doubled up to `length`."""
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
    """Train on one length of the sequences, of which `length` is the last."""
    updates = config["updates" if task.length == length else "stage_updates"]
    batches = task.stream(run.seed, config["batch_size"])
    fit(module, batches, {**config, "updates": updates}, progress)


def _cross_entropies(module: SequenceNetwork, batches: Iterator[Batch]) -> Iterator[Tensor]:
    """Yield the loss of each batch where something is asked, when its turn comes."""
    for batch in batches:
        places, answers = (torch.from_numpy(array) for array in batch.queries())
        logits = module(torch.from_numpy(batch.tokens), places)
        yield cross_entropy(logits.flatten(0, 1), answers.flatten())


def _squared_errors(
    module: HaarLayer, data: HaarSignals, batches: Iterator[np.ndarray]
) -> Iterator[Tensor]:
    """Yield the mean squared error of each batch of signals, when its turn comes."""
    for x in batches:
        wanted = torch.from_numpy(data.targets(x)).float()
        yield (module(torch.from_numpy(x).float()) - wanted).square().mean()


def _descend(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    losses: Iterator[Tensor],
    config: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Take a step down each of `updates` losses, at rates and with gradients as `fit` says."""
    updates, warmup = config["updates"], config["warmup"]
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
