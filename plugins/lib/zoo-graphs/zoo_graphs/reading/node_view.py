"""A `Graph` of what a person has: one graph whose nodes matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput, notice
from zoo_graphs.graph import Graph, Symmetrize, check_symmetrize
from zoo_graphs.reading.classes import Classes, classes_of
from zoo_graphs.reading.dropped import Dropped
from zoo_graphs.reading.features import read_features
from zoo_graphs.reading.masks import labelled_masks, masks_of
from zoo_graphs.reading.node_table import with_table
from zoo_graphs.reading.opening import ACCEPTED, depth, open_one
from zoo_graphs.reading.source import (
    ABSENT,
    CLASSES,
    FEATURES,
    Ids,
    Source,
    check_ids,
    first,
    plain,
)
from zoo_graphs.reading.weights import check_signs, weights_of


def read_graph(
    source: Any,
    features: Any = None,
    *,
    symmetrize: Symmetrize = "union",
    featureless: bool = False,
    label: str | None = None,
    weight: str | None = None,
    missing_weight: float | None = None,
    signed: bool = True,
    ids: Ids | None = None,
    header: bool | None = None,
    features_header: bool | None = None,
    class_names: Sequence[str] = (),
    fold: int = 0,
) -> Graph:
    """Read a graph from what a person has.

    `source` is one of

    - a `Graph`, returned as it is;
    - a path to an .npz file, or a dictionary of arrays. Edges: `edges`, `edge_index`,
      `edges_directed` or `edges_undirected`, (2, m), (m, 2), or (m, 3) with a weight, or a CSR
      adjacency under `adj_data`, `adj_indices`, `adj_indptr`, `adj_shape`, or a matrix under
      `adjacency`. Features: `features`, `x` or `node_features`, (n, p), or CSR under `feat_*` or
      `attr_*`. Optional: `labels`, `y` or `node_labels`, numbers or texts; `train_mask`,
      `val_mask`, `test_mask` (or `train_masks` ..., one row a fold); `class_names`;
      `edge_weights` or a column `edge_attr`; `num_nodes`. Never unpickled;
    - a path to an edge list (.txt, .csv, .tsv, .edges, .edgelist, .parquet): two nodes on each
      line, by comma, tab, semicolon or space, and perhaps a weight; "#" starts a comment; a node
      alone on a line has no edges; .graphml, .gml, .gexf, .net, .adjlist, which NetworkX reads;
      .g6, .s6; .mtx, .npy, or `scipy.sparse.save_npz`'s .npz with an adjacency matrix;
    - edges (2, m) or (m, 2), an adjacency matrix, a list of edges, a dictionary of neighbours or of
      edges, a data frame of edges; a pair (edges, features) of any of these;
    - a PyTorch Geometric `Data` with `edge_index` and `x`, a NetworkX or igraph graph with the node
      attribute "x" or "features"; nodes keep their order.

    Options say what the source leaves open:

    - `features` (n, p) replace its own: an array, scipy matrix, tensor, data frame, or path to
      .npy, .npz, .csv, .tsv, .txt or .parquet. Rows with names (a column id, node or name, or an
      index) are matched to nodes by name; a column label, class or y has their classes. With
      `featureless` a source without features is taken too, and the graph has no feature columns;
    - node ids of edge lists and arrays are names, unless the source says how many nodes there are
      and ids are below that, or `ids` is "positions". Integers are put into ascending order, which
      a notice tells; `Graph.node_names` keeps them;
    - the node attribute `label` has the classes (by default labels, y, label or node_labels): texts
      or numbers, named as they are written. None, NaN and -1 are no class: such nodes get class 0
      and are in no mask. `class_names` says what classes there are, for another part of known data;
    - the edge attribute `weight` has the weights (by default weight, edge_weight, or an edge_attr
      of one column). Where some edges have none, `missing_weight` is theirs, or the graph is
      refused. Negative ones are refused unless `signed`;
    - `fold` chooses from masks for several splits; `header` says whether the first line of an edge
      list is one, and `features_header` that of a table of features, where that is not certain. For
      `symmetrize`, "union" or "upper", see `Graph.from_edges`.

    Loops, repeated edges, directions, edge labels and attributes that are not read are told by a
    notice. Raises `BadInput` when the source is none of these, a file is missing, or its content is
    malformed or could mean two things.
    """
    check_symmetrize(symmetrize)
    source, features, classes = _parts(source, features)
    table = None
    if features is not None:
        table = read_features(features, lambda: _count(source, ids, header), features_header)
    if isinstance(source, Graph):
        if table is not None:
            raise BadInput("A Graph has its features already; give edges and features instead.")
        check_signs(source.edge_weights, source.edges, signed)
        return source
    rows = None
    if table is not None and table.names is None:
        rows = int(table.features.shape[0]) if np.ndim(table.features) == 2 else None
    elif classes is not None:
        rows = len(classes)
    found = open_one(source, check_ids(ids), rows, header)
    if found is None or (found.offsets is not None and found.offsets.size > 2):
        raise BadInput(f"A {type(source).__name__} cannot be read as a graph; give {ACCEPTED}.")
    if classes is not None:
        found.nodes["labels"] = classes
    if table is not None:
        found = with_table(found, table)
    return _to_graph(
        found, symmetrize, featureless, label, weight, missing_weight, signed, class_names, fold
    )


def _count(source: Any, ids: Ids | None, header: bool | None) -> int:
    """Return how many nodes a source names, features aside."""
    found = open_one(source, check_ids(ids), None, header)
    return 0 if found is None else found.num_nodes


def _parts(source: Any, features: Any) -> tuple[Any, Any, Any]:
    """Take apart (edges, features) and (edges, features, classes)."""
    if not isinstance(source, list | tuple) or len(source) not in (2, 3):
        return source, features, None
    head, second = source[:2]
    is_table = second is None or isinstance(second, str | PathLike) or depth(second) == 2
    is_table |= hasattr(second, "shape") and depth(head) == 2  # whatever shape, to be refused
    is_edge = isinstance(second, str) and isinstance(head, str) and len(source) == 3
    pair = is_table and not is_edge and not isinstance(head, int | float | np.number)
    if not pair:
        return source, features, None
    if features is not None:
        raise BadInput("Features are given twice, in the pair and by themselves; drop one.")
    return head, source[1], source[2] if len(source) == 3 else None


def _to_graph(
    found: Source,
    symmetrize: Symmetrize,
    featureless: bool,
    label: str | None,
    weight: str | None,
    missing_weight: float | None,
    signed: bool,
    class_names: Sequence[str],
    fold: int,
) -> Graph:
    names = found.names if found.names is not None else range(found.num_nodes)
    used = first(found.nodes, FEATURES)
    if used is not None:
        features = _matrix(found.nodes[used], names, used)
    elif featureless:
        features = sparse.csr_array((found.num_nodes, 0), dtype=np.float32)
    else:
        raise BadInput(
            f"{found.name} has no node features (x or features), only edges and "
            f"{sorted(found.nodes) or 'no attributes of nodes'}; give features=... an array or a "
            "path to .npy, .npz or .csv, or set them."
        )
    classes = _classes(found, label, class_names, names)
    weights, key = weights_of(found, weight, missing_weight)
    dropped = Dropped()
    dropped.of_ends(found, None, weights)
    dropped.unread(
        "node",
        [
            one
            for one in found.nodes
            if one not in (*FEATURES, *CLASSES, label) or (one in CLASSES and classes is None)
        ],
    )
    dropped.unread("edge", [one for one in found.edges if one != key])
    check_signs(weights, found.ends, signed)
    masks, folds = masks_of(found, fold)
    graph = Graph.from_edges(
        found.ends,
        features,
        None if classes is None else classes.codes,
        masks,
        num_nodes=found.num_nodes,
        symmetrize=symmetrize,
        class_names=() if classes is None else classes.names,
        edge_weights=weights,
        name=found.name,
        layout="columns",
    )
    if not graph.num_nodes:
        reason = "it has no edges either" if featureless else "its features have no rows"
        raise BadInput(f"The graph has no nodes: {reason}; give one row for each node.")
    if classes is not None and classes.unlabelled.any():
        masks = labelled_masks(graph, classes.unlabelled)
        graph = replace(graph, masks=masks, unlabelled=classes.unlabelled)
    dropped.tell_nodes(graph)
    if found.renumbered:
        notice(f"{found.renumbered}; Graph.node_names keeps them.")
    kept = None if found.names is None else tuple(found.names)
    return replace(graph, node_names=kept, folds=folds)


def _matrix(column: Any, names: Sequence[Any], key: str) -> Any:
    """Return features as one matrix: as they are, or of one list for each node."""
    if not isinstance(column, list):
        return column
    have = [row is not ABSENT for row in column]
    if not all(have):
        raise BadInput(
            f"Node {names[have.index(False)]!r} has no attribute {key!r}, others have; set it for "
            "every node."
        )
    arrays = [np.atleast_1d(np.asarray(plain(row))) for row in column]
    for node, array in zip(names, arrays, strict=True):
        if array.shape != arrays[0].shape or array.ndim != 1:
            raise BadInput(
                f"Node {node!r} has features of shape {array.shape}, node {names[0]!r} of shape "
                f"{arrays[0].shape}; give every node a list of the same length."
            )
    return np.stack(arrays) if arrays else np.zeros((0, 0))


def _classes(
    found: Source, label: str | None, class_names: Sequence[str], names: Sequence[Any]
) -> Classes | None:
    key = label if label is not None else first(found.nodes, CLASSES)
    if key is None:
        return None
    if key not in found.nodes:
        raise BadInput(
            f"The nodes of {found.name} have no attribute {key!r}, only "
            f"{', '.join(map(repr, found.nodes)) or 'none'}; name one of these as label."
        )
    column = found.nodes[key]
    if isinstance(column, list) and any(value is ABSENT for value in column):
        node = next(name for name, value in zip(names, column, strict=True) if value is ABSENT)
        raise BadInput(
            f"Node {node!r} has no attribute {key!r}, others have; set it for every node, to None "
            "where it is not known."
        )
    return classes_of(column, found.num_nodes, class_names or found.class_names)
