"""Graph sets as tensors and back: what the modules' `forward` takes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

Inputs = tuple[Tensor, Tensor, Tensor]


def to_graphs(
    edges: Tensor, offsets: Tensor, node_labels: Tensor | None, edge_labels: Tensor | None = None
) -> GraphSet:
    """Return the set of undirected graphs that tensors describe; raises `BadInput`."""
    arrays = [
        None if tensor is None else tensor.detach().cpu().numpy()
        for tensor in (edges, offsets, node_labels, edge_labels)
    ]
    return GraphSet.from_edges(*arrays)


def to_tensors(graphs: GraphSet) -> Inputs:
    """Return edges (2, m), offsets (g + 1,) and node labels (n,), all int64."""
    labels = graphs.node_labels
    labels = np.zeros(graphs.num_nodes, np.int64) if labels is None else labels
    edges, offsets = (torch.from_numpy(part.copy()) for part in (graphs.edges, graphs.offsets))
    return edges, offsets, torch.from_numpy(labels.copy())


def example_graphs(seed: int, count: int = 6, nodes: int = 8, labels: int = 3) -> GraphSet:
    """Return small random connected graphs; every second one is a copy of the one before."""
    generator = np.random.default_rng(seed)
    graphs = []
    for _ in range(count // 2):
        ring = np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes])
        chords = generator.integers(0, nodes, (2, nodes // 2))
        one = GraphSet.from_edges(
            np.concatenate([ring, chords], axis=1),
            [0, nodes],
            generator.integers(0, labels, nodes),
        )
        graphs += [one, one.permuted(seed)]
    return GraphSet.concatenate(graphs)


def permute_nodes(
    inputs: Inputs, generator: torch.Generator
) -> tuple[Inputs, Callable[[Tensor], Tensor]]:
    """Reorder the nodes within each graph: what is said of graphs stays (a symmetry)."""
    edges, offsets, labels = inputs
    bounds = offsets.tolist()
    order = torch.cat(
        [low + torch.randperm(high - low, generator=generator) for low, high in pairwise(bounds)]
    )
    place = torch.argsort(order)
    return (place[edges], offsets, labels[order]), lambda outputs: outputs
