"""Brendan McKay's graph6, sparse6 and digraph6: a graph as one line of printable characters.

Source: https://users.cecs.anu.edu.au/~bdm/data/formats.txt
"""

from __future__ import annotations

import re

import numpy as np

from zoo_graphs.graph_set import GraphSet

_HEADER = re.compile(rb">>(graph6|sparse6|digraph6)<<")
_CHUNK = 1 << 18  # characters that are unpacked at a time


def parse_graph6(line: bytes) -> GraphSet:
    """Return the graph of one graph6 line, as a set of one.

    Raises `ValueError` when the line is no graph6.
    """
    n, ends, _ = parse_line(line)
    return GraphSet.from_edges(ends, [0, n], name="graph6", layout="columns")


def parse_line(line: bytes) -> tuple[int, np.ndarray, bool]:
    """Return the nodes n, edges (2, m) and whether they are directed, of a line in any format.

    sparse6 may have loops and edges more than once. Raises `ValueError` when the line is none of
    them, or claims more nodes than it has room for.
    """
    body = _HEADER.sub(b"", line.strip(), count=1)
    kind, body = body[:1], body[1:] if body[:1] in (b":", b"&") else body
    data = np.frombuffer(body, dtype=np.uint8)
    if data.size == 0 or data.min() < 63 or data.max() > 126:
        raise ValueError("a line is not graph6 (characters from '?' to '~')")
    n, values = _size(data)
    if kind == b":":
        return n, _sparse6(values, n), False
    pairs = n * n if kind == b"&" else n * (n - 1) // 2
    if not 0 <= 6 * values.size - pairs < 6:
        raise ValueError(f"a graph6 line of {n} nodes has {values.size} characters of edges")
    places = _ones(values)
    places = places[places < pairs]
    if kind == b"&":
        return n, np.stack([places // n, places % n]), True
    # Column by column of the upper triangle: (0,1), (0,2), (1,2), (0,3), ...
    v = ((1 + np.sqrt(8.0 * places + 1)) / 2).astype(np.int64)
    v -= v * (v - 1) // 2 > places
    v += v * (v + 1) // 2 <= places
    return n, np.stack([places - v * (v - 1) // 2, v]), False


def _ones(data: np.ndarray) -> np.ndarray:
    """Return where the bits are 1, six of each character, in as much memory as there are ones."""
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, data.size, _CHUNK):
        part = data[start : start + _CHUNK] - 63
        there = np.flatnonzero(part)
        row, bit = np.unpackbits(part[there, None], axis=1)[:, 2:].nonzero()
        found.append(6 * (there[row] + start) + bit)
    return np.concatenate(found)


def _sparse6(data: np.ndarray, n: int) -> np.ndarray:
    """Return the edges (2, m) of sparse6: groups of a bit b and a number x of k bits.

    The current node v rises by b; then x > v moves it to x, and any other x is a neighbour of v. So
    v is the largest of all x so far, each with the b that come after it added.
    """
    k = max(int(n - 1).bit_length(), 1)
    bits = np.unpackbits((data - 63)[:, None], axis=1)[:, 2:].ravel()
    groups = bits[: bits.size // (1 + k) * (1 + k)].reshape(-1, 1 + k)
    b = groups[:, 0].astype(np.int64)
    x = np.zeros(len(groups), dtype=np.int64)
    for column in range(1, 1 + k):
        x = 2 * x + groups[:, column]
    risen = np.cumsum(b)
    v = risen + np.maximum.accumulate(np.maximum(x - risen, 0))
    before = np.concatenate([[0], v[:-1]]) + b
    # Ones that fill the last character may look like more groups: they go beyond n.
    valid = np.logical_and.accumulate((x < n) & (before < n))
    edge = valid & (x <= before)
    return np.stack([x[edge], before[edge]])


def _size(data: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the number of nodes and the rest: 1, 4 or 8 characters tell the number."""
    wide = 0 if data[0] != 126 else 1 if data.size < 2 or data[1] != 126 else 2
    skip, digits = ((0, 1), (1, 3), (2, 6))[wide]
    if data.size < skip + digits:
        raise ValueError("a line ends within its number of nodes")
    number = 0
    for digit in data[skip : skip + digits].tolist():
        number = 64 * number + digit - 63
    return number, data[skip + digits :]
