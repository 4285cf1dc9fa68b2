"""Sets of graphs as the tensors that a `forward` takes: one layout, and the ways to and from it.

A set of g graphs with n nodes and m edges in all is

- `edges` (2, m) int64, in the numbering of the union, undirected ones in one or both directions;
- `offsets` (g + 1,) int64: graph i has the nodes offsets[i] to offsets[i + 1] - 1, as the `ptr` of
  a PyTorch Geometric batch says it;
- then what the nodes carry, each (n,) or (n, p): labels or features.

Every output's shape follows from those of the inputs, so nothing has to be read from them to know
how many graphs there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_graphs.graph_set import GraphSet


def to_graphs(
    edges: Tensor,
    offsets: Tensor,
    node_labels: Tensor | None = None,
    edge_labels: Tensor | None = None,
) -> GraphSet:
    """Return the set of undirected graphs that tensors describe; raises `BadInput`."""
    return GraphSet.from_edges(
        *map(_array, (edges, offsets, node_labels, edge_labels)), layout="columns"
    )


def _array(tensor: Tensor | None) -> Any:
    return None if tensor is None else tensor.detach().cpu().numpy()


def to_tensors(graphs: GraphSet, *, node_labels: bool = False) -> tuple[Tensor, ...]:
    """Return edges (2, m) and offsets (g + 1,), and node labels (n,) if asked for, all int64.

    Where the graphs have no labels, all are 0.
    """
    parts = [graphs.edges, graphs.offsets]
    if node_labels:
        labels = graphs.node_labels
        parts.append(np.zeros(graphs.num_nodes, np.int64) if labels is None else labels)
    return tuple(torch.from_numpy(part.copy()) for part in parts)


def check_labelled(graphs: GraphSet, nodes: bool, edges: bool = False) -> None:
    """Raise `BadInput` where a model was fitted on labels of nodes or edges, and there are none."""
    for needed, what, there, size in (
        (nodes, "node", graphs.node_labels, graphs.num_nodes),
        (edges, "edge", graphs.edge_labels, graphs.num_edges),
    ):
        if needed and size and there is None:
            raise BadInput(
                f"{graphs.name} has no {what} labels, and this model was fitted on graphs that "
                f"have; give every {what} its label."
            )


def check_names(given: Sequence[str], known: Sequence[str], what: str) -> None:
    """Raise `BadInput` where labels of nodes or edges have other names than a model's."""
    if given and known and list(given) != list(known):
        raise BadInput(
            f"The {what} labels 0, 1, ... are called {', '.join(given[:8])} in these data, and "
            f"{', '.join(known[:8])} in the model's; give data with the same labels."
        )


def one_hot_labels(graphs: GraphSet, width: int) -> Tensor:
    """Return node labels as features (n, width) float32, one-hot; for width 1 all are 1.

    Raises `BadInput` when a graph has no nodes, or a node label is missing or not in 0..width-1.
    """
    empty = np.flatnonzero(graphs.sizes == 0)
    if empty.size:
        raise BadInput(f"Graph {empty[0]} has no nodes, so no mean over them; leave it out.")
    if width == 1:
        return torch.ones(graphs.num_nodes, 1)
    labels = graphs.node_labels
    if labels is None:
        raise BadInput(
            f"The graphs have no node labels, and this model knows the labels 0 to {width - 1}; "
            "give every node its label."
        )
    strange = np.flatnonzero((labels < 0) | (labels >= width))
    if strange.size:
        node = int(strange[0])
        graph = int(graphs.graph_of_node[node])
        raise BadInput(
            f"Node {node - int(graphs.offsets[graph])} of graph {graph} has the label "
            f"{labels[node]}, which is unknown; this model knows the labels 0 to {width - 1}."
        )
    return torch.eye(width)[torch.from_numpy(labels)]


def graph_of_node(offsets: Tensor, num_nodes: int) -> Tensor:
    """Return the graph that each node belongs to, (n,) int64: the batch vector of offsets."""
    return torch.searchsorted(
        offsets[1:].contiguous(), torch.arange(num_nodes, device=offsets.device), right=True
    )


def check_shapes(edges: Tensor, offsets: Tensor, *of_nodes: Tensor) -> None:
    """Raise `BadInput` unless the shapes are those of a set of graphs; values are not looked at."""
    if edges.dim() != 2 or edges.shape[0] != 2:
        raise BadInput(f"The edges have shape {tuple(edges.shape)}, expected (2, m).")
    if offsets.dim() != 1 or not offsets.shape[0]:
        raise BadInput(
            f"The offsets have shape {tuple(offsets.shape)}, expected (graphs + 1,); give the "
            "number of nodes before each graph, and of all nodes at the end."
        )
    # By shape and in pairs: len and sets would make constants of sizes that a graph leaves open.
    counts = [tensor.shape[0] if tensor.dim() else 0 for tensor in of_nodes]
    if any(first != second for first, second in pairwise(counts)):
        raise BadInput(f"What the nodes carry has {counts} rows; give every node one in each.")


def check_values(edges: Tensor, offsets: Tensor, *of_nodes: Tensor) -> None:
    """Raise `BadInput` unless tensors describe graphs with nodes, edges within, finite numbers.

    It reads the tensors, so it belongs where data come in and not into a `forward`.
    """
    check_shapes(edges, offsets, *of_nodes)
    graphs = to_graphs(edges, offsets)
    empty = np.flatnonzero(graphs.sizes == 0)
    if empty.size:
        raise BadInput(f"Graph {empty[0]} has no nodes; leave it out.")
    for tensor in of_nodes:
        if len(tensor) != graphs.num_nodes:
            raise BadInput(
                f"What the nodes carry has {len(tensor)} rows for {graphs.num_nodes} nodes; give "
                "every node one."
            )
        if not bool(tensor.isfinite().all()):
            raise BadInput("The features hold values that are not finite (NaN); give numbers.")


def example_graphs(
    seed: int, sizes: Sequence[int], *, num_labels: int = 0, copies: bool = False
) -> GraphSet:
    """Return random connected graphs of these sizes: rings with chords.

    Nodes have one of `num_labels` labels, or none for 0. With `copies` each graph is followed by
    an isomorphic copy of it.
    """
    generator = np.random.default_rng(seed)
    graphs = []
    for nodes in sizes:
        ring = np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes])
        chords = generator.integers(0, nodes, (2, nodes // 2))
        labels = generator.integers(0, num_labels, nodes) if num_labels else None
        one = GraphSet.from_edges(
            np.concatenate([ring, chords], axis=1), [0, nodes], labels, layout="columns"
        )
        graphs += [one, one.permuted(seed)] if copies else [one]
    return GraphSet.concatenate(graphs)


def permute_nodes(
    inputs: tuple[Tensor, ...], generator: torch.Generator
) -> tuple[tuple[Tensor, ...], Callable[[Tensor], Tensor]]:
    """Renumber the nodes within each graph: what is said of graphs stays (a symmetry).

    `inputs` are edges, offsets and any number of tensors with a row for each node.
    """
    edges, offsets, *of_nodes = inputs
    bounds = offsets.tolist()
    order = torch.cat(
        [low + torch.randperm(high - low, generator=generator) for low, high in pairwise(bounds)]
    )
    place = torch.argsort(order)
    return (place[edges], offsets, *(rows[order] for rows in of_nodes)), lambda outputs: outputs
