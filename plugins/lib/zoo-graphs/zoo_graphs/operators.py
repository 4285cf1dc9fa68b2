"""Sparse graph operators: the adjacency matrix and its two usual normalisations.

What depends on the values of edges, or on sparse tensors, is a registered operator of torch here,
so that a `forward` which is made of these functions can be traced with fake tensors of any device.
"""

from __future__ import annotations

import warnings
from typing import Any, Literal, get_args

import torch
from torch import Tensor

OperatorKind = Literal["adj", "lap", "rw"]
OPERATOR_KINDS: tuple[str, ...] = get_args(OperatorKind)


def csr_tensor(crow: Tensor, col: Tensor, values: Tensor, size: tuple[int, int]) -> Tensor:
    """Return a torch sparse CSR tensor from its three arrays, trusted to be well formed.

    Torch announces once per process that CSR support is in beta; the operations used here
    (product with a dense matrix, conversion) are stable, so the user is spared the notice.
    """
    matrix: Tensor = _csr_tensor(crow, col, values, list(size))
    return matrix


@torch.library.custom_op("zoo_graphs::csr_tensor", mutates_args=())
def _csr_tensor(crow: Tensor, col: Tensor, values: Tensor, size: list[int]) -> Tensor:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(crow, col, values, size=size, check_invariants=False)


@_csr_tensor.register_fake
def _(crow: Tensor, col: Tensor, values: Tensor, size: list[int]) -> Tensor:
    if not crow.device == col.device == values.device:
        raise RuntimeError(f"CSR arrays are on {crow.device}, {col.device} and {values.device}.")
    matrix: Tensor = torch.ops.aten._sparse_csr_tensor_unsafe.default(
        crow, col, values, size, dtype=values.dtype, layout=torch.sparse_csr, device=values.device
    )
    return matrix


def _keep_pattern(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:2])


def _gradient_of_values(ctx: Any, gradient: Tensor) -> tuple[None, None, Tensor, None]:
    if gradient.layout == torch.strided:
        crow, col = ctx.saved_tensors
        return None, None, gradient[row_numbers(crow), col], None
    return None, None, gradient.values(), None


_csr_tensor.register_autograd(_gradient_of_values, setup_context=_keep_pattern)


def row_pointers(rows: Tensor, num_rows: int) -> Tensor:
    """Return where each row of a CSR matrix begins, (num_rows + 1,), from sorted row numbers."""
    return torch.searchsorted(rows, torch.arange(num_rows + 1, device=rows.device))


def row_numbers(crow: Tensor) -> Tensor:
    """Return each entry's row from where the rows of a CSR matrix begin: `row_pointers` undone."""
    return torch.repeat_interleave(crow.diff())


def check_edges(edge_index: Tensor, num_nodes: int, edge_weight: Tensor | None = None) -> None:
    """Raise `ValueError` unless edges (2, m) are of nodes 0..n-1, with a weight for each.

    It looks at the edges' values, which a `forward` does not.
    """
    _check_shapes(edge_index, edge_weight)
    if edge_index.numel() and (int(edge_index.min()) < 0 or int(edge_index.max()) >= num_nodes):
        raise ValueError(
            f"edge_index names nodes {int(edge_index.min())}..{int(edge_index.max())}, "
            f"but the graph has nodes 0..{num_nodes - 1}."
        )


def _check_shapes(edge_index: Tensor, edge_weight: Tensor | None) -> None:
    if edge_index.dim() != 2 or edge_index.shape[0] != 2:
        raise ValueError(f"edge_index must be (2, m); got {tuple(edge_index.shape)}.")
    if edge_weight is not None and edge_weight.shape != edge_index.shape[1:]:
        raise ValueError(
            f"edge_weight must be ({edge_index.shape[1]},), one weight per edge; "
            f"got {tuple(edge_weight.shape)}."
        )


def undirected_edges(
    edge_index: Tensor, num_nodes: int, edge_weight: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the simple undirected graph behind a list of directed edges: low, high and weight.

    `edge_index` (2, m) are node pairs, in one or both directions, with repeats and loops allowed.
    Each edge comes back once, sorted, as its ends low < high and its weight: None where no weights
    (m,) are given, and the largest one where an edge is listed several times.
    """
    _check_shapes(edge_index, edge_weight)
    key, kept, which = _simple_graph(edge_index, num_nodes)
    weight = None
    if edge_weight is not None:
        weight = edge_weight.new_zeros(key.numel()).scatter_reduce(
            0, which, edge_weight[kept], reduce="amax", include_self=False
        )
    return key // num_nodes, key % num_nodes, weight


@torch.library.custom_op("zoo_graphs::simple_graph", mutates_args=())
def _simple_graph(edge_index: Tensor, num_nodes: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return each edge once as low * n + high, sorted; which columns are no loops; and their edge.

    Raises `ValueError` for nodes beyond 0..n-1, of which other edges would be made.
    """
    check_edges(edge_index, num_nodes)
    # Elementwise: a reduction over two rows (amin, amax) takes ten times as long.
    low, high = torch.minimum(*edge_index), torch.maximum(*edge_index)
    (kept,) = (low != high).nonzero(as_tuple=True)
    key, which = torch.unique(low[kept] * num_nodes + high[kept], return_inverse=True)
    return key, kept, which


@_simple_graph.register_fake
def _(edge_index: Tensor, num_nodes: int) -> tuple[Tensor, Tensor, Tensor]:
    """As for edges that are neither loops nor repeated: only values could tell."""
    each = edge_index.new_empty(edge_index.shape[1])
    return each, each.clone(), each.clone()


def operator_matrix(
    edge_index: Tensor,
    num_nodes: int,
    kind: OperatorKind | str,
    *,
    edge_weight: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
    self_loops: bool = True,
) -> Tensor:
    """Return the operator S (n, n) of a spectral or message-passing method, as sparse CSR.

    The graph is made simple and undirected first (loops dropped, both directions united), then
    the identity is added unless `self_loops` is false: A <- A + I, d = A 1, with degrees clamped
    to at least 1 so that isolated nodes stay finite even without self-loops.

    - "adj": S = A
    - "lap": S = D^(-1/2) A D^(-1/2)
    - "rw": S = D^(-1) A

    `edge_index` (2, m) are node pairs, in one or both directions; `edge_weight` (m,) are
    non-negative, 1 by default. Raises `ValueError` for an unknown `kind`, a node outside 0..n-1 or
    arrays of the wrong shape.
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
    crow = row_pointers(row[order], num_nodes)
    return csr_tensor(crow, col[order], value[order], (num_nodes, num_nodes))


def sparse_matmul(matrix: Tensor, dense: Tensor) -> Tensor:
    """Return `matrix @ dense`, (m, b), for a dense or sparse CSR `matrix`, in the dtype of `dense`.

    Both have gradients; that of a sparse matrix has its pattern.
    """
    matrix = matrix.to(dense.dtype)
    if matrix.layout == torch.strided:
        return matrix @ dense
    product: Tensor = _sparse_product(matrix, dense)
    return product


@torch.library.custom_op("zoo_graphs::sparse_product", mutates_args=())
def _sparse_product(matrix: Tensor, dense: Tensor) -> Tensor:
    return matrix @ dense


@_sparse_product.register_fake
def _(matrix: Tensor, dense: Tensor) -> Tensor:
    if matrix.device != dense.device:
        raise RuntimeError(f"A matrix on {matrix.device} cannot multiply one on {dense.device}.")
    return dense.new_empty(matrix.shape[0], *dense.shape[1:])


def _keep_factors(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
    ctx.save_for_backward(*inputs)


def _product_gradients(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
    matrix, dense = ctx.saved_tensors
    of_matrix, of_dense = ctx.needs_input_grad
    return (
        _on_pattern(matrix, gradient, dense) if of_matrix else None,
        matrix.t() @ gradient if of_dense else None,
    )


def _on_pattern(matrix: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Return left @ right^T at the entries of a CSR matrix (m, n); `right` is (n, b)."""
    crow, col = matrix.crow_indices(), matrix.col_indices()
    values = (left[row_numbers(crow)] * right[col]).reshape(len(col), -1).sum(dim=1)
    return csr_tensor(crow, col, values, (matrix.shape[0], matrix.shape[1]))


_sparse_product.register_autograd(_product_gradients, setup_context=_keep_factors)
