"""Training node classifiers: modules made from a graph, and the loop over all of it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from zoo_core import Run, device_of_module
from zoo_graphs.graph import Graph

Progress = Callable[..., Any]

_DENSE_FEATURES = 0.05  # density above which a dense feature matrix multiplies faster


def make_module(run: Run, **shape: Any) -> Any:
    """Return a run's untrained module, with what its graph decides: features and classes.

    `own_nodes` becomes the number of nodes where the run's shape (or `shape`, which updates it) has
    it and it is not false. Raises `BadInput` for a graph that the module does not take.
    """
    data: Graph = run.data
    shape = {**{key: run.shape[key] for key in ("own_nodes",) if key in run.shape}, **shape}
    if "own_nodes" in shape:
        shape["own_nodes"] = data.num_nodes if shape["own_nodes"] else 0
    module = run.make(
        in_features=data.num_features,
        num_classes=data.num_classes,
        class_names=list(data.class_names),
        **shape,
    )
    module.check_graph(data)
    return module


def graph_tensors(
    data: Graph, device: torch.device | None = None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return edges, features (dense where that multiplies faster) and edge weights of a graph."""
    features = data.feature_tensor(torch.float32)
    if data.features.nnz > _DENSE_FEATURES * data.num_nodes * data.num_features:
        features = features.to_dense()
    weight = None if data.edge_weights is None else torch.from_numpy(data.edge_weights).to(device)
    return torch.from_numpy(data.edges).to(device), features.to(device), weight


def train_network(run: Run, progress: Progress) -> nn.Module:
    """Train a `GraphNetwork` on the whole graph, the loss on its training nodes.

    The recipe of any such architecture; see `fit` for what it reads. Test nodes are never looked
    at.
    """
    model: Any = make_module(run)
    model.prepare(run.data)
    edges, features, weight = graph_tensors(run.data, device_of_module(model))
    operator = model.graph_operator(edges, features, weight)

    def logits(nodes: Tensor) -> Tensor:
        every: Tensor = model.propagate(operator, features)
        return every[nodes]

    return fit(model, logits, run, progress)


def fit(
    model: nn.Module, logits: Callable[[Tensor], Tensor], run: Run, progress: Progress
) -> nn.Module:
    """Train a module in place by Adam, the loss on training nodes, and return it in eval mode.

    `logits` gives the module's logits (m, C) of the nodes with these indices (m,). The data of
    `run` have labels and masks; test nodes are never looked at. Dropout draws from torch's
    generator, which is seeded with the run's seed once more.

    The recipe may have "epochs" (100), "lr" (0.01) and "weight_decay" (5e-4), and says when to
    stop. "select" is "val" (the first epoch of highest validation accuracy, the default) or "last";
    "patience" the number of epochs without a better one after which to stop (None: never);
    "tolerance" stops when the training loss moves by less between two epochs (None: never). Raises
    `ValueError` for no epoch, an unknown "select", or patience below 1 or with "select" "last".
    """
    recipe = run.recipe
    epochs, select = recipe.get("epochs", 100), recipe.get("select", "val")
    patience, tolerance = recipe.get("patience"), recipe.get("tolerance")
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}; expected 1 or more.")
    if select not in ("val", "last"):
        raise ValueError(f"select is {select!r}; expected one of val, last.")
    if patience is not None and (select == "last" or patience < 1):
        raise ValueError(f"patience is {patience}; expected 1 or more, and select 'val'.")
    device = device_of_module(model)
    labels = torch.as_tensor(run.data.labels).long().to(device)
    splits = ("train", "val") if select == "val" else ("train",)
    train, *rest = (torch.from_numpy(run.data.split(s).indices).to(device) for s in splits)
    optimizer = torch.optim.Adam(
        model.parameters(),
        lr=recipe.get("lr", 0.01),
        weight_decay=recipe.get("weight_decay", 5e-4),
        fused=True,
    )
    best, waited, before, kept = -1.0, 0, math.inf, copy.deepcopy(model.state_dict())
    torch.manual_seed(run.seed)
    for _ in progress(range(epochs), desc=f"training {type(model).__name__}"):
        model.train()
        loss = cross_entropy(logits(train), labels[train])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        optimizer.step()
        for val in rest:
            model.eval()
            with torch.no_grad():
                accuracy = (logits(val).argmax(dim=1) == labels[val]).double().mean().item()
            waited += 1
            if accuracy > best:
                best, waited, kept = accuracy, 0, copy.deepcopy(model.state_dict())
        still = tolerance is not None and abs(before - loss.item()) < tolerance
        before = loss.item()
        if still or waited == patience:
            break
    if rest:
        model.load_state_dict(kept)
    return model.eval()
