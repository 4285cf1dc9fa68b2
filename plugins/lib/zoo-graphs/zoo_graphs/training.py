"""Training node classifiers: untrained modules from a run, and the loop over a whole graph."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from zoo_core.interfaces import Run
from zoo_graphs.node_classifier import GraphNetwork, NodeClassifier

TRAINING_KEYS = ("lr", "weight_decay", "epochs")
_DENSE_FEATURES = 0.05  # density above which a dense feature matrix multiplies faster

Progress = Callable[..., Any]


def constructor_arguments(
    architecture: type[NodeClassifier], config: Mapping[str, Any], data: Any
) -> dict[str, Any]:
    """The full constructor arguments: ``config`` without training keys, and what ``data`` says.

    ``own_nodes: true`` becomes the number of nodes.
    """
    arguments = {key: value for key, value in config.items() if key not in TRAINING_KEYS}
    arguments |= {
        "in_features": data.num_features,
        "num_classes": data.num_classes,
        "class_names": [str(name) for name in data.class_names],
    }
    if "own_nodes" in inspect.signature(architecture).parameters:
        arguments["own_nodes"] = data.num_nodes if arguments.get("own_nodes") else 0
    return arguments


def create_untrained(
    architecture: type[NodeClassifier], config: Mapping[str, Any], run: Run
) -> Any:
    """An untrained module, initialised from the run's seed alone, with its ``config``."""
    if config.get("epochs", 1) < 1:
        raise ValueError(f"epochs is {config['epochs']}; expected 1 or more.")
    arguments = constructor_arguments(architecture, config, run.data)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        module: Any = architecture(**arguments)
    module.config = arguments
    return module


def graph_tensors(data: Any) -> tuple[Tensor, Tensor, Tensor | None]:
    """Edges, features (dense where that multiplies faster) and edge weights of a graph."""
    features = data.feature_tensor(torch.float32)
    if data.features.nnz > _DENSE_FEATURES * data.num_nodes * data.num_features:
        features = features.to_dense()
    weight = None if data.edge_weights is None else torch.from_numpy(data.edge_weights)
    return torch.from_numpy(data.edges), features, weight


def train_networks(
    architecture: type[GraphNetwork],
    runs: Sequence[Run],
    config: Mapping[str, Any],
    progress: Progress,
) -> list[nn.Module]:
    """Train networks on the whole graph, one run after the other, the loss on training nodes.

    `config` may have ``epochs`` (100), ``lr`` (0.01) and ``weight_decay`` (5e-4) for Adam; the rest
    is the constructor's. The weights returned are those of the first epoch of highest validation
    accuracy. Test nodes are never looked at.
    """
    epochs = config.get("epochs", 100)
    steps = iter(progress(range(epochs * len(runs)), desc=f"training {architecture.__name__}"))
    models = [_train_network(architecture, run, config, epochs, steps) for run in runs]
    next(steps, None)  # lets a progress bar finish
    return models


def _train_network(
    architecture: type[GraphNetwork], run: Run, config: Mapping[str, Any], epochs: int, steps: Any
) -> nn.Module:
    model: Any = create_untrained(architecture, config, run)
    model.prepare(run.data)
    edges, features, weight = graph_tensors(run.data)
    operator = model.graph_operator(edges, features, weight)
    labels = torch.as_tensor(run.data.labels).long()
    train, val = (torch.from_numpy(run.data.masks[s].nonzero()[0]) for s in ("train", "val"))
    optimizer = torch.optim.Adam(
        model.parameters(),
        lr=config.get("lr", 0.01),
        weight_decay=config.get("weight_decay", 5e-4),
        fused=True,
    )
    best, kept = -1.0, copy.deepcopy(model.state_dict())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)  # dropout draws from the global generator
        for _ in range(epochs):
            next(steps)
            model.train()
            logits = model.propagate(operator, features)[train]
            optimizer.zero_grad()
            cross_entropy(logits, labels[train]).backward()
            optimizer.step()
            with torch.no_grad():
                logits = model.eval().propagate(operator, features)[val]
            accuracy = (logits.argmax(dim=1) == labels[val]).double().mean().item()
            if accuracy > best:
                best, kept = accuracy, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return model.eval()
