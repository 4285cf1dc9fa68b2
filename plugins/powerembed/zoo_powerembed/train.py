"""The recipes that make the weights: one function per architecture, all folds in one call.

PowerEmbed's graph work is done once, without labels; what is trained is a readout of dense (n, k)
matrices. Readouts of several folds train together, as batched matrix products over weights
(folds, out, in): Adam works elementwise and the losses are summed, so each fold goes exactly the
way that it would go alone, only faster. The other networks train one fold after the other.

Every recipe is called as `train(runs, config, progress)`: runs have `data` (a Graph with masks) and
`seed`; `config` holds constructor arguments without those that the data determine (see
`zoo_graphs.training.constructor_arguments`), and optionally "lr", "weight_decay", "epochs";
`progress` is called like `tqdm.tqdm`. The weights returned are those of the first epoch of highest
validation accuracy. Test nodes are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from zoo_graphs.operators import operator_matrix
from zoo_graphs.spectral import leading_eigenvectors, leading_singular
from zoo_graphs.training import (
    TRAINING_KEYS,
    Progress,
    create_untrained,
    graph_tensors,
    train_networks,
)

from zoo_core import Run
from zoo_powerembed.baselines.ase import AX, ASEClassifier
from zoo_powerembed.baselines.gcn import GCN
from zoo_powerembed.baselines.gcnii import GCNII
from zoo_powerembed.baselines.gprgnn import GPRGNN
from zoo_powerembed.baselines.jknet import JKNet
from zoo_powerembed.baselines.mlp import NodeMLP
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.readout import InceptionReadout
from zoo_powerembed.stacked import StackedReadout

CHUNK_BYTES = 128 * 2**20  # of activations and weights trained at once; see _chunk_size
Trainer = Callable[[Sequence[Run], Mapping[str, Any], Progress], list[nn.Module]]


def train_powerembed(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train PowerEmbed, SGC, SIGN or Cov(X) readouts, all runs batched.

    Defaults: lr 0.01, weight decay 0, 100 epochs, as in the paper.
    """
    prepared: dict[str, tuple[Tensor | None, list[Tensor]]] = {}
    models, inputs = [], []
    for run in runs:
        model = create_untrained(PowerEmbed, config, run)
        key = run.data.fingerprint()
        if key not in prepared:
            prepared[key] = _power_inputs(model, run.data)
        projection, representations = prepared[key]
        if projection is not None:
            model.projection = projection.clone()
        if model.own_representations is not None:
            model.own_representations = torch.stack(representations)
        models.append(model)
        inputs.append(representations)
    return _train_readouts(models, inputs, runs, config, progress)


def train_ase(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `ASEClassifier`, all runs batched; defaults as for PowerEmbed."""
    return _train_spectral(ASEClassifier, runs, config, progress)


def train_ax(runs: Sequence[Run], config: Mapping[str, Any], progress: Progress) -> list[nn.Module]:
    """Train `AX`, all runs batched; defaults as for PowerEmbed."""
    return _train_spectral(AX, runs, config, progress)


def train_mlp(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `NodeMLP`. Defaults: lr 0.01, weight decay 5e-4, 100 epochs."""
    return train_networks(NodeMLP, runs, config, progress)


def train_gcn(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `GCN`. Defaults: lr 0.01, weight decay 5e-4, 100 epochs."""
    return train_networks(GCN, runs, config, progress)


def train_gprgnn(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `GPRGNN`. Defaults: lr 0.01, weight decay 5e-4, 100 epochs."""
    return train_networks(GPRGNN, runs, config, progress)


def train_gcnii(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `GCNII`. Defaults: lr 0.01, weight decay 5e-4, 100 epochs."""
    return train_networks(GCNII, runs, config, progress)


def train_jknet(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train `JKNet`. Defaults as for PowerEmbed: lr 0.01, weight decay 0, 100 epochs."""
    return train_networks(JKNet, runs, {"weight_decay": 0.0, **config}, progress)


@dataclass(frozen=True)
class Fold:
    """What the training of one readout needs: its inputs, its two splits, and a seed."""

    representations: Sequence[Tensor]  # (n, k) each
    labels: Tensor  # (n,)
    train: Tensor  # node indices
    val: Tensor  # node indices
    seed: int


def fit_readouts(
    readouts: Sequence[InceptionReadout],
    folds: Sequence[Fold],
    *,
    lr: float = 0.01,
    weight_decay: float = 0.0,
    epochs: int = 100,
    progress: Progress,
    desc: str = "training",
) -> list[float]:
    """Train readouts of equal architecture in place, one per fold, batched in chunks of folds.

    Return the validation accuracy of each fold at its selected epoch.
    """
    size = _chunk_size(readouts[0], folds)
    starts = range(0, len(folds), size)
    steps = iter(progress(range(epochs * len(starts)), desc=desc))
    accuracies: list[float] = []
    for start in starts:
        part = slice(start, start + size)
        stacked = StackedReadout(readouts[part])
        accuracies += _fit_chunk(stacked, folds[part], lr, weight_decay, epochs, steps)
        stacked.unstack(readouts[part])
    next(steps, None)  # lets a progress bar finish
    return accuracies


def _fit_chunk(
    stacked: StackedReadout,
    folds: Sequence[Fold],
    lr: float,
    weight_decay: float,
    epochs: int,
    steps: Any,
) -> list[float]:
    """Train one chunk of folds and leave the best weights in `stacked`."""
    inputs, labels, present = _gather(folds, [fold.train for fold in folds])
    checks, check_labels, checked = _gather(folds, [fold.val for fold in folds])
    # A padded row gets the label that the loss ignores; every fold's loss is its own mean.
    targets = labels.masked_fill(~present, -100)
    weights = present.sum(dim=1, keepdim=True).reciprocal().expand_as(labels)[present]
    generators = [torch.Generator().manual_seed(fold.seed) for fold in folds]
    counts = present.sum(dim=1).tolist()
    parameters = list(stacked.parameters())
    optimizer = torch.optim.Adam(parameters, lr=lr, weight_decay=weight_decay, fused=True)
    best = torch.full((len(folds),), -1.0)
    kept = [parameter.detach().clone() for parameter in parameters]
    for _ in range(epochs):
        next(steps)
        logits = stacked(inputs, stacked.dropout_masks(counts, generators))
        loss = (cross_entropy(logits[present], targets[present], reduction="none") * weights).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        optimizer.step()
        with torch.no_grad():
            correct = (stacked(checks).argmax(dim=-1) == check_labels) & checked
            accuracy = correct.sum(dim=1) / checked.sum(dim=1)
            better = accuracy > best
            best = torch.where(better, accuracy, best)
            for fold in better.nonzero().flatten().tolist():
                for saved, parameter in zip(kept, parameters, strict=True):
                    saved[fold] = parameter[fold]
    with torch.no_grad():
        for saved, parameter in zip(kept, parameters, strict=True):
            parameter.copy_(saved)
    return best.tolist()


def _gather(folds: Sequence[Fold], nodes: Sequence[Tensor]) -> tuple[list[Tensor], Tensor, Tensor]:
    """Return rows of each fold's inputs and labels at its nodes, padded to the largest fold.

    They are inputs (S, m, k) each, labels (S, m), and the mask (S, m) of rows that are not padding.
    """
    pad = nn.utils.rnn.pad_sequence
    pairs = list(zip(folds, nodes, strict=True))
    inputs = [
        pad([fold.representations[hop][chosen] for fold, chosen in pairs], batch_first=True)
        for hop in range(len(folds[0].representations))
    ]
    labels = pad([fold.labels[chosen] for fold, chosen in pairs], batch_first=True)
    present = pad([torch.ones_like(chosen, dtype=torch.bool) for chosen in nodes], batch_first=True)
    return inputs, labels, present


def _chunk_size(readout: InceptionReadout, folds: Sequence[Fold]) -> int:
    """Return how many folds to train at once.

    Batching pays where one fold's matrices are too small to keep the processor busy; it costs where
    the activations of all folds no longer fit its cache. Hence a budget.
    """
    nodes = max(len(fold.train) + len(fold.val) for fold in folds)
    widths = sum(p.shape[0] for p in readout.parameters() if p.dim() == 2)
    weights = sum(p.numel() for p in readout.parameters())
    return max(1, int(CHUNK_BYTES // (4 * (4 * nodes * widths + 5 * weights))))


def _train_readouts(
    models: Sequence[Any],
    inputs: Sequence[Sequence[Tensor]],
    runs: Sequence[Run],
    config: Mapping[str, Any],
    progress: Progress,
) -> list[nn.Module]:
    """Train the readouts of models whose inputs are fixed representations."""
    folds = [make_fold(run, given) for run, given in zip(runs, inputs, strict=True)]
    options = {key: config[key] for key in TRAINING_KEYS if key in config}
    fit_readouts([model.readout for model in models], folds, progress=progress, **options)
    return [model.eval() for model in models]


def make_fold(run: Run, representations: Sequence[Tensor]) -> Fold:
    """Return the fold of a run, given the representations of its graph."""
    masks = run.data.masks
    train, val = (torch.from_numpy(masks[split].nonzero()[0]) for split in ("train", "val"))
    labels = torch.as_tensor(run.data.labels).long()
    return Fold(representations, labels, train, val, run.seed)


@torch.no_grad()
def _power_inputs(model: PowerEmbed, data: Any) -> tuple[Tensor | None, list[Tensor]]:
    """Return B and the iterates that the model reads, for the graph of a run."""
    projection = None
    if model.projection is not None:
        projection = leading_singular(data.features, model.k)[1].to(model.projection.dtype)
        model.projection = projection
    edges, features, weight = graph_tensors(data)
    return projection, model.embed(edges, features, weight)


def _train_spectral(
    architecture: type[ASEClassifier],
    runs: Sequence[Run],
    config: Mapping[str, Any],
    progress: Progress,
) -> list[nn.Module]:
    prepared: dict[str, Tensor] = {}
    models, inputs = [], []
    for run in runs:
        model = create_untrained(architecture, {**config, "own_nodes": True}, run)
        key = run.data.fingerprint()
        if key not in prepared:
            prepared[key] = _spectral_inputs(model, run.data)
        model.own_representations = prepared[key].clone()
        models.append(model)
        inputs.append(list(model.own_representations))
    return _train_readouts(models, inputs, runs, config, progress)


def _spectral_inputs(model: ASEClassifier, data: Any) -> Tensor:
    """Return (inputs, n, k): eigenvectors of A + I, and for two inputs singular vectors of X."""
    count, nodes, k = model.own_representations.shape
    edges, _, weight = graph_tensors(data)
    operator = operator_matrix(edges, nodes, "adj", edge_weight=weight)
    found = [leading_eigenvectors(operator, k)[1]]
    if count == 2:
        found.append(leading_singular(data.features, k)[0])
    return torch.stack(found).to(model.own_representations.dtype)
