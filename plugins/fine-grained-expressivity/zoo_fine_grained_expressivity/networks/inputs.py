"""Sets of graphs as the tensors that the networks take: directed edges, offsets, features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import check_values, one_hot_labels
from zoo_graphs.reading import read_graphs
from zoo_graphs.reading.labels import Labels

from zoo_core import BadInput

Inputs = tuple[Tensor, Tensor, Tensor]
"""Edges (2, e) in both directions, offsets (g + 1,) and features (n, F)."""


def to_tensors(graphs: GraphSet, in_features: int) -> Inputs:
    """Return edges (2, e) and offsets (g + 1,), int64, and features (n, F) float32.

    Node labels are encoded one-hot; with F = 1 every node has the constant feature 1. An
    undirected edge is there in both directions. Raises `BadInput` where there is no graph, one has
    no nodes, or a node label is missing or not in 0..F-1.
    """
    if not graphs.num_graphs:
        raise BadInput("There is no graph; give one at least.")
    edges = torch.from_numpy(np.ascontiguousarray(graphs.as_directed().edges))
    return edges, torch.from_numpy(graphs.offsets.copy()), one_hot_labels(graphs, in_features)


def checked_tensors(graphs: GraphSet, in_features: int) -> Inputs:
    """Return what `to_tensors` does, of a set that may have been made by hand."""
    inputs = to_tensors(graphs, in_features)
    check_values(*inputs)
    return inputs


def read_inputs(
    sources: Sequence[Any],
    in_features: int,
    label_names: Sequence[str],
    node_label: str,
    labels: Labels | None = None,
) -> Inputs:
    """Return the tensors of whatever `zoo_graphs.reading.read_graphs` reads.

    With F = 1 labels are not read. Raises `BadInput` as `read_graphs` and `to_tensors` do, and when
    there is no source.
    """
    if not sources:
        raise BadInput(
            "No graph was given, and this model keeps none; give one or more, with node labels as "
            "in its training data."
        )
    graphs = read_graphs(
        *sources,
        node_label=None if in_features == 1 else node_label,
        edge_label=None,
        label_names=label_names,
        labels=labels,
    )
    return checked_tensors(graphs, in_features)


def example_tensors(seed: int, in_features: int) -> Inputs:
    """Return some small random connected graphs with random features: four of seven nodes for 0.

    Other seeds give other numbers of graphs and nodes.
    """
    count, nodes = 4 + seed % 3, 7 + seed % 4
    generator = torch.Generator().manual_seed(seed)
    ring = torch.stack([torch.arange(nodes), (torch.arange(nodes) + 1) % nodes])
    parts = []
    for graph in range(count):
        chords = torch.randint(nodes, (2, nodes // 2), generator=generator)
        edges = torch.cat([ring, chords[:, chords[0] != chords[1]]], dim=1)
        both = torch.unique(torch.cat([edges, edges.flip(0)], dim=1), dim=1)
        parts.append(both + graph * nodes)
    features = torch.rand(count * nodes, in_features, generator=generator)
    return torch.cat(parts, dim=1), nodes * torch.arange(count + 1), features
