"""Graph sets as the tensors that the distances and tree densities take, and back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

Inputs = tuple[Tensor, Tensor]


def to_graphs(edges: Tensor, offsets: Tensor) -> GraphSet:
    """Return the undirected graphs with these edges (2, m) and offsets (g + 1,).

    Raises `BadInput` for malformed ones.
    """
    return GraphSet.from_edges(edges.detach().cpu().numpy(), offsets.detach().cpu().numpy())


def to_tensors(graphs: GraphSet) -> Inputs:
    """Return edges (2, m) and offsets (g + 1,), int64."""
    return torch.from_numpy(graphs.edges.copy()), torch.from_numpy(graphs.offsets.copy())


def example_graphs(seed: int, count: int = 6) -> GraphSet:
    """Return random connected graphs on 6, 7, ... nodes: rings with chords."""
    generator = np.random.default_rng(seed)
    graphs = []
    for nodes in range(6, 6 + count):
        ring = np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes])
        chords = generator.integers(0, nodes, (2, nodes // 2))
        graphs.append(GraphSet.from_edges(np.concatenate([ring, chords], axis=1), [0, nodes]))
    return GraphSet.concatenate(graphs)


def permute_nodes(
    inputs: Inputs, generator: torch.Generator
) -> tuple[Inputs, Callable[[Tensor], Tensor]]:
    """Renumber the nodes within each graph: what is said of graphs stays (a symmetry)."""
    edges, offsets = inputs
    bounds = offsets.tolist()
    order = torch.cat(
        [low + torch.randperm(high - low, generator=generator) for low, high in pairwise(bounds)]
    )
    return (torch.argsort(order)[edges], offsets), lambda outputs: outputs
