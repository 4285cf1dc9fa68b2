"""Graphs with communities and without node features: email-Eu-core, polblogs, karate.

Sources: SNAP (Leskovec and Krevl; Yin et al. 2017) for email-Eu-core; Adamic and Glance 2005, as
Newman distributes it, for polblogs; Zachary 1977, figure 3, as NetworkX has it, for karate. Lines
are made undirected, loops dropped, and unless told otherwise the largest component is kept.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput, fetch
from zoo_graphs.components import largest_component
from zoo_graphs.graph import Graph
from zoo_graphs.integrity import available_path, build, check_fold, parsing
from zoo_graphs.npz import open_npz
from zoo_graphs.specs import sources
from zoo_graphs.splits import five_fold_masks, random_masks

Parts = tuple[np.ndarray, np.ndarray]
"""Directed edges (2, m) and labels (n,)."""

# Node to its neighbours of larger number; 78 edges.
_KARATE = """0 1 2 3 4 5 6 7 8 10 11 12 13 17 19 21 31|1 2 3 7 13 17 19 21 30|2 3 7 8 9 13 27 28 32
3 7 12 13|4 6 10|5 6 10 16|6 16|8 30 32 33|9 33|13 33|14 32 33|15 32 33|18 32 33|19 33|20 32 33
22 32 33|23 25 27 29 32 33|24 25 27 31|25 31|26 29 33|27 33|28 31 33|29 32 33|30 32 33|31 32 33
32 33"""
_OFFICERS = (9, 14, 15, 18, 20, *range(22, 34))  # went with the officer, not with Mr. Hi
_GML_TOKEN = re.compile(r'"[^"]*"|[\[\]]|[^\s\[\]"]+')


def load(
    name: str,
    counts: Sequence[int],
    fingerprint: str,
    class_names: Sequence[str] = (),
    *,
    fold: int = 0,
    split: str = "random",
    component: str = "largest",
) -> Graph:
    """Return a community graph with a split and without features.

    `name` is "email-eu-core", "polblogs" or "karate". `counts` (nodes, features (0), classes and
    undirected edges) and `fingerprint` (`Graph.fingerprint`) are those expected of the whole graph.
    Classes are called `class_names`, or numbers if that is empty. `split` is "random" (60/20/20
    percent; the fold is the seed) or "five-fold" (80/20 percent, see `five_fold_masks`), with folds
    from 0. `component` "largest" keeps the largest connected component, "all" the whole graph.

    Raises `BadInput` for an unknown option, and `DataError` when the files cannot be had or are not
    the pinned ones.
    """
    fold = check_fold(fold, None)
    if component not in ("largest", "all"):
        raise BadInput(f"component={component!r} is unknown; use 'largest' or 'all'.")
    edges, labels = _READERS[name]()
    if split not in _SPLITS:
        raise BadInput(f"split={split!r} is unknown; use {' or '.join(map(repr, _SPLITS))}.")
    features = sparse.csr_array((labels.size, 0), dtype=np.float32)
    graph = build(
        name,
        {"edges": edges, "features": features, "labels": labels},
        masks={},
        symmetrize="union",
        counts=counts,
        fingerprint=fingerprint,
        class_names=class_names,
    )
    graph = largest_component(graph) if component == "largest" else graph
    return replace(graph, masks=_SPLITS[split](graph.num_nodes, fold))


def read_converted(path: Path, name: str) -> Parts:
    """Return the parts of an .npz with `edges_directed` (m, 2) and `labels` (n,)."""
    with parsing(name), open_npz(path) as archive:
        return archive["edges_directed"].T.astype(np.int64), archive["labels"]


def read_snap(edge_path: Path, label_path: Path, name: str) -> Parts:
    """Return the parts of SNAP's gzipped lines: "from to", and "node label" for each node.

    Raises `DataError` when a file is malformed.
    """
    with parsing(name):
        edges, rows = (_integer_pairs(path) for path in (edge_path, label_path))
        nodes, labels = rows
        if not np.array_equal(np.sort(nodes), np.arange(nodes.size)):
            raise ValueError("the label file does not have one line for each node")
        return edges, labels[np.argsort(nodes)]


def read_gml(path: Path, name: str) -> Parts:
    """Return the parts of a zipped GML file, whose nodes have the label under "value".

    Nodes are numbered as they come. Repeated edges, which NetworkX's reader refuses, are allowed.

    Raises `DataError` when the file is malformed.
    """
    with parsing(name):
        try:
            with zipfile.ZipFile(path) as archive:
                member = next(one for one in archive.namelist() if one.endswith(".gml"))
                text = archive.read(member).decode("latin-1")
        except (zipfile.BadZipFile, zlib.error, OSError, StopIteration) as error:
            raise ValueError(f"{path.name} is no zip archive with a .gml in it") from error
        tokens = iter(_GML_TOKEN.findall(text))
        graph = dict(_gml_pairs(tokens))["graph"]
        nodes = [dict(value) for key, value in graph if key == "node"]
        lines = [dict(value) for key, value in graph if key == "edge"]
        number = {node["id"]: place for place, node in enumerate(nodes)}
        edges = [[number[line["source"]], number[line["target"]]] for line in lines]
        return (
            np.array(edges, dtype=np.int64).reshape(-1, 2).T,
            np.array([int(node["value"]) for node in nodes], dtype=np.int64),
        )


def _integer_pairs(path: Path) -> np.ndarray:
    """Return the (2, lines) integers of a gzipped text with two on each line."""
    try:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            return np.loadtxt(lines, dtype=np.int64, ndmin=2).reshape(-1, 2).T
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path.name} is no gzipped text ({error})") from error


def _gml_pairs(tokens: Iterator[str]) -> list[tuple[str, Any]]:
    """Return the keys and values of one GML list, up to its closing bracket."""
    pairs: list[tuple[str, Any]] = []
    for key in tokens:
        if key == "]":
            break
        value = next(tokens, None)
        if value in (None, "]"):
            raise ValueError(f"the GML key {key!r} has no value")
        pairs.append((key, _gml_pairs(tokens) if value == "[" else value))
    return pairs


def _email() -> Parts:
    path = available_path(sources.community_converted("email_eu_core"))
    if path is not None:
        return read_converted(path, "email-eu-core")
    edges, labels = (fetch(sources.snap_email(part)) for part in ("", "-department-labels"))
    return read_snap(edges, labels, "email-eu-core")


def _polblogs() -> Parts:
    path = available_path(sources.community_converted("polblogs"))
    if path is not None:
        return read_converted(path, "polblogs")
    return read_gml(fetch(sources.newman_polblogs()), "polblogs")


def _karate() -> Parts:
    rows = [list(map(int, row.split())) for row in re.split(r"[|\n]", _KARATE)]
    edges = np.array([[node, other] for node, *others in rows for other in others])
    labels = np.zeros(34, dtype=np.int64)
    labels[list(_OFFICERS)] = 1
    return edges.T, labels


_READERS = {"email-eu-core": _email, "polblogs": _polblogs, "karate": _karate}
_SPLITS = {"random": random_masks, "five-fold": five_fold_masks}
