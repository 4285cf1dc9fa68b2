"""The recipes: keep references, fit a head on tree densities, train a network; or nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import ReduceLROnPlateau
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stratified import stratified_split

from zoo_core import BadInput, Run, device_of_module
from zoo_fine_grained_expressivity.idm.nearest import IDMNearest
from zoo_fine_grained_expressivity.networks.inputs import Inputs, to_tensors
from zoo_fine_grained_expressivity.networks.layers import Standardisation
from zoo_fine_grained_expressivity.networks.network import GraphNetwork
from zoo_fine_grained_expressivity.trees.classifier import TreeHomClassifier
from zoo_fine_grained_expressivity.trees.homomorphisms import densities

Progress = Callable[..., Any]
GRID = tuple(10.0**power for power in range(-2, 4))
INNER_FOLDS = 5
MAX_LABELS = 1_000
"""Inputs of a network: node labels are read one-hot."""
_ITERATIONS = 10_000
_PATIENCE, _FACTOR, _LEAST_LR = 5, 0.5, 1e-6


def train_nearest(run: Run, progress: Progress) -> IDMNearest:
    """Keep the training graphs as references. Nothing is random."""
    part = _training_part(run.data)
    module: IDMNearest = run.make(
        num_classes=part.num_classes,
        num_graphs=part.num_graphs,
        num_edges=part.num_edges,
        class_names=list(part.class_names),
    )
    module.keep(part)
    return module


def train_tree_head(run: Run, progress: Progress) -> TreeHomClassifier:
    """Fit a logistic regression on standardised tree densities of the training graphs.

    Of `GRID`, the penalty with the best accuracy in five-fold cross-validation among the training
    graphs is taken. Nothing is random.
    """
    part = _training_part(run.data)
    module: TreeHomClassifier = run.make(
        num_classes=part.num_classes, class_names=list(part.class_names)
    )
    found = densities(part, module.trees)
    mean, deviation = found.mean(axis=0), found.std(axis=0)
    # A density that all graphs share says nothing, and is left at 0.
    deviation = np.where(deviation > 0, deviation, 1.0)
    search = GridSearchCV(LogisticRegression(max_iter=_ITERATIONS), {"C": GRID}, cv=INNER_FOLDS)
    best = search.fit((found - mean) / deviation, part.labels).best_estimator_
    with torch.no_grad():
        module.mean.copy_(torch.from_numpy(mean))
        module.deviation.copy_(torch.from_numpy(deviation))
        _write_head(module.head, best)
    return module


def _write_head(head: nn.Linear, fitted: LogisticRegression) -> None:
    """Copy a fitted regression, which has one row of weights for two classes, into a layer."""
    weight, bias = fitted.coef_, fitted.intercept_
    if len(weight) == 1:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    head.weight.copy_(torch.from_numpy(weight))
    head.bias.copy_(torch.from_numpy(bias))


def _training_part(data: Any) -> GraphSet:
    if not isinstance(data, GraphSet) or data.labels is None or "train" not in data.splits:
        raise BadInput("A graph classifier learns from a labelled set of graphs; give one.")
    return data.select(data.splits["train"])


def train_networks(run: Run, progress: Progress) -> GraphNetwork:
    """Train a `GraphNetwork` on the training graphs.

    A tenth of them, stratified, is kept for validation. Adam with batches of ``batch_size`` graphs
    minimises the cross-entropy for at most ``epochs``; the rate ``lr`` is halved when the
    validation loss has not fallen for six epochs. The weights returned are those of the highest
    validation accuracy, and among equals of the lowest validation loss.

    With ``trained`` false only the head is trained. BatchNorm and the standardisation then have the
    statistics of one pass over the training graphs, so that embeddings are computed once. (The
    paper's own code lets BatchNorm adapt to batches while it trains the head.)

    Raises `BadInput` for data that are no labelled set of graphs.
    """
    module: GraphNetwork = run.make(**shape_for(run.data))
    data = run.data.as_directed()  # once, and not for each batch
    train = data.splits["train"]
    inner = stratified_split(data.labels[train], run.seed)
    fitting, validation = train[inner["train"]], train[inner["test"]]
    part, logits = _trainable(module, data, fitting, validation)
    torch.manual_seed(run.seed)
    fit(part, logits, data.labels, fitting, validation, run.recipe, progress)
    return module


def shape_for(data: Any) -> dict[str, Any]:
    """Return the shape of a network that data decide; raises `BadInput` for unusable ones."""
    if not isinstance(data, GraphSet) or data.labels is None:
        raise BadInput("A graph network learns from a labelled set of graphs; give one.")
    width = 1 if data.node_labels is None else int(data.node_labels.max()) + 1
    if width > MAX_LABELS or (data.node_labels is not None and data.node_labels.min() < 0):
        raise BadInput(
            f"The node labels of {data.name} are numbers up to {width - 1}, and a network has one "
            f"input for each from 0, at most {MAX_LABELS}; number them from 0, or give texts."
        )
    return {
        "in_features": width,
        "num_classes": data.num_classes,
        "class_names": list(data.class_names),
        "label_names": list(data.node_label_names) or None,
    }


def _trainable(
    module: GraphNetwork, data: GraphSet, fitting: np.ndarray, validation: np.ndarray
) -> tuple[nn.Module, Callable[[np.ndarray], Tensor]]:
    """Return what is trained of a network, and how logits are computed of graphs' indices."""
    if module.trained:
        return module, lambda graphs: module(*_inputs(data, graphs, module))
    known = np.concatenate([fitting, validation])
    set_statistics(module, _inputs(data, fitting, module))
    with torch.no_grad():
        embeddings = module.standardise(module.pooled(*_inputs(data, known, module)))
    table = embeddings.new_empty(data.num_graphs, module.hidden)
    table[known] = embeddings
    head = module.head
    return head, lambda graphs: head(table[graphs])


def _inputs(data: GraphSet, graphs: np.ndarray, module: GraphNetwork) -> Inputs:
    return to_tensors(data.select(graphs), module.in_features)


@torch.no_grad()
def set_statistics(module: GraphNetwork, inputs: Inputs) -> None:
    """Store the statistics of one batch in all normalising layers, and set eval mode."""
    norms = [part for part in module.modules() if isinstance(part, nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a cumulative mean, over one batch
    module.train()
    module.pooled(*inputs)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    module.eval()
    if isinstance(module.standardise, Standardisation):
        module.standardise.store(module.pooled(*inputs))


def fit(
    part: nn.Module,
    logits: Callable[[np.ndarray], Tensor],
    labels: np.ndarray,
    fitting: np.ndarray,
    validation: np.ndarray,
    recipe: Mapping[str, Any],
    progress: Progress = lambda items, **_: items,
) -> None:
    """Train the parameters of a module in place; see `train_networks` for the schedule.

    `part` is set to training mode and back; `logits` gives the logits (k, C) of the graphs with
    these indices (k,). Of `labels` (g,), the classes of all graphs, those of two index arrays are
    read: the loss is minimised on `fitting`, and `validation` chooses rate and epoch. `recipe` has
    ``lr``, ``weight_decay``, ``batch_size`` and ``epochs``.
    """
    optimizer = torch.optim.Adam(
        part.parameters(), lr=recipe["lr"], weight_decay=recipe["weight_decay"], fused=True
    )
    scheduler = ReduceLROnPlateau(optimizer, factor=_FACTOR, patience=_PATIENCE)
    device = device_of_module(part)

    def classes(graphs: np.ndarray) -> Tensor:
        return torch.from_numpy(labels[graphs]).to(device)

    targets = classes(validation)
    best, kept = (-1.0, 0.0), copy.deepcopy(part.state_dict())
    for _ in progress(range(recipe["epochs"]), desc="epochs"):
        part.train()
        for batch in torch.split(torch.randperm(len(fitting)), recipe["batch_size"]):
            if len(batch) == 1:
                continue  # BatchNorm has no variance over one graph
            chosen = fitting[batch.numpy()]
            optimizer.zero_grad()
            loss = cross_entropy(logits(chosen), classes(chosen))
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            optimizer.step()
        part.eval()
        with torch.no_grad():
            found = logits(validation)
        missed = float(cross_entropy(found, targets))
        score = (float((found.argmax(dim=1) == targets).double().mean()), -missed)
        if score > best:
            best, kept = score, copy.deepcopy(part.state_dict())
        scheduler.step(missed)
        if optimizer.param_groups[0]["lr"] < _LEAST_LR:
            break
    part.load_state_dict(kept)
