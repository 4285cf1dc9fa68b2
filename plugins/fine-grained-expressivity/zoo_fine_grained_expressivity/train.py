"""The recipes: keep references, fit a head on tree densities, train a network; or nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
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

from zoo_core import BadInput, Run
from zoo_core.building import construct
from zoo_core.models import constructor_part
from zoo_core.registry import registry
from zoo_fine_grained_expressivity.idm.metric import IDMDistance
from zoo_fine_grained_expressivity.idm.nearest import IDMNearest
from zoo_fine_grained_expressivity.networks.inputs import Inputs, to_tensors
from zoo_fine_grained_expressivity.networks.layers import Standardisation
from zoo_fine_grained_expressivity.networks.network import GraphNetwork
from zoo_fine_grained_expressivity.trees.classifier import TreeHomClassifier
from zoo_fine_grained_expressivity.trees.homomorphisms import densities

Progress = Callable[..., Any]
GRID = tuple(10.0**power for power in range(-2, 4))
INNER_FOLDS = 5
_ITERATIONS = 10_000
_PATIENCE, _FACTOR, _LEAST_LR = 5, 0.5, 1e-6


def train_nothing(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return the distance as it is: a pure algorithm has nothing to fit."""
    return [construct(IDMDistance, dict(config), "idm-metric").eval() for _ in runs]


def train_nearest(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Keep the training graphs of each run as references. Nothing is random."""
    modules = []
    for run in progress(runs, desc="runs"):
        part = _training_part(run.data)
        given = {
            **config,
            "num_classes": part.num_classes,
            "num_graphs": part.num_graphs,
            "num_edges": part.num_edges,
            "class_names": list(part.class_names),
        }
        module: Any = construct(IDMNearest, given, "idm-nearest")
        module.keep(part)
        modules.append(module.eval())
    return modules


def train_tree_head(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Fit a logistic regression on standardised tree densities of each run's training graphs.

    Of `GRID`, the penalty with the best accuracy in five-fold cross-validation among the training
    graphs is taken. Nothing is random.
    """
    modules = []
    for run in progress(runs, desc="runs"):
        part = _training_part(run.data)
        given = {
            **config,
            "num_classes": part.num_classes,
            "class_names": list(part.class_names),
        }
        module: Any = construct(TreeHomClassifier, given, "tree-densities")
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
        modules.append(module.eval())
    return modules


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


def train_networks(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `GraphNetwork` on the training graphs of each run.

    A tenth of them, stratified, is kept for validation. Adam with batches of ``batch_size`` graphs
    minimises the cross-entropy for at most ``epochs``; the rate ``lr`` is halved when the
    validation loss has not fallen for six epochs. The weights returned are those of the highest
    validation accuracy, and among equals of the lowest validation loss.

    With ``trained`` false only the head is trained. BatchNorm and the standardisation then have the
    statistics of one pass over the training graphs, so that embeddings are computed once. (The
    paper's own code lets BatchNorm adapt to batches while it trains the head.)

    Raises `BadInput` for data that are no labelled set of graphs.
    """
    return [_train(run, config) for run in progress(runs, desc="runs")]


def create_untrained(run: Run, config: Mapping[str, Any]) -> GraphNetwork:
    """Return a network that fits a run's data, drawn with the run's seed; raises `BadInput`."""
    data = run.data
    if not isinstance(data, GraphSet) or data.labels is None:
        raise BadInput("A graph network learns from a labelled set of graphs; give one.")
    given = {
        "in_features": 1 if data.node_labels is None else int(data.node_labels.max()) + 1,
        "num_classes": data.num_classes,
        "class_names": list(data.class_names),
        "label_names": list(data.node_label_names) or None,
    }
    name = f"mpnn-{config['convolution']}"
    full = {**constructor_part(registry().architecture(name), config), **given}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        module = construct(GraphNetwork, full, name)
    assert isinstance(module, GraphNetwork)
    return module


def _train(run: Run, config: Mapping[str, Any]) -> GraphNetwork:
    module = create_untrained(run, config)
    data = run.data.as_directed()  # once, and not for each batch
    train = data.splits["train"]
    inner = stratified_split(data.labels[train], run.seed)
    fitting, validation = train[inner["train"]], train[inner["test"]]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        if module.trained:

            def logits(graphs: np.ndarray) -> Tensor:
                found: Tensor = module(*_inputs(data, graphs, module))
                return found

            fit(module, logits, data.labels, fitting, validation, config)
        else:
            known = np.concatenate([fitting, validation])
            table = torch.empty(data.num_graphs, module.hidden)
            set_statistics(module, _inputs(data, fitting, module))
            with torch.no_grad():
                inputs = _inputs(data, known, module)
                table[known] = module.standardise(module.embed(*inputs))
            head = module.head
            fit(head, lambda graphs: head(table[graphs]), data.labels, fitting, validation, config)
    return module.eval()


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
    module.embed(*inputs)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    module.eval()
    if isinstance(module.standardise, Standardisation):
        module.standardise.store(module.embed(*inputs))


def fit(
    part: nn.Module,
    logits: Callable[[np.ndarray], Tensor],
    labels: np.ndarray,
    fitting: np.ndarray,
    validation: np.ndarray,
    config: Mapping[str, Any],
) -> None:
    """Train the parameters of a module in place; see `train_networks` for the schedule.

    `part` is set to training mode and back; `logits` gives the logits (k, C) of the graphs with
    these indices (k,). Of `labels` (g,), the classes of all graphs, those of two index arrays are
    read: the loss is minimised on `fitting`, and `validation` chooses rate and epoch. `config` has
    ``lr``, ``weight_decay``, ``batch_size`` and ``epochs``.
    """
    optimizer = torch.optim.Adam(
        part.parameters(), lr=config["lr"], weight_decay=config["weight_decay"], fused=True
    )
    scheduler = ReduceLROnPlateau(optimizer, factor=_FACTOR, patience=_PATIENCE)
    targets = torch.from_numpy(labels[validation])
    best, kept = (-1.0, 0.0), copy.deepcopy(part.state_dict())
    for _ in range(config["epochs"]):
        part.train()
        for batch in torch.split(torch.randperm(len(fitting)), config["batch_size"]):
            if len(batch) == 1:
                continue  # BatchNorm has no variance over one graph
            chosen = fitting[batch.numpy()]
            optimizer.zero_grad()
            loss = cross_entropy(logits(chosen), torch.from_numpy(labels[chosen]))
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
