"""Adjacency and Laplacian spectral embedding (ASE, LSE), with a map for new nodes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor
from zoo_graphs.components import adjacency_matrix, components, induced
from zoo_graphs.embedding import augmented, elbows, leading_part, normalised
from zoo_graphs.graph import Graph
from zoo_graphs.operators import csr_tensor
from zoo_graphs.recognition import structure_hash

from zoo_core import BadInput
from zoo_spectral_failure_gcn.node_embedding import NodeEmbedding

ELBOW = "elbow"


class SpectralEmbedding(NodeEmbedding):
    """Z = U |Lambda|^(1/2), of the k eigenpairs of largest magnitude of a graph's matrix M.

    M is the adjacency matrix A (ASE), or D^(-1/2) A D^(-1/2) (LSE), D the degrees plus a
    regulariser. Eigenvalues may be negative (disassortative blocks), hence the magnitude. Columns
    beyond the rank of M are zero. In each column the entry of largest magnitude is positive. Edges
    are undirected; weights count. On a disconnected graph ASE embeds each component in directions
    of its own.

    A new node, known by its links a (1, n) to the fitted nodes, is at a U |Lambda|^(1/2) Lambda^-1
    (for LSE after dividing a by the roots of the degrees): the fitted nodes' own rows of M are
    mapped to Z exactly.

    `k` is the number of coordinates, or "elbow" for where the scree plot bends; `elbow` says which
    bend, of which the first is often the first eigenvalue alone. `operator` is "adjacency" or
    "laplacian"; `augment` fills the diagonal of A with degree / (n - 1); `regularizer` is what LSE
    adds to the degrees, a number, or "mean" for their mean; without `scaled`, Z is U alone. The
    graph that is fitted tells the rest: `nodes` is n (0 before), `num_classes` C, `class_names` go
    by class index, and by the `fingerprint` of its edges and weights it is known again.
    """

    vectors: Tensor
    values: Tensor
    degrees: Tensor

    def __init__(
        self,
        k: int | str = 2,
        operator: str = "adjacency",
        augment: bool = False,
        regularizer: float | str = 0.0,
        scaled: bool = True,
        elbow: int = 2,
        nodes: int = 0,
        num_classes: int = 0,
        class_names: list[str] | None = None,
        fingerprint: str = "",
    ) -> None:
        _check(operator in ("adjacency", "laplacian"), "operator", operator, "adjacency, laplacian")
        whole = isinstance(k, int) and not isinstance(k, bool) and k > 0
        _check(whole or k == ELBOW, "k", k, "a number from 1, or 'elbow'")
        _check(isinstance(elbow, int) and elbow > 0, "elbow", elbow, "a number from 1")
        number = isinstance(regularizer, int | float) and 0 <= regularizer < math.inf
        _check(number or regularizer == "mean", "regularizer", regularizer, "0 or more, or 'mean'")
        laplacian = operator == "laplacian"
        _check(not (augment and laplacian), "augment", augment, "False with the laplacian")
        _check(laplacian or not regularizer, "regularizer", regularizer, "0 with the adjacency")
        width = 0 if k == ELBOW else int(k)
        super().__init__(width, 0, nodes, num_classes, class_names)
        self.k, self.operator, self.augment = k, operator, augment
        self.regularizer, self.scaled, self.elbow = regularizer, scaled, elbow
        self.fingerprint, self.takes_negative_weights = fingerprint, not laplacian
        self.register_buffer("vectors", torch.zeros(nodes, width))
        self.register_buffer("values", torch.zeros(width))
        self.register_buffer("degrees", torch.zeros(nodes))

    def arguments(self) -> dict[str, Any]:
        """Return the constructor's arguments that make a module of this shape."""
        return {
            "k": self.k,
            "operator": self.operator,
            "augment": self.augment,
            "regularizer": self.regularizer,
            "scaled": self.scaled,
            "elbow": self.elbow,
            "nodes": self.nodes,
            "num_classes": self.num_classes,
            "class_names": self.class_names,
            "fingerprint": self.fingerprint,
        }

    def fit(self, graph: Any, features: Any = None) -> SpectralEmbedding:
        """Embed a graph and, where it has labels, fit the head; returns itself.

        `graph` is anything that `zoo_graphs.reading.read_graph` takes, with or without `features`,
        which are not looked at. Raises `BadInput` where the graph is malformed or has no edges,
        where k is more than its nodes, and, for LSE, where weights are negative, or without a
        regulariser it is not connected.
        """
        known = self.known_graph(graph, features)
        adjacency = adjacency_matrix(known)
        degrees = adjacency.sum(axis=1)
        matrix = self._matrix(known, adjacency, degrees)
        k = self._dimension(matrix)
        try:
            values, vectors = leading_part(matrix, k)
        except ValueError as error:
            raise BadInput(f"{known.name} cannot be embedded: {error}") from error
        self.adopt(known)
        self.k, self.fingerprint = k, structure_hash(known)
        self.values, self.vectors, self.degrees = (
            torch.from_numpy(part).to(self.vectors) for part in (values, vectors, degrees)
        )
        self.fit_head(known)
        return self

    def _matrix(
        self, graph: Graph, adjacency: sparse.csr_array, degrees: np.ndarray
    ) -> sparse.csr_array:
        if self.operator == "adjacency":
            return augmented(adjacency) if self.augment else adjacency
        count = components(graph)[0]
        if count > 1 and not self.regularizer:
            raise BadInput(
                f"{graph.name} has {count} components, so the eigenvalue 1 of its Laplacian repeats"
                " and its eigenvectors are arbitrary; set regularizer='mean', or keep "
                "zoo_graphs.components.largest_component(graph)."
            )
        return normalised(adjacency, self._regularizer(degrees))

    def _regularizer(self, degrees: Any) -> Any:
        return degrees.mean() if self.regularizer == "mean" else self.regularizer

    def _dimension(self, matrix: sparse.csr_array) -> int:
        n = matrix.shape[0]
        if self.k == ELBOW:
            count = math.ceil(math.log2(max(n, 2)))  # as graspologic does
            values = np.abs(leading_part(matrix, count)[0])
            return int(elbows(values, self.elbow)[-1])
        if int(self.k) > n:
            raise BadInput(
                f"k is {self.k}, but the graph has {n} nodes: ask for k from 1 to {n}, far below n."
            )
        return int(self.k)

    def own_points(self) -> Tensor:
        """Return Z (n, k)."""
        return self.vectors * self.values.abs().sqrt() if self.scaled else self.vectors

    def graph_points(self, graph: Graph) -> Tensor:
        """Return the points of the fitted graph with any number of nodes added behind its own.

        Added nodes are placed by their links to the fitted ones; links among themselves are not
        looked at. An embedding is defined only up to rotations, so another graph needs one of its
        own: `fit`. Raises `BadInput` where the graph's first n nodes are not joined as the fitted
        ones.
        """
        self.check_fitted()
        n = self.nodes
        known = induced(graph, np.arange(graph.num_nodes) < n)
        if known.num_nodes < n or structure_hash(known) != self.fingerprint:
            raise BadInput(
                f"{graph.name} is another graph than the one of {n} nodes that this embedding was "
                "fitted to: give that one, with new nodes behind its own if you like, or fit(graph)"
                " an embedding of its own."
            )
        points = self.own_points()
        if graph.num_nodes == n:
            return points
        links = adjacency_matrix(graph)[n:, :n]
        return torch.cat([points, self._place(_as_tensor(links, points))])

    def link_scores(self, pairs: Tensor) -> Tensor:
        """Return the entries (t,) of the rank-k approximation of M at pairs (2, t) of nodes."""
        self.check_fitted()
        low, high = pairs.to(self.vectors.device)
        return (self.vectors[low] * self.values * self.vectors[high]).sum(dim=1)

    def transform(self, rows: Any) -> Tensor:
        """Return the points (m, k) of new nodes by their links (m, n) to the fitted ones.

        `rows` are an array, tensor or scipy matrix; 1 or a weight where there is a link, else 0.
        Raises `BadInput` where nothing was fitted yet, for rows of another width, and for what is
        no finite number.
        """
        self.check_fitted()
        try:
            given = rows if sparse.issparse(rows) else np.asarray(torch.as_tensor(rows).cpu())
        except (TypeError, ValueError, RuntimeError) as error:
            raise BadInput(f"the rows are no matrix of numbers: {error}.") from None
        if given.ndim != 2 or given.shape[1] != self.nodes or given.dtype.kind not in "biuf":
            raise BadInput(
                f"the rows have shape {given.shape}; expected (m, {self.nodes}) numbers: each new "
                "node's links to the fitted ones."
            )
        matrix = sparse.csr_array(given, dtype=np.float64)
        if not np.isfinite(matrix.data).all():
            raise BadInput("the rows hold NaN or infinity; give 0 where there is no link.")
        with torch.no_grad():
            return self._place(_as_tensor(matrix, self.own_points()))

    def forward(self, rows: Tensor) -> Tensor:
        """Map links (m, n) to the fitted nodes to logits (m, C), or points without a head."""
        return self._read_out(self._place(rows.to(self.vectors)))

    def _place(self, rows: Tensor) -> Tensor:
        """Map links (m, n), dense or sparse CSR, to points (m, k)."""
        power = self.values.abs().sqrt() if self.scaled else torch.ones_like(self.values)
        basis = self.vectors * torch.where(self.values != 0, power / self.values, 0.0)
        if self.operator == "adjacency":
            return rows @ basis
        extra = self._regularizer(self.degrees)
        sides = rows @ torch.ones_like(self.degrees)[:, None] + extra
        return (rows @ (basis * _root(self.degrees + extra)[:, None])) * _root(sides)

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return links (8, n) of new nodes, each to about a tenth of the fitted ones."""
        generator = torch.Generator().manual_seed(seed)
        return ((torch.rand(8, self.nodes, generator=generator) < 0.1).to(self.vectors),)


def _root(degrees: Tensor) -> Tensor:
    return torch.where(degrees > 0, degrees.clamp(min=1e-30).rsqrt(), 0.0)


def _as_tensor(matrix: sparse.csr_array, like: Tensor) -> Tensor:
    starts, columns = (
        torch.from_numpy(one.astype(np.int64)) for one in (matrix.indptr, matrix.indices)
    )
    found: Tensor = csr_tensor(starts, columns, torch.from_numpy(matrix.data), matrix.shape)
    return found.to(device=like.device, dtype=like.dtype)


def _check(holds: bool, name: str, value: Any, expected: str) -> None:
    if not holds:
        raise ValueError(f"{name} is {value!r}; expected {expected}.")
