"""Reading whatever a person has as a set of graphs: files, arrays, NetworkX, PyTorch Geometric."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput, DataError
from zoo_graphs.graph import Graph
from zoo_graphs.graph6 import parse_graph6
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.npz import open_npz
from zoo_graphs.tudataset import read_folder, read_zip

ACCEPTED = (
    "a NetworkX graph, a .graphml, .gml or .g6 file, an edge list (.txt, .csv, .tsv, .edges, "
    ".edgelist), an .npz with edges, an adjacency matrix, a PyTorch Geometric Data, a folder in "
    "the TU layout, or a list of these"
)
_TEXT = (".txt", ".csv", ".tsv", ".edges", ".edgelist")


def read_graphs(
    *sources: Any,
    node_label: str | None = "label",
    edge_label: str | None = "label",
    label_names: Sequence[str] = (),
) -> GraphSet:
    """Read one graph or many from what a person has.

    Self-loops are dropped and repeated edges counted once. Each source is one of

    - a NetworkX graph, directed or not, with node attribute `node_label` and edge attribute
      `edge_label` (None: no labels are read), on all nodes (edges) or none; multigraphs lose their
      multiplicity;
    - a path: .graphml and .gml (which NetworkX reads; a .gml's node names are no labels); .g6, one
      graph on each line; an edge list, two integers on each line; .npz with `edges` and,
      optionally, `num_nodes`, `node_labels`, `edge_labels`; .npy with one adjacency matrix; a
      folder or .zip in the TU layout;
    - a square adjacency matrix, NumPy or SciPy: entries other than 0 are edges, directed where it
      is not symmetric;
    - a PyTorch Geometric `Data` (edges given in both directions are undirected ones; `x` with one
      column of integers, or one-hot, gives the labels) or `Batch`;
    - a `zoo_graphs.graph.Graph` or a `GraphSet`;
    - a list of these.

    Node labels that are texts become the numbers that `label_names` gives them (it lists what 0, 1,
    ... are called), or else numbers made of the text, the same everywhere.

    Raises `BadInput` when a source is none of these, a file is missing or malformed, a label is
    NaN, or a graph has no nodes.
    """
    reader = _Reader(node_label, edge_label, tuple(label_names))
    sets = [one for source in sources for one in reader.read(source)]
    if not sets:
        raise BadInput(f"No graph was given; give {ACCEPTED}.")
    graphs = sets[0] if len(sets) == 1 else GraphSet.concatenate(sets)
    empty = np.flatnonzero(graphs.sizes == 0)
    if empty.size:
        raise BadInput(
            f"Graph {empty[0]} has no nodes, so there is nothing to colour; give graphs with one "
            "node at least."
        )
    return graphs


class _Reader:
    """Reads with one set of options."""

    def __init__(
        self, node_label: str | None, edge_label: str | None, label_names: tuple[str, ...]
    ) -> None:
        self.node_label, self.edge_label = node_label, edge_label
        self.codes = {name: code for code, name in enumerate(label_names)}

    def read(self, source: Any) -> Iterable[GraphSet]:
        """Yield the sets of graphs that a source holds."""
        if isinstance(source, GraphSet):
            yield source
        elif isinstance(source, Graph):
            yield GraphSet.from_edges(source.edges, [0, source.num_nodes], name=source.name)
        elif isinstance(source, str | PathLike):
            yield from self._from_path(Path(source))
        elif hasattr(source, "edge_index"):
            yield _from_pyg(source)
        elif hasattr(source, "nodes") and hasattr(source, "is_directed"):
            yield self._from_networkx(source)
        elif sparse.issparse(source) or (hasattr(source, "shape") and np.ndim(source) == 2):
            yield _from_adjacency(source)
        elif isinstance(source, Sequence) and not isinstance(source, bytes):
            for item in source:
                yield from self.read(item)
        else:
            raise BadInput(f"A {type(source).__name__} cannot be read as a graph; give {ACCEPTED}.")

    def _from_path(self, path: Path) -> Iterable[GraphSet]:
        if not path.exists():
            raise BadInput(f"There is no file {str(path)!r}; check the path.")
        kind = path.suffix.lower()
        try:
            if path.is_dir():
                return [read_folder(path, path.name)]
            if kind == ".zip":
                return [read_zip(path, path.name)]
            if kind in (".graphml", ".gml"):
                return [self._from_networkx(_parse_with_networkx(path))]
            if kind == ".g6":
                lines = [line for line in path.read_bytes().splitlines() if line.strip()]
                return [parse_graph6(line) for line in lines]
            if kind == ".npz":
                return [_from_npz(path)]
            if kind == ".npy":
                return [_from_adjacency(np.load(path, allow_pickle=False))]
            if kind in _TEXT:
                return [_from_edge_list(path)]
        except BadInput:
            raise
        except DataError as error:
            raise BadInput(f"{str(path)!r} cannot be read: {error}") from error
        except Exception as error:
            # Readers of other libraries raise whatever a malformed file makes them raise.
            reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
            raise BadInput(f"{str(path)!r} cannot be read: {reason}; give {ACCEPTED}.") from error
        raise BadInput(f"{path.name} is no kind of file that holds graphs; give {ACCEPTED}.")

    def _from_networkx(self, graph: Any) -> GraphSet:
        nodes = list(graph.nodes)
        index = {node: i for i, node in enumerate(nodes)}
        lines = list(graph.edges(data=True))
        ends = np.array([(index[u], index[v]) for u, v, _ in lines], dtype=np.int64)
        return GraphSet.from_edges(
            ends.reshape(-1, 2).T,
            [0, len(nodes)],
            self._labels([graph.nodes[node] for node in nodes], self.node_label, "node"),
            self._labels([data for _, _, data in lines], self.edge_label, "edge"),
            directed=bool(graph.is_directed()),
            name=str(graph.graph.get("name") or "graph"),
        )

    def _labels(
        self, attributes: Sequence[dict[str, Any]], key: str | None, what: str
    ) -> list[int] | None:
        have = [key in one for one in attributes]
        if key is None or not any(have):
            return None
        if not all(have):
            raise BadInput(
                f"Some {what}s have the attribute {key!r} and {what} {have.index(False)} has not; "
                f"set it for every {what}, or for none."
            )
        coded: Callable[[Any, str], int] = self._code if what == "node" else _code
        return [coded(one[key], f"{what} {i}") for i, one in enumerate(attributes)]

    def _code(self, label: Any, where: str) -> int:
        if isinstance(label, str) and label in self.codes:
            return self.codes[label]
        if isinstance(label, str) and self.codes and not label.lstrip("-").isdecimal():
            raise BadInput(
                f"The label {label!r} of {where} is unknown here; expected one of "
                f"{', '.join(self.codes)}, or their numbers."
            )
        return _code(label, where)


def _code(label: Any, where: str) -> int:
    """Return a label's number, from 0: integers are their own, texts are hashed."""
    if isinstance(label, str):
        if label.isdecimal():
            return int(label)
        digest = hashlib.blake2b(label.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little") >> 2  # room for 1 + label in 63 bits
    try:
        number = float(label)
    except (TypeError, ValueError):
        raise BadInput(
            f"The label of {where} is a {type(label).__name__}; expected a number or a text."
        ) from None
    if math.isnan(number):
        raise BadInput(f"The label of {where} is NaN; give every label a number or a text.")
    if not number.is_integer() or number < 0:
        raise BadInput(f"The label of {where} is {label!r}; expected an integer from 0 or a text.")
    return int(number)


def _parse_with_networkx(path: Path) -> Any:
    try:
        import networkx as nx
    except ImportError as error:
        raise BadInput(
            f"Reading {path.name} needs NetworkX; install it with `pip install networkx`, or give "
            "an edge list or .g6."
        ) from error
    return nx.read_graphml(path) if path.suffix.lower() == ".graphml" else nx.read_gml(path)


def _from_edge_list(path: Path) -> GraphSet:
    """Read two node numbers on each line; "#" starts a comment."""
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        words = re.split(r"[\s,;]+", line.partition("#")[0].strip(" \t,;"))
        if words == [""]:
            continue
        # networkx.write_edgelist ends each line with a dictionary.
        ends = words[:2] if len(words) > 2 and words[2].startswith("{") else words
        if len(ends) != 2 or not all(word.isdecimal() for word in ends):
            raise BadInput(
                f"Line {number} of {path.name} is {line.strip()[:60]!r}, expected two node numbers "
                "from 0 by comma, tab or space; correct or remove it."
            )
        pairs.append([int(word) for word in ends])
    top = max((max(pair) for pair in pairs), default=-1)
    if top > 100 * (len(pairs) + 100):
        raise BadInput(
            f"The largest node number in {path.name} is {top}, with {len(pairs)} edges only; "
            "number the nodes from 0 without gaps."
        )
    return GraphSet.from_edges(np.array(pairs, dtype=np.int64).reshape(-1, 2).T, [0, top + 1])


def _from_npz(path: Path) -> GraphSet:
    with open_npz(path) as archive:
        edges = archive.first("edges", "edge_index", "edges_directed", "edges_undirected")
        if edges is None:
            raise BadInput(f"{path.name} has no edges, only {sorted(archive)}; add them.")
        edges = edges if edges.shape[0] == 2 else edges.T
        labels = archive.first("node_labels")
        count = archive.first("num_nodes")
        if count is None:
            count = np.max(edges, initial=-1) + 1 if labels is None else labels.shape[0]
        return GraphSet.from_edges(edges, [0, int(count)], labels, archive.first("edge_labels"))


def _from_adjacency(source: Any) -> GraphSet:
    matrix = source if sparse.issparse(source) else np.asarray(source)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise BadInput(
            f"An adjacency matrix has shape {matrix.shape}, expected a square one; give (n, n)."
        )
    entries = sparse.coo_array(matrix)
    if entries.dtype.kind == "f" and np.isnan(entries.data).any():
        raise BadInput("The adjacency matrix holds NaN; give 0 where there is no edge.")
    entries.eliminate_zeros()
    edges = np.stack([entries.row, entries.col]).astype(np.int64)
    return GraphSet.from_edges(edges, [0, matrix.shape[0]], directed=not _symmetric(edges))


def _symmetric(edges: np.ndarray) -> bool:
    """Tell whether with each edge its reverse is there."""
    n = int(edges.max(initial=0)) + 1
    there, back = np.unique(edges[0] * n + edges[1]), np.unique(edges[1] * n + edges[0])
    return bool(np.array_equal(there, back))


def _from_pyg(data: Any) -> GraphSet:
    if data.edge_index is None:
        raise BadInput(f"The {type(data).__name__} has no edge_index; set it.")
    edges = np.asarray(data.edge_index.detach().cpu()).astype(np.int64)
    count = int(data.num_nodes or 0)
    pointers = getattr(data, "ptr", None)
    offsets = [0, count] if pointers is None else np.asarray(pointers)
    return GraphSet.from_edges(
        edges, offsets, _pyg_labels(getattr(data, "x", None)), directed=not _symmetric(edges)
    )


def _pyg_labels(features: Any) -> np.ndarray | None:
    if features is None:
        return None
    values = np.asarray(features.detach().cpu().double())
    if np.isnan(values).any():
        node = int(np.flatnonzero(np.isnan(values).reshape(len(values), -1).any(axis=1))[0])
        raise BadInput(f"The features x of node {node} hold NaN; give every node a label.")
    values = values.reshape(len(values), -1)
    if values.shape[1] == 1:
        return values[:, 0]
    one_hot = np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()
    if not one_hot:
        raise BadInput(
            "The features x are neither one column of integers nor one-hot, so they are no labels; "
            "give labels as x, or set x to None."
        )
    labels: np.ndarray = values.argmax(axis=1)
    return labels
