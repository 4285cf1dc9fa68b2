"""Sensors on a road: a directed, weighted graph, where its nodes are, and partitions of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from zoo_core import BadInput


@dataclass(frozen=True)
class SensorGraph:
    """N sensors by name, with E directed edges (source, target) among them.

    `edges` are (2, E) places in `names`, `weights` (E,) positive, self-loops among them where the
    source has them; `positions` (N, 2) are latitudes and longitudes in degrees. `partitions` map a
    name to the cluster (N,) of each sensor. Raises `BadInput` for edges that join no sensors, that
    come twice, or weigh nothing.
    """

    names: Sequence[str]
    edges: NDArray[np.int64]
    weights: NDArray[np.float32]
    positions: NDArray[np.float64] | None = None
    partitions: Mapping[str, NDArray[np.intp]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.names)
        edges, weights = np.asarray(self.edges), np.asarray(self.weights)
        if edges.ndim != 2 or len(edges) != 2 or weights.shape != edges.shape[1:]:
            raise BadInput(
                f"Edges have the shape {edges.shape} and weights {weights.shape}; expected (2, E) "
                "and (E,)."
            )
        if edges.size and not (edges.min() >= 0 and edges.max() < n):
            raise BadInput(f"An edge joins sensor {edges.max()}; there are {n}, from 0.")
        if not (np.isfinite(weights) & (weights > 0)).all():
            raise BadInput("Weights of edges are finite and above 0; leave out what is no edge.")
        if np.unique(edges[0] * n + edges[1]).size < edges.shape[1]:
            raise BadInput("An edge comes twice; give each pair (source, target) once.")

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, adjacency: ArrayLike, names: Sequence[str] | None = None) -> SensorGraph:
        """Return the graph of an adjacency (N, N), whose rows are sources; 0 is no edge."""
        matrix = np.asarray(adjacency)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise BadInput(f"The adjacency has the shape {matrix.shape}; expected (N, N).")
        edges = np.stack(np.nonzero(matrix))
        labels = list(map(str, range(len(matrix)))) if names is None else list(names)
        if len(labels) != len(matrix):
            raise BadInput(f"There are {len(labels)} names for {len(matrix)} sensors.")
        return cls(labels, edges, matrix[tuple(edges)].astype(np.float32))

    def adjacency(self) -> NDArray[np.float32]:
        """Return the weights (N, N), sources in rows."""
        found = np.zeros((len(self), len(self)), np.float32)
        found[tuple(self.edges)] = self.weights
        return found

    def supports(self) -> tuple[Tensor, Tensor]:
        """Return both transition matrices (N, N) of `transitions`, as sparse tensors (COO)."""
        edges, weights = torch.from_numpy(self.edges), torch.from_numpy(self.weights)
        along, against = transitions(edges, weights, len(self))
        size = (len(self), len(self))
        return (
            torch.sparse_coo_tensor(edges.flip(0), along, size, check_invariants=True).coalesce(),
            torch.sparse_coo_tensor(edges, against, size, check_invariants=True).coalesce(),
        )

    def reordered(self, order: Sequence[int]) -> SensorGraph:
        """Return the same graph with its sensors in another order, places of those here.

        Raises `BadInput` for an order that lacks sensors or repeats them.
        """
        if sorted(order) != list(range(len(self))):
            raise BadInput(f"The order does not have each of {len(self)} sensors once.")
        places = np.argsort(np.asarray(order))
        return SensorGraph(
            names=[self.names[one] for one in order],
            edges=places[self.edges],
            weights=self.weights,
            positions=None if self.positions is None else self.positions[list(order)],
            partitions={name: one[list(order)] for name, one in self.partitions.items()},
        )


def transitions(edges: Tensor, weights: Tensor, nodes: int) -> tuple[Tensor, Tensor]:
    """Return the values of both diffusion supports on the edges (2, E) of a directed graph.

    The first are those of S_1 = (D_out^-1 A)^T, at (target, source): what a sensor sends along its
    edges, divided by all of it. The second are those of S_2 = (D_in^-1 A^T)^T, at (source, target):
    the same against the edges. Sensors without edges send nothing. Source: Li et al. 2018 (DCRNN),
    equation 2, as its code multiplies.
    """
    empty = weights.new_zeros(nodes)
    leaving, entering = (empty.index_add(0, one, weights) for one in edges)
    return weights / leaving[edges[0]], weights / entering[edges[1]]


def labels_of(clusters: Sequence[Sequence[int]], nodes: int) -> NDArray[np.intp]:
    """Return the cluster (N,) of each sensor, of lists of the sensors in each cluster.

    Raises `BadInput` where a sensor is in none, or in several.
    """
    flat: list[Any] = [sensor for cluster in clusters for sensor in cluster]
    if sorted(flat) != list(range(nodes)):
        raise BadInput(
            f"The clusters hold {len(flat)} sensors ({len(set(flat))} different ones); expected "
            f"each of 0 to {nodes - 1} once."
        )
    found = np.empty(nodes, np.intp)
    for number, cluster in enumerate(clusters):
        found[list(cluster)] = number
    return found
