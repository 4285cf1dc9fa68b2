"""Spectral embedding (section 3.2): leading eigenvectors of the graph and of the features."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.operators import operator_matrix
from zoo_graphs.spectral import leading_eigenvectors, leading_singular
from zoo_graphs.training import graph_tensors


def graph_embedding(data: Any, k: int, operator: str) -> tuple[Tensor, Tensor]:
    """Return V_K (n, k), the eigenvectors of S of largest |eigenvalue|, and its eigenvalues (k,).

    Both are float64, by descending |eigenvalue|; the eigenvectors are unscaled, the largest entry
    of each positive; `leading_eigenvectors` says which they are where an eigenvalue repeats (once
    for each component of the graph, say). Raises `ValueError` for a `k` outside 1..n.
    """
    edges, _, weight = graph_tensors(data)
    matrix = operator_matrix(
        edges, data.num_nodes, operator, edge_weight=weight, dtype=torch.float64
    )
    values, vectors = leading_eigenvectors(matrix, k)
    return vectors, values


def feature_embedding(data: Any, kappa: int) -> tuple[Tensor, Tensor]:
    """Return V'_kappa (n, kappa) and its singular values (kappa,), float64.

    The eigenvectors of X X^T are the left singular vectors of X; columns beyond the rank of X are
    zero, where the original code has arbitrary vectors of the null space. Raises `ValueError` for a
    `kappa` outside 0..min(n, p).
    """
    if kappa == 0:
        empty = torch.zeros(data.num_nodes, 0, dtype=torch.float64)
        return empty, torch.zeros(0, dtype=torch.float64)
    vectors = leading_singular(data.features, kappa)[0]
    # X^T u = sigma v with a unit v: its length is the singular value.
    image = data.features.T.astype(np.float64) @ vectors.numpy()
    return vectors, torch.from_numpy(np.linalg.norm(image, axis=0))
