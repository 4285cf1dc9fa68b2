"""Sparse graph operators: the adjacency matrix and its two usual normalisations."""

from __future__ import annotations

import warnings
from typing import Literal, get_args

import torch
from torch import Tensor

OperatorKind = Literal["adj", "lap", "rw"]
OPERATOR_KINDS: tuple[str, ...] = get_args(OperatorKind)


def csr_tensor(crow: Tensor, col: Tensor, values: Tensor, size: tuple[int, int]) -> Tensor:
    """A torch sparse CSR tensor from its three arrays, trusted to be well formed.

    Torch announces once per process that CSR support is in beta; the operations used here
    (product with a dense matrix, conversion) are stable, so the user is spared the notice.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(crow, col, values, size=size, check_invariants=False)


def undirected_edges(
    edge_index: Tensor, num_nodes: int, edge_weight: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """The simple undirected graph behind a list of directed edges.

    Args:
        edge_index: (2, m) node pairs, in one or both directions, with repeats and loops allowed.
        num_nodes: n.
        edge_weight: (m,) weights; where an edge is listed several times the largest one counts.

    Returns:
        ``(low, high, weight)``: endpoints ``low < high`` of each edge once, sorted, and its
        weight (``None`` when no weights were given).
    """
    _check_edges(edge_index, num_nodes, edge_weight)
    # Elementwise: a reduction over two rows (amin, amax) takes ten times as long.
    low, high = torch.minimum(*edge_index), torch.maximum(*edge_index)
    kept = low != high
    pairs = low[kept] * num_nodes + high[kept]
    weight = None
    if edge_weight is None:
        key = torch.unique(pairs)
    else:
        key, which = torch.unique(pairs, return_inverse=True)
        weight = edge_weight.new_zeros(key.numel()).scatter_reduce(
            0, which, edge_weight[kept], reduce="amax", include_self=False
        )
    return key // num_nodes, key % num_nodes, weight


def operator_matrix(
    edge_index: Tensor,
    num_nodes: int,
    kind: OperatorKind | str,
    *,
    edge_weight: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
    self_loops: bool = True,
) -> Tensor:
    """The graph operator S of a spectral or message-passing method.

    The graph is made simple and undirected first (loops dropped, both directions united), then
    the identity is added: A <- A + I, d = A 1, with degrees clamped to at least 1 so that
    isolated nodes stay finite even without self-loops.

    ========  =========================
    ``adj``   S = A
    ``lap``   S = D^(-1/2) A D^(-1/2)
    ``rw``    S = D^(-1) A
    ========  =========================

    Args:
        edge_index: (2, m) node pairs, in one or both directions.
        num_nodes: n.
        kind: one of the table above.
        edge_weight: (m,) non-negative weights, 1 by default.
        dtype: of the values.
        self_loops: whether to add the identity.

    Returns:
        The (n, n) operator as a torch sparse CSR tensor.

    Raises:
        ValueError: unknown ``kind``, a node index outside 0..n-1, or arrays of the wrong shape.
    """
    if kind not in OPERATOR_KINDS:
        raise ValueError(f"unknown operator {kind!r}; expected one of {', '.join(OPERATOR_KINDS)}.")
    low, high, weight = undirected_edges(edge_index, num_nodes, edge_weight)
    if weight is None:
        weight = torch.ones(low.numel(), dtype=dtype, device=low.device)
    row, col, value = torch.cat([low, high]), torch.cat([high, low]), weight.to(dtype).repeat(2)
    if self_loops:
        loops = torch.arange(num_nodes, device=row.device)
        row, col = torch.cat([row, loops]), torch.cat([col, loops])
        value = torch.cat([value, value.new_ones(num_nodes)])
    degree = value.new_zeros(num_nodes).index_add(0, row, value).clamp(min=1)
    if kind == "lap":
        value = value * (degree[row] * degree[col]).rsqrt()
    elif kind == "rw":
        value = value / degree[row]
    order = torch.argsort(row * num_nodes + col)
    crow = torch.zeros(num_nodes + 1, dtype=torch.long, device=row.device)
    crow[1:] = torch.bincount(row, minlength=num_nodes).cumsum(0)
    return csr_tensor(crow, col[order], value[order], (num_nodes, num_nodes))


def sparse_matmul(matrix: Tensor, dense: Tensor) -> Tensor:
    """``matrix @ dense`` for a dense or sparse CSR ``matrix``, in the dtype of ``dense``.

    The gradient with respect to ``dense`` is available in both cases.
    """
    return matrix.to(dense.dtype) @ dense


def _check_edges(edge_index: Tensor, num_nodes: int, edge_weight: Tensor | None) -> None:
    if edge_index.dim() != 2 or edge_index.shape[0] != 2:
        raise ValueError(f"edge_index must be (2, m); got {tuple(edge_index.shape)}.")
    if edge_weight is not None and edge_weight.shape != edge_index.shape[1:]:
        raise ValueError(
            f"edge_weight must be ({edge_index.shape[1]},), one weight per edge; "
            f"got {tuple(edge_weight.shape)}."
        )
    if edge_index.numel() and (int(edge_index.min()) < 0 or int(edge_index.max()) >= num_nodes):
        raise ValueError(
            f"edge_index names nodes {int(edge_index.min())}..{int(edge_index.max())}, "
            f"but the graph has nodes 0..{num_nodes - 1}."
        )
