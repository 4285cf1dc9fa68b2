"""The same tests without hashing: multisets are sorted rows, and equal rows get equal numbers.

Slower, and colours are numbers within one call only. Every test of the hashed way is held against
this one.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput
from zoo_wl_tutorial.refinement.variants import Variant

MAX_NUMBERS = 5_000_000
"""Numbers in the rows of one round: beyond, memory and time would be wasted."""
_ABSENT = -1  # pads the multisets of graphs with fewer nodes


def check_exact(graphs: GraphSet, variant: Variant) -> None:
    """Raise `BadInput` where the exact way would need too much memory."""
    k, sizes = variant.k, graphs.sizes.astype(float)
    width = float(sizes.max(initial=0)) * k if k > 1 else 2.0 * graphs.num_edges
    needed = float((sizes**k).sum()) * (1 + width) if k > 1 else width + graphs.num_nodes
    if needed > MAX_NUMBERS:
        raise BadInput(
            f"The exact way of {variant.name} would sort {needed:.1g} numbers in each round, more "
            f"than {MAX_NUMBERS:.1g}; use smaller graphs, or the hashed way (exact=False)."
        )


def first_colours(graphs: GraphSet, variant: Variant) -> np.ndarray:
    """Return c_0 of all tuples of all graphs, (N,) int64, graph by graph."""
    labels = graphs.node_labels
    labels = np.zeros(graphs.num_nodes, np.int64) if labels is None else labels
    if variant.k == 1:
        return _numbered([labels[:, None]])
    rows = []
    for i in range(graphs.num_graphs):
        table = graphs.adjacency(i) + 1
        np.fill_diagonal(table, 0)
        n = table.shape[0]
        own = labels[graphs.offsets[i] : graphs.offsets[i + 1]]
        places = np.indices((n,) * variant.k).reshape(variant.k, -1)
        parts = [table[places[a], places[b]] for a, b in product(range(variant.k), repeat=2)]
        rows.append(np.stack([*parts, *(own[place] for place in places)], axis=1))
    return _numbered(rows)


def next_colours(graphs: GraphSet, colours: np.ndarray, variant: Variant) -> np.ndarray:
    """Return the next round's colours, (N,) int64, of the given ones."""
    if variant.k == 1:
        return _next_of_nodes(graphs, colours)
    bounds = np.cumsum([0, *(graphs.sizes**variant.k)])
    cubes = [
        colours[low:high].reshape((n,) * variant.k)
        for low, high, n in zip(bounds[:-1], bounds[1:], graphs.sizes.tolist(), strict=True)
    ]
    if not variant.folklore:
        return _numbered([_oblivious_rows(cube) for cube in cubes])
    vectors = [_vectors(cube) for cube in cubes]
    codes = _numbered([part.reshape(-1, variant.k) for part in vectors])
    ends = np.cumsum([0, *(part.size // variant.k for part in vectors)])
    rows = []
    for cube, low, high in zip(cubes, ends[:-1], ends[1:], strict=True):
        multisets = np.sort(codes[low:high].reshape(cube.size, len(cube)), axis=1)
        rows.append(np.column_stack([cube.ravel(), multisets]))
    return _numbered(rows)


def _next_of_nodes(graphs: GraphSet, colours: np.ndarray) -> np.ndarray:
    """Colour refinement: a dictionary of (colour, sorted pairs of edge label and colour)."""
    u, v = graphs.edges.tolist()
    labels = [0] * len(u) if graphs.edge_labels is None else graphs.edge_labels.tolist()
    out: list[list[tuple[int, int]]] = [[] for _ in range(graphs.num_nodes)]
    into = [[] for _ in out] if graphs.directed else out
    known = colours.tolist()
    for tail, head, label in zip(u, v, labels, strict=True):
        out[tail].append((label, known[head]))
        into[head].append((label, known[tail]))
    numbers: dict[object, int] = {}
    keys = [
        (colour, tuple(sorted(ahead)), tuple(sorted(behind)) if graphs.directed else ())
        for colour, ahead, behind in zip(known, out, into, strict=True)
    ]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _oblivious_rows(cube: np.ndarray) -> np.ndarray:
    """(n^k, 1 + k n): the own colour, then for each coordinate the sorted colours along it."""
    n, k = cube.shape[0], cube.ndim
    parts = [cube[..., None]]
    for axis in range(k):
        along = np.moveaxis(np.sort(cube, axis=axis), axis, -1)
        parts.append(np.broadcast_to(np.expand_dims(along, axis), (*cube.shape, n)))
    return np.concatenate(parts, axis=-1).reshape(cube.size, 1 + k * n)


def _vectors(cube: np.ndarray) -> np.ndarray:
    """(n^k, n, k): for each tuple v and node w the vector of c(v[1 <- w]), ..., c(v[k <- w])."""
    n, k = cube.shape[0], cube.ndim
    parts = []
    for axis in range(k):
        along = np.expand_dims(np.moveaxis(cube, axis, -1), axis)
        parts.append(np.broadcast_to(along, (*cube.shape, n)))
    return np.stack(parts, axis=-1).reshape(cube.size, n, k)


def _numbered(parts: list[np.ndarray]) -> np.ndarray:
    """Number the rows of all parts together: equal rows get equal numbers, (N,) int64."""
    width = max((part.shape[1] for part in parts), default=1)
    padded = [
        np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=_ABSENT)
        for part in parts
    ]
    rows = np.concatenate([*padded, np.empty((0, width), np.int64)])
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
