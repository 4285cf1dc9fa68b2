"""Reading whatever a person has as a graph: files, arrays, PyTorch Geometric, NetworkX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput
from zoo_graphs.graph import SPLITS, Graph, Symmetrize, check_symmetrize
from zoo_graphs.npz import Archive, directed_edges, open_npz

ACCEPTED = (
    "a Graph, an .npz file, an edge-list file (.txt, .csv, .tsv, .edges) with features=..., a pair "
    "(edges, features), a PyTorch Geometric Data, or a NetworkX graph"
)

_EDGE_KEYS = ("edges", "edge_index", "edges_directed", "edges_undirected")
_FEATURE_KEYS = ("features", "x", "node_features")
_LABEL_KEYS = ("labels", "y", "node_labels")
_FEATURE_CSR = ("feat", "attr")
_FEW = 1000  # so few edges may skip as many numbers as they like
# The first that is there is taken; stacked masks, one row a fold, give their first fold.
_MASK_PATTERNS = ("{}_mask", "{}_masks", "geom_{}_masks", "public_{}_mask")


def read_graph(
    source: Any,
    features: Any = None,
    *,
    symmetrize: Symmetrize = "union",
    featureless: bool = False,
) -> Graph:
    """Read a graph from what a person has.

    `source` is one of

    - a `Graph`, returned as it is;
    - a path to an .npz file. Edges: `edges`, `edge_index`, `edges_directed` or `edges_undirected`,
      (2, m) or (m, 2), or a CSR adjacency under `adj_data`, `adj_indices`, `adj_indptr`,
      `adj_shape`. Features: `features`, `x` or `node_features`, (n, p), or CSR under `feat_*` or
      `attr_*`. Optional: `labels`, `y` or `node_labels`; `train_mask`, `val_mask`, `test_mask` (or
      `train_masks` ..., one row a fold, of which the first is taken); `class_names` as a plain
      string array; `edge_weights`. Never unpickled;
    - a path to an edge list: two integers on each line, by comma, tab, semicolon or space; "#"
      starts a comment; one header line is skipped. Needs `features`;
    - a pair (edges, features) of arrays or tensors, either of them a path if you like;
    - a PyTorch Geometric `Data` with `edge_index` and `x`;
    - a NetworkX graph with the node attribute "x" or "features" and, optionally, "y" or "label",
      and edge attribute "weight"; nodes keep the order of `graph.nodes`.

    `features` replaces the source's own: an (n, p) array, scipy matrix or tensor, or a path to
    .npy, .npz (keys as above, or written by `scipy.sparse.save_npz`), .csv, .tsv or .txt. For
    `symmetrize`, "union" or "upper", see `Graph.from_edges`. With `featureless` a source without
    features is taken too, edges alone included; the graph then has no feature columns, and as many
    nodes as the source says (`num_nodes` in an .npz) or, where it does not say, as its labels or
    largest node index ask for.

    Raises `BadInput` when the source is none of these, a file is missing, or its content is
    malformed.
    """
    check_symmetrize(symmetrize)
    own = None if features is None else _read_features(features)
    if isinstance(source, Graph):
        if own is not None:
            raise BadInput("A Graph has its features already; give edges and features instead.")
        return source
    if isinstance(source, str | PathLike):
        parts = _from_path(Path(source), own, featureless)
    elif hasattr(source, "edge_index"):
        parts = _from_pyg(source, own, featureless)
    elif hasattr(source, "nodes") and hasattr(source, "edges") and hasattr(source, "is_directed"):
        parts = _from_networkx(source, own, featureless)
    elif isinstance(source, Sequence) and len(source) == 2:
        if own is not None:
            raise BadInput("Features are given twice, in the pair and by themselves; drop one.")
        if isinstance(source[0], str | PathLike):
            return read_graph(source[0], source[1], symmetrize=symmetrize, featureless=featureless)
        parts = {"edges": _plain(source[0]), "features": _read_features(source[1])}
    elif (own is not None or featureless) and hasattr(source, "shape"):
        parts = {"edges": _plain(source), "features": own}
    else:
        raise BadInput(f"A {type(source).__name__} cannot be read as a graph; give {ACCEPTED}.")
    if featureless and parts["features"] is None:
        parts["features"] = np.zeros((_count_nodes(parts), 0), dtype=np.float32)
    graph = Graph.from_edges(**parts, symmetrize=symmetrize)
    if not graph.num_nodes:
        reason = "it has no edges either" if featureless else "its features have no rows"
        raise BadInput(f"The graph has no nodes: {reason}; give one row for each node.")
    return graph


def _count_nodes(parts: dict[str, Any]) -> int:
    """Return how many nodes a source without features has."""
    known, labels = parts.get("num_nodes"), parts.get("labels")
    if known is not None:
        return int(known)
    if labels is not None:
        return int(np.size(labels))
    edges = np.asarray(parts["edges"])
    if edges.dtype.kind not in "iuf" or not edges.size or not np.isfinite(edges).all():
        return 0  # no indices: if that is wrong, from_edges says so
    top = int(edges.max())
    if top >= 100 * (edges.size + _FEW):
        raise BadInput(
            f"The largest node index is {top}, but there are {edges.size // 2} edges only; number "
            "the nodes from 0 without gaps, or give the number of nodes as num_nodes in an .npz."
        )
    return top + 1


@contextmanager
def _reading(path: Path) -> Any:
    """Turn whatever goes wrong with a user's file into one sentence."""
    try:
        if not path.exists():
            raise BadInput(f"There is no file {str(path)!r}; check the path.")
        if path.is_dir():
            raise BadInput(f"{str(path)!r} is a folder, expected a file; give {ACCEPTED}.")
        yield
    except BadInput:
        raise
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is not a text file; give UTF-8 lines of numbers.") from None
    except (ValueError, OSError) as error:
        reason = str(error).rstrip(".")
        raise BadInput(f"{str(path)!r} cannot be read: {reason}; give {ACCEPTED}.") from None


def _from_path(path: Path, features: Any, featureless: bool) -> dict[str, Any]:
    with _reading(path):
        if path.suffix.lower() == ".npz":
            with open_npz(path) as archive:
                return _from_archive(archive, path.stem, features, featureless)
        if path.suffix.lower() in (".npy", ".pt", ".pkl", ".pickle", ".mat"):
            raise BadInput(f"{path.name} is no kind of file that holds a graph; give {ACCEPTED}.")
        if features is None and not featureless:
            raise BadInput(
                f"The edge list {path.name} has no node features; give them as well, with "
                "features=... an array or a path to .npy, .npz or .csv."
            )
        edges = _parse_edge_list(path.read_text(encoding="utf-8-sig"), path.name)
    return {"edges": edges, "features": features, "name": path.stem}


def _from_archive(archive: Archive, name: str, features: Any, featureless: bool) -> dict[str, Any]:
    edges, weights = archive.first(*_EDGE_KEYS), archive.first("edge_weights", "edge_weight")
    adjacency = None if edges is not None else archive.csr("adj")
    if adjacency is not None:
        edges, weights = _from_adjacency(adjacency)
    matrix = _archive_features(archive) if features is None else features
    if edges is None or (matrix is None and not featureless):
        missing = "node features (features, x, feat_* or attr_*)"
        if edges is None:
            missing = "edges (edges, edge_index or adj_*)"
        raise BadInput(f"{name}.npz has no {missing}, only {sorted(archive)}; add them.")
    names = archive.first("class_names")
    if names is not None and names.ndim != 1:
        raise BadInput(f"class_names has shape {names.shape}; give a plain list of texts.")
    return {
        "edges": edges,
        "features": matrix,
        "labels": archive.first(*_LABEL_KEYS),
        "masks": _archive_masks(archive),
        "num_nodes": _archive_num_nodes(archive, adjacency, matrix),
        "class_names": () if names is None else tuple(str(item) for item in names),
        "edge_weights": weights,
        "name": name,
    }


def _archive_num_nodes(archive: Archive, adjacency: Any, matrix: Any) -> int | None:
    """Return how many nodes an archive says there are; features, where there are any, tell too."""
    if adjacency is not None:
        return int(adjacency.shape[0])
    number = archive.first("num_nodes") if matrix is None else None
    if number is None:
        return None
    if number.size != 1 or number.dtype.kind not in "iu" or number.item() < 0:
        raise BadInput(f"num_nodes is {number.tolist()!r:.60}; expected one integer from 0.")
    return int(number.item())


def _from_adjacency(matrix: sparse.csr_array) -> tuple[np.ndarray, np.ndarray | None]:
    """Return directed edges and, unless all are 1, their weights."""
    if matrix.shape[0] != matrix.shape[1]:
        raise BadInput(f"The adjacency matrix has shape {matrix.shape}; expected a square one.")
    edges, weights = directed_edges(matrix)
    return edges, None if (weights == 1).all() else weights


def _archive_features(archive: Archive) -> Any:
    dense = archive.first(*_FEATURE_KEYS)
    if dense is not None:
        return dense
    for prefix in _FEATURE_CSR:
        matrix = archive.csr(prefix)
        if matrix is not None:
            return matrix
    return None


def _archive_masks(archive: Archive) -> dict[str, np.ndarray]:
    for pattern in _MASK_PATTERNS:
        keys = {split: pattern.format(split) for split in SPLITS}
        found = {split: archive[key] for split, key in keys.items() if key in archive}
        if found:
            return {s: m[0] if m.ndim == 2 and len(m) else m for s, m in found.items()}
    return {}


def _parse_edge_list(text: str, name: str) -> np.ndarray:
    pairs: list[tuple[int, int]] = []
    header_allowed = True
    for number, line in enumerate(text.splitlines(), start=1):
        words = re.split(r"[\s,;]+", line.partition("#")[0].strip(" \t,;"))
        if words == [""]:
            continue
        try:
            u, v = (int(word) for word in words)
        except ValueError:
            if header_allowed and len(words) <= 2 and not any(map(_is_number, words)):
                header_allowed = False
                continue
            raise BadInput(
                f"Line {number} of {name} is {line.strip()[:60]!r}, expected two integers (node "
                "indices from 0) by comma, tab or space; correct or remove it."
            ) from None
        header_allowed = False
        pairs.append((u, v))
    try:
        return np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    except OverflowError:
        raise BadInput(f"{name} has indices beyond 64 bits; number the nodes from 0.") from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _read_features(source: Any) -> Any:
    if not isinstance(source, str | PathLike):
        return _plain(source)
    path = Path(source)
    kind = path.suffix.lower()
    with _reading(path):
        if kind == ".npy":
            return _load_npy(path)
        if kind == ".npz":
            return _load_feature_npz(path)
        if kind in (".csv", ".tsv", ".txt"):
            return _load_table(path)
    raise BadInput(
        f"Features cannot be read from {path.name}; give an array or a path to .npy, .npz or .csv."
    )


def _load_npy(path: Path) -> np.ndarray:
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (ValueError, EOFError) as error:
        if "pickle" in str(error):
            raise BadInput(
                f"{path.name} is no array of numbers, or holds pickled objects, which are never "
                "read because they can run code; save a plain array with numpy.save."
            ) from None
        raise ValueError(str(error)) from None


def _load_feature_npz(path: Path) -> Any:
    with open_npz(path) as archive:
        if {"format", "indptr"} <= set(archive):
            if archive["format"].item() not in (b"csr", "csr"):
                raise ValueError("the sparse matrix is not CSR; save it with .tocsr()")
            try:
                parts = (archive["data"], archive["indices"], archive["indptr"])
                matrix = sparse.csr_array(parts, shape=tuple(archive["shape"].tolist()))
                matrix.check_format(full_check=True)
            except (KeyError, TypeError) as error:
                raise ValueError(f"it holds no whole sparse matrix ({error})") from None
            return matrix
        matrix = _archive_features(archive)
        if matrix is None:
            raise BadInput(
                f"{path.name} has no features (features, x, feat_* or attr_*), only "
                f"{sorted(archive)}; add them."
            )
        return matrix


def _load_table(path: Path) -> np.ndarray:
    lines = [
        re.sub(r"[\s,;]+", " ", line.partition("#")[0].strip(" \t,;"))
        for line in path.read_text(encoding="utf-8-sig").splitlines()
    ]
    lines = [line for line in lines if line]
    if lines and not any(map(_is_number, lines[0].split())):
        lines = lines[1:]
    if not lines:
        raise ValueError("it has no rows of numbers")
    return np.loadtxt(lines, dtype=np.float64, ndmin=2)


def _plain(value: Any) -> Any:
    """Return a NumPy array or scipy matrix of a torch tensor; anything else as it is."""
    if not hasattr(value, "detach"):
        return value
    tensor = value.detach().cpu()
    if "strided" in str(tensor.layout):
        return tensor.float().numpy() if "bfloat16" in str(tensor.dtype) else tensor.numpy()
    entries = tensor.to_sparse_coo().coalesce()
    position = entries.indices().numpy()
    values = _plain(entries.values())
    return sparse.coo_array((values, tuple(position)), shape=tuple(tensor.shape)).tocsr()


def _from_pyg(data: Any, features: Any, featureless: bool) -> dict[str, Any]:
    own = getattr(data, "x", None) if features is None else features
    edges = data.edge_index
    if edges is None or (own is None and not featureless):
        raise BadInput(
            f"The {type(data).__name__} has no {'edge_index' if edges is None else 'x'}; set it, "
            "or give features=... as well."
        )
    labels = _plain(getattr(data, "y", None))
    if labels is not None and np.ndim(labels) == 2 and np.shape(labels)[1] == 1:
        labels = np.ravel(labels)
    masks = {s: _plain(getattr(data, f"{s}_mask", None)) for s in SPLITS}
    return {
        "edges": _plain(edges),
        "features": _plain(own),
        "labels": labels,
        # Several splits are columns there; the first is taken.
        "masks": {s: m[:, 0] if m.ndim == 2 else m for s, m in masks.items() if m is not None},
        "num_nodes": getattr(data, "num_nodes", None),
        "edge_weights": _plain(getattr(data, "edge_weight", None)),
    }


def _from_networkx(graph: Any, features: Any, featureless: bool) -> dict[str, Any]:
    nodes = list(graph.nodes)
    index = {node: i for i, node in enumerate(nodes)}
    own = _node_attribute(graph, nodes, ("x", "features")) if features is None else features
    if own is None and not featureless:
        raise BadInput(
            "The NetworkX graph's nodes have no attribute 'x' or 'features'; set one (a list of "
            "numbers for each node), or give features=... as well."
        )
    lines = list(graph.edges(data="weight"))
    weights = [weight for _, _, weight in lines]
    edges = np.array([(index[u], index[v]) for u, v, _ in lines], dtype=np.int64).reshape(-1, 2)
    labels, names = _codes(_node_attribute(graph, nodes, ("y", "label")))
    return {
        "edges": edges.T,
        "features": own if features is not None or own is None else _stack(own, nodes),
        "labels": labels,
        "num_nodes": len(nodes),
        "class_names": names,
        "edge_weights": weights if weights and None not in weights else None,
        "name": graph.graph.get("name") or "graph",
    }


def _node_attribute(graph: Any, nodes: list[Any], keys: tuple[str, ...]) -> list[Any] | None:
    """Return the first attribute that a node has, for all nodes; None where no node has one."""
    for key in keys:
        have = [key in graph.nodes[node] for node in nodes]
        if all(have) and nodes:
            return [_plain(graph.nodes[node][key]) for node in nodes]
        if any(have):
            raise BadInput(
                f"Node {nodes[have.index(False)]!r} has no attribute {key!r}, others have; set it "
                "for every node."
            )
    return None


def _stack(rows: list[Any], nodes: list[Any]) -> np.ndarray:
    arrays = [np.atleast_1d(np.asarray(row)) for row in rows]
    for node, array in zip(nodes, arrays, strict=True):
        if array.shape != arrays[0].shape or array.ndim != 1:
            raise BadInput(
                f"Node {node!r} has features of shape {array.shape}, node {nodes[0]!r} of shape "
                f"{arrays[0].shape}; give every node a list of the same length."
            )
    return np.stack(arrays)


def _codes(labels: list[Any] | None) -> tuple[Any, tuple[str, ...]]:
    """Return labels as numbers, and the names where they are texts (in alphabetical order)."""
    if labels is None or not all(isinstance(label, str) for label in labels):
        return labels, ()
    names, codes = np.unique(np.array(labels, dtype=str), return_inverse=True)
    return codes, tuple(names.tolist())
