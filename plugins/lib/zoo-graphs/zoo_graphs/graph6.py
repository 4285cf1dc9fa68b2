"""Brendan McKay's graph6 format: an undirected graph as one line of printable characters."""

from __future__ import annotations

import numpy as np

from zoo_graphs.graph_set import GraphSet

_HEADER = b">>graph6<<"


def parse_graph6(line: bytes) -> GraphSet:
    """Return the graph of one graph6 line, as a set of one.

    Raises `ValueError` when the line is no graph6.
    """
    data = np.frombuffer(line.strip().removeprefix(_HEADER), dtype=np.uint8)
    if data.size == 0 or data.min() < 63 or data.max() > 126:
        raise ValueError("a line is not graph6 (characters from '?' to '~')")
    values = data - 63
    n, body = _size(values)
    bits = np.unpackbits(body[:, None], axis=1)[:, 2:].ravel()  # six bits of each character
    count = n * (n - 1) // 2
    if not 0 <= bits.size - count < 6:
        raise ValueError(f"a graph6 line of {n} nodes has {body.size} characters of edges")
    # Column by column of the upper triangle: (0,1), (0,2), (1,2), (0,3), ...
    u, v = np.tril_indices(n, -1)[::-1]
    here = bits[:count].astype(bool)
    return GraphSet.from_edges(
        np.stack([u[here], v[here]]), [0, n], name="graph6", layout="columns"
    )


def _size(values: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the number of nodes and the rest: 1, 4 or 8 characters tell the number."""
    wide = 0 if values[0] != 63 else 1 if values.size < 2 or values[1] != 63 else 2
    skip, digits = ((0, 1), (1, 3), (2, 6))[wide]
    number = 0
    for digit in values[skip : skip + digits].tolist():
        number = 64 * number + digit
    return number, values[skip + digits :]
