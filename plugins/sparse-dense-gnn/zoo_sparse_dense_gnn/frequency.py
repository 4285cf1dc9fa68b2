"""Frequency response of a graph filter network (section 3.6), on any graph.

`python -m zoo_sparse_dense_gnn.frequency MODEL [GRAPH [FEATURES]]` prints, for each eigenvalue of
the operator, how much of each class's output lies on its eigenvector: whether a network reads the
leading eigenvectors alone, as a spectral embedding does, or the whole spectrum.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor
from zoo_graphs.graph import Graph
from zoo_graphs.reading import read_training_graph

from zoo_core import BadInput, UnknownName, ZooError, dataset, load

LARGEST = 12_000  # nodes: beyond it a dense decomposition needs gigabytes and most of an hour


@dataclass(frozen=True, eq=False)
class FrequencyResponse:
    """V^T f(S, X) of a network f, with the eigendecomposition S = V Lambda V^T.

    `eigenvalues` (n,) descend, row i of the `coefficients` y_hat (n, C) belongs to eigenvalue i,
    and column j to `class_names[j]`. Where an eigenvalue repeats, the split among its eigenvectors
    is one of many.
    """

    eigenvalues: np.ndarray
    coefficients: np.ndarray
    class_names: Sequence[str]

    @property
    def normalised(self) -> np.ndarray:
        """The coefficients of each class divided by the largest magnitude among them, (n, C)."""
        largest = np.abs(self.coefficients).max(axis=0, initial=0)
        return self.coefficients / np.where(largest > 0, largest, 1.0)

    @property
    def energy(self) -> np.ndarray:
        """The share of each eigenvector in each class's squared output, (n, C)."""
        squares = self.coefficients**2
        total = squares.sum(axis=0)
        return squares / np.where(total > 0, total, 1.0)

    def beyond(self, k: int) -> np.ndarray:
        """Return the share (C,) of the output outside the k eigenvectors of largest |eigenvalue|.

        Raises `BadInput` for a `k` outside 0..n.
        """
        count = len(self.eigenvalues)
        if not 0 <= k <= count:
            raise BadInput(f"k={k} eigenvectors of {count} cannot be left out; give 0 to {count}.")
        order = np.argsort(-np.abs(self.eigenvalues), kind="stable")
        found: np.ndarray = self.energy[order[k:]].sum(axis=0)
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each eigenvalue: its index, itself, and each class's response."""
        listed = zip(self.eigenvalues.tolist(), self.normalised.tolist(), strict=True)
        return [
            {"index": i, "eigenvalue": value, **dict(zip(self.class_names, row, strict=True))}
            for i, (value, row) in enumerate(listed)
        ]


def decompose(operator: Tensor, outputs: Tensor, class_names: Sequence[str]) -> FrequencyResponse:
    """Return the response of outputs f(S, X), (n, C), in the eigenbasis of S, (n, n) sparse.

    Raises `BadInput` for more than 12,000 nodes.
    """
    if len(operator) > LARGEST:
        raise BadInput(
            f"The graph has {len(operator)} nodes, expected at most {LARGEST} for a dense "
            "eigendecomposition; take a part of it."
        )
    eigenvalues, vectors = np.linalg.eigh(operator.cpu().double().to_dense().numpy())
    coefficients = vectors[:, ::-1].T @ outputs.detach().cpu().double().numpy()
    return FrequencyResponse(eigenvalues[::-1].copy(), coefficients, tuple(class_names))


def own_graph(model: Any) -> Graph:
    """Return the graph that a loaded model was trained on, a registered one or the user's file."""
    source = model.zoo_source
    try:
        graph: Graph = dataset(source.dataset, **source.options)
    except UnknownName:
        graph = read_training_graph(source.dataset, **source.options)
    return graph


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the frequency response of a model, tab-separated."""
    parser = argparse.ArgumentParser(prog="python -m zoo_sparse_dense_gnn.frequency")
    parser.add_argument("model", help="a model's name, or a folder of `zoo train`")
    parser.add_argument("graph", nargs="?", help="a graph (default: the model's own dataset)")
    parser.add_argument("features", nargs="?", help="its features, where the graph has none")
    given = parser.parse_args(arguments)
    try:
        model: Any = load(given.model)
        measure = getattr(model, "frequency_response", None)
        if measure is None:
            raise BadInput(f"{given.model} is no graph filter network; give a graph-filter model.")
        graph = own_graph(model) if given.graph is None else given.graph
        rows = measure(graph, given.features).rows()
    except ZooError as error:
        parser.exit(error.exit_code, f"{parser.prog}: {error}\n")
    lines = ["\t".join(f"{value:.6g}" for value in row.values()) for row in rows]
    try:
        print("\n".join(["\t".join(rows[0]), *lines]), flush=True)
    except BrokenPipeError:  # a reader that has seen enough, like `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
