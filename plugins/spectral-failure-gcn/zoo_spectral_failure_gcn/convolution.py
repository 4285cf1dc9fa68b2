"""Graph convolution on structure alone: what nodes start from, S, and how training uses both."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from zoo_graphs.graph import Graph
from zoo_graphs.operators import csr_tensor, operator_matrix, sparse_matmul

from zoo_core import BadInput

FEATURES = ("ones", "degree", "identity", "random", "given")
_DENSE = 0.1  # share of entries from which a dense operator multiplies faster


def check_features(features: str) -> None:
    """Raise `ValueError` unless this is a known choice of features."""
    if features not in FEATURES:
        raise ValueError(f"features is {features!r}; expected one of {', '.join(FEATURES)}.")


def feature_width(features: str, graph: Graph, hidden: int) -> int:
    """Return p, the columns of a graph's features of this choice."""
    own: dict[str, int] = {
        "identity": graph.num_nodes,
        "random": hidden,
        "given": graph.num_features,
    }
    return own.get(features, 1)


def node_features(graph: Graph, features: str, width: int, dtype: torch.dtype) -> Tensor:
    """Return F (n, p) of a graph: dense, or sparse CSR for identity and given features.

    `ones` are equal everywhere; `degree` is degree over mean degree; `identity` tells every node
    apart; `random` are standard normal numbers that depend on the node's number alone; `given` are
    the graph's own. Raises `BadInput` where they are not p columns wide: another number of nodes
    with `identity`, other given features, or none.
    """
    n = graph.num_nodes
    if features == "given" and not graph.num_features:
        raise BadInput(
            f"{graph.name} has no node features, and features='given' reads them: give some, or "
            "choose ones, degree, identity or random."
        )
    found = feature_width(features, graph, width)
    if found != width:
        what = "nodes, each with weights of its own" if features == "identity" else "features"
        raise BadInput(
            f"{graph.name} has {found} {what}, but this network was fitted to {width}: fit it anew."
        )
    if features == "ones":
        return torch.ones(n, 1, dtype=dtype)
    if features == "degree":
        weight = torch.ones(graph.num_edges)
        if graph.edge_weights is not None:
            weight = torch.from_numpy(graph.edge_weights)
        ends = torch.from_numpy(graph.edges).flatten()
        degrees = torch.zeros(n, dtype=dtype).index_add(0, ends, weight.to(dtype).repeat(2))
        return (degrees / degrees.mean().clamp(min=1e-30))[:, None]
    if features == "identity":
        every = torch.arange(n)
        identity: Tensor = csr_tensor(
            torch.arange(n + 1), every, torch.ones(n, dtype=dtype), (n, n)
        )
        return identity
    if features == "random":
        return torch.randn(n, width, generator=torch.Generator().manual_seed(0), dtype=dtype)
    given: Tensor = graph.feature_tensor(dtype)
    return given


def propagation(graph: Graph, dtype: torch.dtype) -> Tensor:
    """Return S = D^(-1/2) (A + I) D^(-1/2) (n, n), dense where most entries are there."""
    weight = None if graph.edge_weights is None else torch.from_numpy(graph.edge_weights)
    n = graph.num_nodes
    edges = torch.from_numpy(graph.edges)
    operator: Tensor = operator_matrix(edges, n, "lap", edge_weight=weight, dtype=dtype)
    return operator.to_dense() if 2 * graph.num_edges > _DENSE * n * n else operator


def graph_inputs(graph: Graph, features: str, width: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return S (n, n) and F (n, p) of a graph, where the weights `like` are and in their dtype.

    Raises `BadInput` as `node_features` does.
    """
    given = node_features(graph, features, width, like.dtype)
    return propagation(graph, like.dtype).to(like.device), given.to(like.device)


def averaging(operator: Tensor, features: Tensor, hidden: int) -> Callable[[Tensor], Tensor]:
    """Return W0 -> S F W0 (n, h) as a function that multiplies as little as it can.

    Training calls it hundreds of times with the same S and F, so narrow F are averaged over the
    neighbours once.
    """
    if features.layout == torch.strided and features.shape[1] <= hidden:
        averaged = sparse_matmul(operator, features)
        return lambda weights: averaged @ weights
    return lambda weights: sparse_matmul(operator, sparse_matmul(features, weights))


def check_epochs(epochs: Any) -> None:
    """Raise `BadInput` unless this is a number of epochs."""
    if isinstance(epochs, bool) or not isinstance(epochs, Integral) or epochs < 0:
        raise BadInput(f"epochs is {epochs!r}; expected an integer from 0.")


def check_finite(values: Tensor, lr: float) -> None:
    """Raise `BadInput` where training has diverged."""
    if not values.isfinite().all():
        raise BadInput(f"training diverged with lr={lr}: choose a smaller step, as 0.01.")


def glorot(rows: int, columns: int, generator: torch.Generator, like: Tensor) -> Tensor:
    """Return Glorot-uniform weights (rows, columns) drawn in single precision."""
    weights = torch.empty(rows, columns)
    torch.nn.init.xavier_uniform_(weights, generator=generator)
    return weights.to(like)
