"""The tree distance: how far two graphs are from being fractionally isomorphic.

It is the least norm of (A/n) X - X (B/m), as a step function on the unit square, over couplings X
of the uniform measures on both graphs' nodes; for n = m and X = S/n that is the paper's minimum
over doubly stochastic S of |A S - S B|. It is 0 exactly where 1-WL with normalised masses cannot
tell the graphs apart. The paper takes the cut norm, which is hard to compute; here are the L1 norm,
an upper bound of it, by a linear programme, and the L2 norm by the method of Frank and Wolfe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ot.lp.emd_wrap import emd_c
from scipy import sparse
from scipy.optimize import linprog
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, ZooError
from zoo_fine_grained_expressivity.idm.measures import check_graphs

MAX_LINEAR = 15
"""Nodes of the larger graph for which the linear programme takes seconds at most."""
_STEPS = 10**7


@dataclass(frozen=True)
class TreeDistance:
    """A tree distance and what vouches for it.

    `value` is that of the `coupling` that was found, (n, m), with row sums 1/n and column sums 1/m.
    No coupling falls below `lower`, which equals `value` where the optimum was found.
    """

    value: float
    lower: float
    coupling: np.ndarray


def tree_distance_l1(
    first: GraphSet, second: GraphSet, max_nodes: int = MAX_LINEAR
) -> TreeDistance:
    """Return the tree distance of two graphs, each a set of one, in the L1 norm, exactly.

    Raises `BadInput` for other than one graph each, a directed or empty one, or one of more than
    `max_nodes`, and `ZooError` where the linear programme was not solved.
    """
    a, b = _operators(first, second)
    n, m = len(a), len(b)
    if max(n, m) > max_nodes:
        raise BadInput(
            f"A graph has {max(n, m)} nodes, and the linear programme is offered up to "
            f"{max_nodes}; use tree_distance_l2, or raise max_nodes if you have the time."
        )
    # Variables X and the parts of (A/n) X - X (B/m) above and below zero, row by row.
    difference = sparse.kron(a, sparse.eye(m)) - sparse.kron(sparse.eye(n), b.T)
    unit = sparse.eye(n * m)
    sums = sparse.vstack(
        [
            sparse.kron(sparse.eye(n), np.ones((1, m))),
            sparse.kron(np.ones((1, n)), sparse.eye(m)),
        ]
    )
    nothing = sparse.csr_matrix((n + m, 2 * n * m))
    equal = sparse.vstack(
        [
            sparse.hstack([difference, -unit, unit]),
            sparse.hstack([sums, nothing]),
        ]
    )
    right = np.concatenate([np.zeros(n * m), np.full(n, 1 / n), np.full(m, 1 / m)])
    costs = np.concatenate([np.zeros(n * m), np.ones(2 * n * m)])
    found = linprog(costs, A_eq=equal.tocsc(), b_eq=right, method="highs")
    if found.x is None:
        raise ZooError(f"The linear programme was not solved: {found.message}")
    coupling = found.x[: n * m].reshape(n, m)
    value = float(np.abs(a @ coupling - coupling @ b).sum())
    return TreeDistance(value, min(value, max(0.0, float(found.fun))), coupling)


def tree_distance_l2(
    first: GraphSet, second: GraphSet, steps: int = 1_000, tolerance: float = 1e-9
) -> TreeDistance:
    """Return the tree distance of two graphs, each a set of one, in the L2 norm.

    Frank and Wolfe's method with exact line searches, from the product coupling. It ends when the
    square is within `tolerance` of its lower bound, or after `steps`: see `TreeDistance.lower`.

    Raises `BadInput` for other than one graph each, a directed or empty one, or no step.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise BadInput(f"steps={steps!r} is no number of steps; give an integer from 1.")
    a, b = _operators(first, second)
    n, m = len(a), len(b)
    rows, columns = np.full(n, float(m)), np.full(m, float(n))
    coupling = np.full((n, m), 1 / (n * m))
    bound = 0.0
    for _ in range(steps):
        residual = a @ coupling - coupling @ b
        square = n * m * float((residual**2).sum())
        slope = 2 * n * m * (a.T @ residual - residual @ b.T)
        flow = emd_c(rows, columns, np.ascontiguousarray(slope), _STEPS, 1)[0]
        way = flow / (n * m) - coupling
        gap = -float((slope * way).sum())
        bound = max(bound, square - gap)
        if gap <= tolerance:
            break
        move = a @ way - way @ b
        curve = n * m * float((move**2).sum())
        coupling = coupling + min(1.0, gap / (2 * curve) if curve > 0 else 1.0) * way
    value = float(np.sqrt(n * m * ((a @ coupling - coupling @ b) ** 2).sum()))
    return TreeDistance(value, min(value, float(np.sqrt(bound))), coupling)


def _operators(first: GraphSet, second: GraphSet) -> tuple[np.ndarray, np.ndarray]:
    """Return A/n and B/m."""
    for one in (first, second):
        check_graphs(one)
        if len(one) != 1:
            raise BadInput(f"{len(one)} graphs were given, expected one; use select([i]).")
    a, b = (one.adjacency(0).astype(bool).astype(np.float64) for one in (first, second))
    return a / len(a), b / len(b)
