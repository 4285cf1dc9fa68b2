"""The recipes that make the weights of PowerEmbed and of its spectral baselines, runs batched.

The graph work is done once, without labels; what is trained is a readout of dense (n, k) matrices.
Readouts of several folds train together, as batched matrix products over weights (folds, out, in):
Adam works elementwise and the losses are summed, so each fold goes exactly the way that it would go
alone, only faster. The other networks train one by one, by `zoo_graphs.training.train_network`.

Runs have a `zoo_graphs.graph.Graph` with labels and masks as data; the recipe has "lr",
"weight_decay" and "epochs". The weights returned are those of the first epoch of highest validation
accuracy. Test nodes are never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_graphs.recognition import fingerprint
from zoo_graphs.spectral import leading_eigenvectors, leading_singular
from zoo_graphs.training import Progress, graph_tensors, make_module

from zoo_core import Run, device_of_module, notice
from zoo_powerembed.baselines.ase import ASEClassifier
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.readout import InceptionReadout
from zoo_powerembed.stacked import StackedReadout

CHUNK_BYTES = 128 * 2**20  # of activations and weights trained at once; see _chunk_size


def train_powerembed(runs: Sequence[Run], progress: Progress) -> list[nn.Module]:
    """Train PowerEmbed, SGC, SIGN or Cov(X) readouts, all runs batched."""
    prepared: dict[str, tuple[Tensor | None, list[Tensor]]] = {}
    models: list[PowerEmbed] = []
    inputs = []
    for run in runs:
        columns = _columns(run, min(run.data.features.shape))
        model: PowerEmbed = make_module(run, train_nodes=run.data.num_nodes, **columns)
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
    return _train_readouts(models, inputs, runs, progress)


def train_spectral(runs: Sequence[Run], progress: Progress) -> list[nn.Module]:
    """Train `ASEClassifier` or `AX`, all runs batched."""
    prepared: dict[str, Tensor] = {}
    models: list[ASEClassifier] = []
    for run in runs:
        limit = run.data.num_nodes - 1
        known = {"own_nodes": True, "fingerprint": fingerprint(run.data)}
        model: ASEClassifier = make_module(run, **known, **_columns(run, limit))
        if len(model.own_representations) == 2:  # singular vectors of the features too
            limit = min(limit, run.data.num_features)
            model = make_module(run, **known, **_columns(run, limit))
        key = run.data.fingerprint()
        if key not in prepared:
            prepared[key] = _spectral_inputs(model, run.data)
        model.own_representations = prepared[key].clone()
        models.append(model)
    inputs = [list(model.own_representations) for model in models]
    return _train_readouts(models, inputs, runs, progress)


def _columns(run: Run, limit: int) -> dict[str, int]:
    """Return the k to make a module with where the recipe's is more than the graph has."""
    k = run.shape.get("k", limit)
    if k <= limit or run.shape.get("project") == "identity":
        return {}
    notice(f"k = {k} is more than {run.data.name} has of leading vectors; {limit} are taken.")
    return {"k": limit}


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

    Return the validation accuracy of each fold at its selected epoch. Raises `ValueError` for no
    epoch.
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}; expected 1 or more.")
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
    best = torch.full((len(folds),), -1.0, device=labels.device)
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
    models: Sequence[PowerEmbed | ASEClassifier],
    inputs: Sequence[Sequence[Tensor]],
    runs: Sequence[Run],
    progress: Progress,
) -> list[nn.Module]:
    """Train the readouts of models whose inputs are fixed representations."""
    folds = [make_fold(run.data, given, run.seed) for run, given in zip(runs, inputs, strict=True)]
    readouts = [model.readout for model in models]
    fit_readouts(readouts, folds, progress=progress, **runs[0].recipe)
    return list(models)


def make_fold(data: Graph, representations: Sequence[Tensor], seed: int) -> Fold:
    """Return the fold of a graph with a split, given its representations."""
    device = representations[0].device
    train, val = (torch.from_numpy(data.split(s).indices).to(device) for s in ("train", "val"))
    labels = torch.as_tensor(data.labels).long().to(device)
    return Fold(representations, labels, train, val, seed)


@torch.no_grad()
def _power_inputs(model: PowerEmbed, data: Graph) -> tuple[Tensor | None, list[Tensor]]:
    """Return B and the iterates that the model reads, for the graph of a run."""
    projection = None
    if model.projection is not None:
        projection = leading_singular(data.features, model.k)[1].to(model.projection)
        model.projection = projection
    return projection, model.representations(*graph_tensors(data, device_of_module(model)))


def _spectral_inputs(model: ASEClassifier, data: Graph) -> Tensor:
    """Return (inputs, n, k): eigenvectors of A + I, and for two inputs singular vectors of X."""
    count, nodes, k = model.own_representations.shape
    edges, _, weight = graph_tensors(data)
    operator = operator_matrix(edges, nodes, "adj", edge_weight=weight)
    found = [leading_eigenvectors(operator, k)[1]]
    if count == 2:
        found.append(leading_singular(data.features, k)[0])
    return torch.stack(found).to(model.own_representations)
