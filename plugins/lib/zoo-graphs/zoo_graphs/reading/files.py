"""Files that hold graphs: which reader each has, and one sentence for whatever goes wrong."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput, DataError, ZooError
from zoo_graphs.graph6 import parse_line
from zoo_graphs.npz import open_npz
from zoo_graphs.reading.arrays import from_adjacency, from_array, from_mapping
from zoo_graphs.reading.foreign import from_networkx
from zoo_graphs.reading.source import Ids, Source, check_claim, from_nodes
from zoo_graphs.reading.tables import from_frame, typed_ids
from zoo_graphs.reading.text import parse_edge_list

TEXT = (".txt", ".csv", ".tsv", ".edges", ".edgelist", ".el", ".ncol", ".dat")
GRAPH6 = (".g6", ".s6", ".d6", ".graph6", ".sparse6")
_FRAMES = (".parquet", ".pq", ".feather")
_NETWORKX = {
    ".graphml": "read_graphml",
    ".gml": "read_gml",
    ".gexf": "read_gexf",
    ".net": "read_pajek",
    ".paj": "read_pajek",
    ".adjlist": "read_adjlist",
    ".multiline_adjlist": "read_multiline_adjlist",
}
_PACKED = (".gz",)
_LARGEST = 1 << 32  # bytes of a text
ACCEPTED = (
    "an edge list (.txt, .csv, .tsv, .edges, .edgelist, .parquet), an .npz file with edges, an "
    "adjacency matrix (.npy, .mtx, .npz), .graphml, .gml, .gexf, .net, .adjlist, .g6 or .s6"
)


@contextmanager
def reading(path: Path, accepted: str) -> Iterator[None]:
    """Turn whatever goes wrong with a user's file into one sentence."""
    try:
        if not path.exists():
            what = "file" if path.suffix else "file or folder"
            raise BadInput(f"There is no {what} {str(path)!r}; check the path.")
        yield
    except DataError as error:
        raise BadInput(f"{str(path)[-200:]!r} cannot be read: {error}") from error
    except ZooError:
        raise
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is not a text file; give UTF-8 lines of numbers.") from None
    except Exception as error:
        # Readers of other libraries raise whatever a malformed file makes them raise.
        reason = " ".join(str(error).split()).rstrip(".")[:200] or type(error).__name__
        shown = str(path)[-200:]
        raise BadInput(f"{shown!r} cannot be read: {reason}; give {accepted}.") from error


def kind_of(path: Path) -> str:
    """Return the suffix that says what a file is: that before .gz where it is packed."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in _PACKED else suffix


def from_file(
    path: Path, ids: Ids | None, num_nodes: int | None, header: bool | None, label_names: Any = ()
) -> Source:
    """Return the graph of a file; raises `BadInput` for a kind that holds none.

    `num_nodes` is how many rows features given beside it have, and `label_names` what labels are
    called, which tells them from names of nodes in a .gml.
    """
    kind = kind_of(path)
    if path.is_dir():
        raise BadInput(f"{str(path)!r} is a folder, expected a file; give {ACCEPTED}.")
    if kind in _NETWORKX:
        return _with_networkx(path, kind, set(label_names), ids, num_nodes)
    if kind == ".npz":
        found = _from_npz(path, ids, num_nodes)
    elif kind == ".npy":
        found = from_array(np.load(path, allow_pickle=False), ids, num_nodes, path.name)
    elif kind == ".mtx":
        found = _from_matrix_market(path)
    elif kind in GRAPH6:
        found = _only(read_graph6(path), path)
    elif kind in _FRAMES:
        from zoo_tables import read_table

        found = from_frame(_frame(read_table(path)), path.name, ids, num_nodes)
    elif kind in TEXT:
        found = parse_edge_list(text_of(path), path.name, ids, num_nodes, header)
    else:
        raise BadInput(f"{path.name} is no kind of file that holds a graph; give {ACCEPTED}.")
    found.name = Path(path.name.removesuffix(path.suffix)).stem
    return found


def _only(sources: list[Source], path: Path) -> Source:
    if len(sources) != 1:
        raise BadInput(f"{path.name} holds {len(sources)} graphs, expected one; give one of them.")
    return sources[0]


def text_of(path: Path) -> str:
    """Return the text of a file, UTF-8 or what its byte order mark says, unpacked where packed."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise BadInput(f"{path.name} is beyond 4 GiB; give a part of it, or an .npz.")
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if wide else "utf-8-sig")


def read_graph6(path: Path) -> list[Source]:
    """Return the graphs of a file in graph6, sparse6 or digraph6, one on each line."""
    found = []
    for line in path.read_bytes().splitlines():
        if line.strip():
            nodes, ends, directed = parse_line(line)
            check_claim(nodes, ends.shape[1], path.name)
            found.append(Source(ends, nodes, directed=directed, name=path.stem))
    return found


def _with_networkx(
    path: Path, kind: str, label_names: set[str], ids: Ids | None, num_nodes: int | None
) -> Source:
    try:
        import networkx as nx
    except ImportError as error:
        raise BadInput(
            f"Reading {path.name} needs NetworkX; install it with `pip install networkx`, or give "
            "an edge list or .g6."
        ) from error
    # By id, because labels of a .gml may be those of molecules, each many times.
    options = {"label": "id"} if kind == ".gml" else {}
    graph = getattr(nx, _NETWORKX[kind])(path, **options)
    found = from_networkx(graph)
    if kind.endswith("adjlist"):
        found = _in_order(found, ids, num_nodes)
    labels = found.nodes.get("label")
    if kind == ".gml" and labels is not None and not set(map(str, labels)) <= label_names:
        if len(set(map(str, labels))) == len(labels):
            found.names = found.nodes.pop("label")
    elif kind == ".gexf" and labels == list(map(str, graph.nodes)):
        del found.nodes["label"]
    if kind == ".gexf":
        found.edges.pop("id", None)  # GEXF numbers edges
    if kind in (".net", ".paj"):
        found.nodes.pop("id", None)
        if set(found.edges.get("weight", ())) == {1.0}:
            del found.edges["weight"]  # which NetworkX fills in
        found.nodes.pop("x", None), found.nodes.pop("y", None), found.nodes.pop("shape", None)
    if found.name == "graph":
        found.name = path.stem
    return found


def _in_order(found: Source, ids: Ids | None, num_nodes: int | None) -> Source:
    """Return a graph whose nodes came as others named them, as an edge list is read."""
    names = typed_ids(list(map(str, found.names or ())))
    if names is None or not found.names:
        return found
    pairs = [(names[u], names[v]) for u, v in found.ends.T.tolist()]
    ordered = from_nodes(pairs, ids, num_nodes, found.name, names)
    return replace(ordered, directed=found.directed, edges=found.edges)


def _from_npz(path: Path, ids: Ids | None, num_nodes: int | None) -> Source:
    with open_npz(path) as archive:
        if {"format", "data", "shape"} <= set(archive):
            check_claim(max(map(int, archive["shape"])), len(archive["data"]), path.name)
            matrix = sparse.load_npz(path).tocsr()
            matrix.check_format(full_check=True)
            return from_adjacency(matrix, path.name)
        return from_mapping(archive, path.name, ids, num_nodes)


def _from_matrix_market(path: Path) -> Source:
    from scipy import io

    rows, _, entries, *_ = io.mminfo(path)
    check_claim(rows, entries, path.name)
    return from_adjacency(io.mmread(path), path.stem)


def _frame(table: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(dict(zip(table.names, table.columns, strict=True)))
