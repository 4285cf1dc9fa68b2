"""The symmetries that networks promise, for the contract's checks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

Inputs = tuple[Tensor, Tensor, list[tuple[Tensor, Tensor]]]
"""Of the nodes (n,) or (n, f); offsets (B + 1,); and views, each edges (2, E) and of them."""
Acted = tuple[Inputs, Callable[[Any], Any]]


def reorder_nodes(inputs: Inputs, generator: torch.Generator) -> Acted:
    """Number the nodes within each graph, and list the edges, in another order."""
    nodes, offsets, views = inputs
    order = torch.cat(
        [
            low + torch.randperm(high - low, generator=generator)
            for low, high in pairwise(offsets.tolist())
        ]
    )
    place = order.argsort()
    shuffled = []
    for edges, values in views:
        rows = torch.randperm(edges.shape[1], generator=generator)
        shuffled.append((place[edges[:, rows]], values[rows]))
    return (nodes[order], offsets, shuffled), lambda outputs: outputs


def turn(inputs: Inputs, generator: torch.Generator) -> Acted:
    """Turn or mirror clouds: the vectors of all edges by one orthogonal matrix."""
    features, offsets, views = inputs
    vectors = views[0][1]
    size = vectors.shape[1]
    matrix = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))[0]
    turned = [(edges, vectors @ matrix.to(vectors)) for edges, vectors in views]
    return (features, offsets, turned), lambda outputs: outputs
