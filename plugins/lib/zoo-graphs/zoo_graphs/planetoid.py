"""Cora, CiteSeer and PubMed as split by Yang et al. 2016 (Planetoid) and Pei et al. 2020.

Source: https://github.com/kimiyoung/planetoid (MIT) and, for the ten splits,
https://github.com/graphdml-uiuc-jlu/geom-gcn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput, fetch
from zoo_graphs.graph import Graph, Symmetrize, check_symmetrize
from zoo_graphs.integrity import available_path, build, check_fold, masks_of, parsing
from zoo_graphs.npz import open_npz
from zoo_graphs.specs import sources

_VALIDATION_NODES = 500


def load(
    name: str,
    counts: Sequence[int] | None = None,
    fingerprint: str | None = None,
    class_names: Sequence[str] = (),
    *,
    fold: int = 0,
    symmetrize: Symmetrize = "union",
    split: str = "geom-gcn",
) -> Graph:
    """Return a Planetoid graph, "cora", "citeseer" or "pubmed", with one split.

    `counts` are the expected nodes, features, classes and undirected edges, and `fingerprint` the
    expected `Graph.fingerprint` (None: only counts are checked). `split` is "geom-gcn" (48/32/20
    percent), of which there are the folds 0-9, or "public" (20 nodes of each class / 500 / 1000),
    of which there is one. The citation lists hold both directions, so that both ways to symmetrise
    (see `Graph.from_edges`) give the same graph.

    Raises `BadInput` for an unknown option, and `DataError` when the files cannot be had or are not
    the pinned ones.
    """
    fold = check_fold(fold)
    check_symmetrize(symmetrize)
    if split not in ("geom-gcn", "public"):
        raise BadInput(f"split={split!r} is unknown; use 'geom-gcn' (ten folds) or 'public'.")
    if split == "public" and fold:
        raise BadInput(f"fold={fold} does not exist: the public split is one; use fold 0.")
    path = available_path(sources.planetoid_converted(name))
    if path is not None:
        parts, masks = read_converted(path, name, split, fold)
    else:
        parts, masks = read_raw(name, split, fold)
    return build(
        name,
        parts,
        masks=masks,
        symmetrize=symmetrize,
        counts=counts,
        fingerprint=fingerprint,
        class_names=class_names,
    )


def read_converted(
    path: Path, name: str, split: str, fold: int
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the parts and the masks of a mirror's converted .npz."""
    with parsing(name), open_npz(path) as archive:
        parts: dict[str, Any] = {"edges": archive["edges"], "labels": archive["labels"]}
        parts["features"] = archive.csr("feat")
        if split == "public":
            return parts, masks_of(archive, "public_{}_mask")
        return parts, masks_of(archive, "geom_{}_masks", fold)


def read_raw(name: str, split: str, fold: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the parts and the masks of the upstream files.

    Raises `DataError` when a file cannot be had, or holds anything but arrays and lists.
    """
    from zoo_graphs.pickles import load_pickle

    paths = {part: fetch(sources.planetoid_raw(name, part)) for part in sources.PLANETOID_PARTS}
    with parsing(name):
        raw = {p: load_pickle(path) for p, path in paths.items() if p != "test.index"}
        test = np.loadtxt(paths["test.index"], dtype=np.int64, ndmin=1)
        parts = assemble(raw, test)
        if split == "public":
            n, first = parts["features"].shape[0], raw["y"].shape[0]
            return parts, _public_masks(n, first, test)
    split_path = fetch(sources.geom_gcn_split(name, fold))
    with parsing(name), open_npz(split_path) as archive:
        return parts, masks_of(archive, "{}_mask")


def assemble(raw: Mapping[str, Any], test: np.ndarray) -> dict[str, Any]:
    """Put Planetoid's parts together.

    The training part (allx, ally) has nodes 0 .. t-1. The test part's row i belongs to node
    test[i]: the indices come in random order, and CiteSeer's have gaps. Nodes in a gap get empty
    features and class 0, as everywhere.

    Returns "edges" (2, lines) directed, "features" (n, p) CSR, "labels" (n,) int64.
    """
    known = raw["allx"].shape[0]
    if test.size != raw["tx"].shape[0] or test.min() < known or np.unique(test).size != test.size:
        raise ValueError("test.index does not number the rows of tx")
    n = int(test.max()) + 1
    place = np.concatenate([np.arange(known), test])
    rows = sparse.csr_array(sparse.vstack([raw["allx"], raw["tx"]]))
    # A selection matrix with a single 1 in each filled row puts every row at its node.
    ones = np.ones(place.size, dtype=rows.dtype)
    scatter = sparse.csr_array((ones, (place, np.arange(place.size))), shape=(n, place.size))
    labels = np.zeros(n, dtype=np.int64)
    labels[place] = np.concatenate([raw["ally"], raw["ty"]]).argmax(axis=1)
    graph = raw["graph"]
    lengths = [len(neighbours) for neighbours in graph.values()]
    tails = np.repeat(np.fromiter(graph, dtype=np.int64, count=len(graph)), lengths)
    heads = np.fromiter((v for near in graph.values() for v in near), dtype=np.int64)
    return {"edges": np.stack([tails, heads]), "features": scatter @ rows, "labels": labels}


def _public_masks(n: int, train: int, test: np.ndarray) -> dict[str, np.ndarray]:
    node = np.arange(n)
    return {
        "train": node < train,
        "val": (node >= train) & (node < train + _VALIDATION_NODES),
        "test": np.isin(node, test),
    }
