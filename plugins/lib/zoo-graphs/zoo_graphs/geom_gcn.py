"""WebKB, Wikipedia and Actor graphs as preprocessed and split by Pei et al. 2020 (Geom-GCN).

Source: https://github.com/graphdml-uiuc-jlu/geom-gcn (no licence file). Upstream's feature file of
Cornell is the one of Texas, byte for byte, so "cornell-geomgcn" is Cornell's edges with Texas's
features and labels: what nearly all published numbers on Cornell are measured on. "cornell" is the
real Cornell, from https://github.com/yandex-research/heterophilous-graphs (MIT).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput, fetch
from zoo_graphs.graph import Graph, Symmetrize, check_symmetrize
from zoo_graphs.integrity import available_path, build, check_fold, masks_of, parsing
from zoo_graphs.npz import open_npz
from zoo_graphs.specs import sources

Parts = tuple[dict[str, Any], dict[str, np.ndarray]]

_HEADER = ["node_id", "feature", "label"]


def load(
    name: str,
    upstream: str,
    counts: Sequence[int] | None = None,
    fingerprint: str | None = None,
    feature_columns: int | None = None,
    undirected: bool = False,
    *,
    fold: int = 0,
    symmetrize: Symmetrize = "union",
) -> Graph:
    """Return a geom-gcn graph with one of its ten splits (48/32/20 percent, whatever their name).

    `name` is the dataset's, for messages and the mirror's converted file, and `upstream` what it is
    called there ("film" for Actor). `counts` are the expected nodes, features, classes and
    undirected edges, and `fingerprint` the expected `Graph.fingerprint` (None: only counts are
    checked). `feature_columns` is the number of columns where upstream lists the indices of ones
    (Actor), None where it writes all values. With `undirected` heterophilous-graphs' file is read,
    which has no directions, and not geom-gcn's. `fold` is one of 0-9; for `symmetrize` see
    `Graph.from_edges`.

    Raises `BadInput` for an unknown option or when "upper" is asked for where no directions are
    known, and `DataError` when the files cannot be had or are not the pinned ones.
    """
    fold = check_fold(fold)
    if check_symmetrize(symmetrize) == "upper" and undirected:
        raise BadInput(
            f"Dataset {name!r} is recorded without directions, so symmetrize='upper' has nothing "
            "to choose from; use 'union'."
        )
    path = available_path(sources.geom_gcn_converted(name))
    if path is not None:
        parts, masks = read_converted(path, name, undirected, fold)
    elif undirected:
        parts, masks = read_yandex(fetch(sources.yandex(upstream)), name, fold)
    else:
        parts, masks = read_raw(name, upstream, feature_columns, fold)
    return build(
        name,
        parts,
        masks=masks,
        symmetrize=symmetrize,
        counts=counts,
        fingerprint=fingerprint,
    )


def read_converted(path: Path, name: str, undirected: bool, fold: int) -> Parts:
    """Return the parts and the masks of a mirror's converted .npz."""
    key = "edges_undirected" if undirected else "edges_directed"
    with parsing(name), open_npz(path) as archive:
        parts: dict[str, Any] = {"edges": archive[key], "labels": archive["labels"]}
        parts["features"] = archive.csr("feat")
        return parts, masks_of(archive, "geom_{}_masks", fold)


def read_yandex(path: Path, name: str, fold: int) -> Parts:
    """Return the parts and the masks of a heterophilous-graphs .npz."""
    with parsing(name), open_npz(path) as archive:
        parts = {"edges": archive["edges"], "labels": archive["node_labels"]}
        parts["features"] = archive["node_features"]
        return parts, masks_of(archive, "{}_masks", fold)


def read_raw(name: str, upstream: str, feature_columns: int | None, fold: int) -> Parts:
    """Return the parts and the masks of geom-gcn's own files.

    Raises `DataError` when a file cannot be had or is malformed.
    """
    edge_path = fetch(sources.geom_gcn_raw(upstream, "graph_edges"))
    node_path = fetch(sources.geom_gcn_raw(upstream, "node_feature_label"))
    split_path = fetch(sources.geom_gcn_split(upstream, fold))
    with parsing(name):
        features, labels = parse_nodes(node_path.read_text(encoding="utf-8"), feature_columns)
        edges = np.loadtxt(edge_path, dtype=np.int64, skiprows=1, ndmin=2)
        with open_npz(split_path) as archive:
            masks = masks_of(archive, "{}_mask")
    return {"edges": edges, "features": features, "labels": labels}, masks


def parse_nodes(text: str, feature_columns: int | None) -> tuple[sparse.csr_array, np.ndarray]:
    """Parse `out1_node_feature_label.txt`: a header, then node id, features, label by tabs.

    Features are comma-separated: all values, or with `feature_columns` the indices of ones. Lines
    may come in any order: the node id says which node a line describes.

    Returns the (n, p) CSR features and the (n,) int64 labels.

    Raises `ValueError` when the text is malformed.
    """
    header, *lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    if header != _HEADER:
        raise ValueError(f"the header of the node file is {header}, expected {_HEADER}")
    ids = np.array([int(line[0]) for line in lines])
    if not np.array_equal(np.sort(ids), np.arange(ids.size)):
        raise ValueError("the node file does not have one line for each node")
    fields = [np.array(lines[line][1].split(","), dtype=np.float64) for line in np.argsort(ids)]
    labels = np.empty(ids.size, dtype=np.int64)
    labels[ids] = [int(line[2]) for line in lines]
    if feature_columns is None:
        return sparse.csr_array(np.stack(fields).astype(np.float32)), labels
    columns = [np.unique(listed.astype(np.int64)) for listed in fields]  # an index counts once
    indices = np.concatenate(columns)
    indptr = np.cumsum([0, *(listed.size for listed in columns)])
    ones = np.ones(indices.size, dtype=np.float32)
    matrix = sparse.csr_array((ones, indices, indptr), shape=(ids.size, feature_columns))
    matrix.check_format(full_check=True)
    return matrix, labels
