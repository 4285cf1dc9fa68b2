"""Sets of graphs as the tensors that the networks take: features, directed edges, batch vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_inputs import read_graphs

from zoo_core import BadInput

Inputs = tuple[Tensor, Tensor, Tensor, int]
"""Features (n, F), edge index (2, e), batch vector (n,) and the number of graphs g."""


def to_tensors(graphs: GraphSet, in_features: int) -> Inputs:
    """Return features (n, F) float32, edge index (2, e) int64, batch vector (n,) int64, and g.

    Node labels are encoded one-hot; with F = 1 every node has the constant feature 1. An
    undirected edge is there in both directions. Raises `BadInput` where there is no graph, one has
    no nodes, or a node label is missing or not in 0..F-1.
    """
    if not graphs.num_graphs:
        raise BadInput("There is no graph; give one at least.")
    empty = np.flatnonzero(graphs.sizes == 0)
    if empty.size:
        raise BadInput(f"Graph {empty[0]} has no nodes, so no mean over them; leave it out.")
    edges = torch.from_numpy(np.ascontiguousarray(graphs.as_directed().edges))
    batch = torch.from_numpy(graphs.graph_of_node)
    return _features(graphs, in_features), edges, batch, graphs.num_graphs


def _features(graphs: GraphSet, in_features: int) -> Tensor:
    if in_features == 1:
        return torch.ones(graphs.num_nodes, 1)
    labels = graphs.node_labels
    if labels is None:
        raise BadInput(
            f"The graphs have no node labels, and this model knows the labels 0 to "
            f"{in_features - 1}; give every node its label."
        )
    strange = np.flatnonzero((labels < 0) | (labels >= in_features))
    if strange.size:
        node = int(strange[0])
        graph = int(graphs.graph_of_node[node])
        raise BadInput(
            f"Node {node - int(graphs.offsets[graph])} of graph {graph} has the label "
            f"{labels[node]}, which is unknown; this model knows the labels 0 to {in_features - 1}."
        )
    return torch.eye(in_features)[torch.from_numpy(labels)]


def read_inputs(
    sources: Sequence[Any], in_features: int, label_names: Sequence[str], node_label: str | None
) -> Inputs:
    """Return the tensors of whatever `zoo_graphs.graph_set_inputs.read_graphs` reads.

    Raises `BadInput` as `read_graphs` and `to_tensors` do, and when there is no source.
    """
    if not sources:
        raise BadInput(
            "No graph was given, and this model keeps none; give one or more, with node labels as "
            "in its training data."
        )
    graphs = read_graphs(*sources, node_label=node_label, edge_label=None, label_names=label_names)
    return to_tensors(graphs, in_features)


def check_shapes(features: Tensor, edge_index: Tensor, batch: Tensor, in_features: int) -> None:
    """Raise `BadInput` for tensors whose shapes are not those of a batch with F features."""
    if features.dim() != 2 or features.shape[1] != in_features:
        raise BadInput(
            f"The features have shape {tuple(features.shape)}, expected (n, {in_features}); give "
            f"every node {in_features} numbers."
        )
    n = features.shape[0]
    if batch.shape != (n,) or n == 0:
        raise BadInput(
            f"The batch vector has shape {tuple(batch.shape)} for {n} nodes; give every node the "
            "number of its graph, and at least one node."
        )
    if edge_index.dim() != 2 or edge_index.shape[0] != 2:
        raise BadInput(f"The edge index has shape {tuple(edge_index.shape)}, expected (2, e).")


def check_values(features: Tensor, edge_index: Tensor, batch: Tensor, num_graphs: int) -> None:
    """Raise `BadInput` for tensors of the right shapes that describe no batch of graphs.

    That is features that are not finite, a graph without nodes, or an edge to a node that is not
    there.
    """
    n = features.shape[0]
    if not bool(features.isfinite().all()):
        raise BadInput("The features hold values that are not finite (NaN); give numbers.")
    empty = (torch.bincount(batch, minlength=num_graphs) == 0).nonzero()
    if len(empty):
        raise BadInput(f"Graph {int(empty[0])} has no nodes; leave it out.")
    low, high = (edge_index.min(), edge_index.max()) if edge_index.numel() else (0, 0)
    if int(low) < 0 or int(high) >= n:
        raise BadInput(f"The edge index has nodes beyond 0 to {n - 1}; number the nodes from 0.")


def example_tensors(seed: int, in_features: int, count: int = 4, nodes: int = 7) -> Inputs:
    """Return `count` small random connected graphs with random features."""
    generator = torch.Generator().manual_seed(seed)
    ring = torch.stack([torch.arange(nodes), (torch.arange(nodes) + 1) % nodes])
    parts = []
    for graph in range(count):
        chords = torch.randint(nodes, (2, nodes // 2), generator=generator)
        edges = torch.cat([ring, chords[:, chords[0] != chords[1]]], dim=1)
        both = torch.unique(torch.cat([edges, edges.flip(0)], dim=1), dim=1)
        parts.append(both + graph * nodes)
    features = torch.rand(count * nodes, in_features, generator=generator)
    batch = torch.arange(count).repeat_interleave(nodes)
    return features, torch.cat(parts, dim=1), batch, count


def permute_nodes(
    inputs: Inputs, generator: torch.Generator
) -> tuple[Inputs, Callable[[Tensor], Tensor]]:
    """Number the nodes of the whole batch anew: the outputs of graphs stay (a symmetry)."""
    features, edge_index, batch, count = inputs
    order = torch.randperm(len(batch), generator=generator)
    place = torch.argsort(order)
    return (features[order], place[edge_index], batch[order], count), lambda outputs: outputs
