"""Training node classifiers: untrained modules from a run, and the loop over a whole graph."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from zoo_core import Run
from zoo_graphs.node_classifier import GraphNetwork, NodeClassifier

TRAINING_KEYS = ("lr", "weight_decay", "epochs")
STOPPING_KEYS = ("select", "patience", "tolerance")  # of `fit`
_DENSE_FEATURES = 0.05  # density above which a dense feature matrix multiplies faster

Progress = Callable[..., Any]


def constructor_arguments(
    architecture: type[NodeClassifier], config: Mapping[str, Any], data: Any
) -> dict[str, Any]:
    """Return the full constructor arguments: `config` without training keys, and what `data` says.

    `own_nodes: true` becomes the number of nodes.
    """
    training = (*TRAINING_KEYS, *STOPPING_KEYS)
    arguments = {key: value for key, value in config.items() if key not in training}
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
    """Return an untrained module, initialised from the run's seed alone, with its `config`."""
    if config.get("epochs", 1) < 1:
        raise ValueError(f"epochs is {config['epochs']}; expected 1 or more.")
    arguments = constructor_arguments(architecture, config, run.data)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        module: Any = architecture(**arguments)
    module.config = arguments
    return module


def graph_tensors(data: Any) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return edges, features (dense where that multiplies faster) and edge weights of a graph."""
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

    `config` may have "epochs" (100) and what `fit` reads; the rest is the constructor's. By default
    the weights returned are those of the first epoch of highest validation accuracy. Test nodes are
    never looked at.
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

    def logits(nodes: Tensor) -> Tensor:
        every: Tensor = model.propagate(operator, features)
        return every[nodes]

    return fit(model, logits, run, config, epochs, steps)


def fit(
    model: nn.Module,
    logits: Callable[[Tensor], Tensor],
    run: Run,
    config: Mapping[str, Any],
    epochs: int,
    steps: Any,
) -> nn.Module:
    """Train a module in place by Adam, the loss on training nodes, and return it in eval mode.

    `logits` gives the module's logits (m, C) of the nodes with these indices (m,). The data of
    `run` have labels and masks; test nodes are never looked at. Dropout draws from torch's
    generator, seeded with the run's seed. `steps` is an iterator that is advanced once for each of
    `epochs`, the highest number of them.

    `config` may have "lr" (0.01) and "weight_decay" (5e-4), and says when to stop. "select" is
    "val" (the first epoch of highest validation accuracy) or "last"; "patience" the number of
    epochs without a better one after which to stop (None: never); "tolerance" stops when the
    training loss moves by less between two epochs (None: never). Raises `ValueError` for an unknown
    "select", or patience below 1 or with "select" "last".
    """
    select, patience = config.get("select", "val"), config.get("patience")
    tolerance = config.get("tolerance")
    if select not in ("val", "last"):
        raise ValueError(f"select is {select!r}; expected one of val, last.")
    if patience is not None and (select == "last" or patience < 1):
        raise ValueError(f"patience is {patience}; expected 1 or more, and select 'val'.")
    labels = torch.as_tensor(run.data.labels).long()
    splits = ("train", "val") if select == "val" else ("train",)
    train, *rest = (torch.from_numpy(run.data.masks[s].nonzero()[0]) for s in splits)
    optimizer = torch.optim.Adam(
        model.parameters(),
        lr=config.get("lr", 0.01),
        weight_decay=config.get("weight_decay", 5e-4),
        fused=True,
    )
    best, waited, before, kept = -1.0, 0, math.inf, copy.deepcopy(model.state_dict())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        for epoch in range(epochs):
            next(steps)
            model.train()
            found = logits(train)
            optimizer.zero_grad()
            loss = cross_entropy(found, labels[train])
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            optimizer.step()
            for val in rest:
                with torch.no_grad():
                    model.eval()
                    found = logits(val)
                accuracy = (found.argmax(dim=1) == labels[val]).double().mean().item()
                waited += 1
                if accuracy > best:
                    best, waited, kept = accuracy, 0, copy.deepcopy(model.state_dict())
            still = tolerance is not None and abs(before - loss.item()) < tolerance
            before = loss.item()
            if still or waited == patience:
                for _ in range(epoch + 1, epochs):
                    next(steps)  # a progress bar counts the epochs that were spared as done
                break
    if rest:
        model.load_state_dict(kept)
    return model.eval()
