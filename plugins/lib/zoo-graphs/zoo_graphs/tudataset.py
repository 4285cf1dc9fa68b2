"""Graph classification sets of the TU Dortmund collection, in its layout and in a one-file format.

Sources: https://chrsmrrs.github.io/datasets (Morris et al. 2020); MUTAG's files from
https://github.com/ysig/GraKeL; the one-file format, and with it the order of the graphs, from
https://github.com/muhanzhang/pytorch_DGCNN (MIT). Node labels of the one-file format are a
relabelling of the original ones, and edge labels are not kept there.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from zoo_core import BadInput, DataError, fetch
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.integrity import check_fold, parsing
from zoo_graphs.isomorphism import duplicates
from zoo_graphs.specs import sources
from zoo_graphs.stratified import stratified_split

_PARTS = ("A", "graph_indicator", "graph_labels", "node_labels", "edge_labels")
_NEEDED = _PARTS[:3]
_ATTRIBUTES = ("node_attributes", "edge_attributes", "graph_attributes")
_LARGEST = 1 << 32  # bytes of one unpacked file
Lines = Mapping[str, np.ndarray]


def load(
    name: str,
    upstream: str,
    counts: Sequence[int],
    class_names: Sequence[str] = (),
    node_label_names: Sequence[str] = (),
    layout: str = "one-file",
    *,
    fold: int = 0,
    cleaned: bool = False,
    files: str = "pinned",
) -> GraphSet:
    """Return a TU data set with one split of ten-fold stratified cross-validation.

    `upstream` is its name in the collection; `counts` are the expected graphs, nodes, undirected
    edges and classes. Classes are called `class_names`, or as in the file if that is empty, and
    `node_label_names` says what the node labels stand for. `layout` is how the pinned files are
    written, "one-file" or "tu".

    Folds 0 to 9 test every graph once, 10 to 19 are another ten, and so on. `cleaned` keeps only
    the first of graphs that are isomorphic with their node labels, so that no test graph is a copy
    of a training graph; edge labels do not make a difference, as most methods do not see them.
    `files` are "pinned", the ones this library's numbers were made with, or "tu", the collection's
    own archive, with edge labels and with the graphs in another order.

    Raises `BadInput` for an unknown option, and `DataError` when the files cannot be had or are not
    what they should be.
    """
    fold = check_fold(fold, None)
    if files not in ("pinned", "tu"):
        raise BadInput(f"files={files!r} is unknown; use 'pinned' or 'tu' (the original archive).")
    with parsing(name):
        if files == "tu":
            graphs = read_zip(fetch(sources.tu_zip(upstream)), name)
        elif layout == "tu":
            paths = {part: fetch(sources.tu_part(upstream, part)) for part in _PARTS}
            graphs = _assemble(
                {part: _numbers(path.read_bytes(), part) for part, path in paths.items()}
            )
        else:
            graphs = read_one_file(fetch(sources.tu_one_file(upstream)), name)
    found = [graphs.num_graphs, graphs.num_nodes, graphs.num_edges, graphs.num_classes]
    if found != list(counts):
        raise DataError(
            f"Dataset {name!r} as read has [graphs, nodes, edges, classes] = {found}, expected "
            f"{list(counts)}; the source has changed or is damaged: delete its files from the "
            "cache or mirror and try again."
        )
    graphs = replace(
        graphs,
        name=name,
        class_names=tuple(class_names) or graphs.class_names,
        # The one-file format has codes of its own.
        node_label_names=() if files == "tu" != layout else tuple(node_label_names),
    )
    if cleaned:
        graphs = without_copies(graphs)
    assert graphs.labels is not None
    return replace(graphs, splits=stratified_split(graphs.labels, fold))


def read_folder(folder: Path, name: str) -> GraphSet:
    """Return the graphs of a folder in the TU layout, whatever the prefix of its files.

    `folder` may also be one of the files, NAME_A.txt, of a folder with several sets. Attributes of
    nodes, edges and graphs are not read, which `GraphSet.ignored` tells.

    Raises `ValueError` when a file is missing or malformed, or there are several sets.
    """
    place = folder if folder.is_dir() else folder.parent
    files = {path.name: path for path in sorted(place.iterdir()) if path.is_file()}
    prefix = None if folder.is_dir() else folder.name.removesuffix("A.txt")
    chosen, ignored = _one_set(list(files), name, prefix)
    lines = {part: _numbers(files[file].read_bytes(), part) for part, file in chosen.items()}
    return _with_ignored(_assemble(lines), ignored, name)


def read_zip(path: Path, name: str) -> GraphSet:
    """Return the graphs of an archive of the TU collection.

    Raises `ValueError` when the archive is damaged, or a file in it missing or malformed, or there
    are several sets.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            chosen, ignored = _one_set(archive.namelist(), name, None)
            if any(archive.getinfo(one).file_size > _LARGEST for one in chosen.values()):
                raise ValueError("a file in it is beyond 4 GiB")
            lines = {part: _numbers(archive.read(one), part) for part, one in chosen.items()}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"it is no whole zip archive ({error})") from error
    return _with_ignored(_assemble(lines), ignored, name)


def _one_set(
    names: Sequence[str], name: str, prefix: str | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the file of each part of the one set among files, and what of it is not read.

    Hidden files, and those that macOS puts beside others (._NAME, __MACOSX), are none.
    """
    sets: dict[str, dict[str, str]] = {}
    for file in names:
        folders, _, base = file.rpartition("/")
        if base.startswith((".", "__")) or "__MACOSX" in folders.split("/"):
            continue
        for part in (*_PARTS, *_ATTRIBUTES):
            if base.endswith(f"_{part}.txt"):
                sets.setdefault(file.removesuffix(f"{part}.txt"), {})[part] = file
    whole = {one: parts for one, parts in sets.items() if "A" in parts and prefix in (None, one)}
    if len(whole) > 1:
        called = ", ".join(sorted(one.rpartition("/")[2].rstrip("_") for one in whole))
        raise ValueError(
            f"{name} holds {len(whole)} data sets ({called}); give one of their files "
            "NAME_A.txt, or a folder or archive with one only"
        )
    if not whole:
        raise ValueError("there is no file that ends in _A.txt")
    (parts,) = whole.values()
    unread = tuple(part.replace("_", " ") for part in _ATTRIBUTES if part in parts)
    return {part: file for part, file in parts.items() if part in _PARTS}, unread


def _with_ignored(graphs: GraphSet, ignored: tuple[str, ...], name: str) -> GraphSet:
    return replace(graphs, ignored=(*graphs.ignored, *ignored), name=name)


def read_one_file(path: Path, name: str) -> GraphSet:
    """Return the graphs of a text: their number; for each "nodes class"; for each node "label m"
    and its m neighbours, numbered from 0 in each graph.

    Raises `ValueError` or `IndexError` when the file is malformed.
    """
    numbers = [int(word) for word in path.read_text(encoding="utf-8").split()]
    graphs, place = numbers[0], 1
    offsets, classes, labels = [0], [], []
    tails: list[int] = []
    heads: list[int] = []
    for _ in range(graphs):
        nodes, label = numbers[place : place + 2]
        place += 2
        start = offsets[-1]
        for node in range(start, start + nodes):
            tag, degree = numbers[place : place + 2]
            place += 2
            labels.append(tag)
            heads += [start + other for other in numbers[place : place + degree]]
            tails += [node] * degree
            place += degree
        offsets.append(start + nodes)
        classes.append(label)
    if place != len(numbers):
        raise ValueError(f"{len(numbers) - place} numbers follow the last graph")
    return _labelled(np.array([tails, heads]), offsets, labels, None, np.array(classes))


def _assemble(lines: Lines) -> GraphSet:
    """Return the graphs of the TU layout's files, whose nodes and graphs are numbered from 1."""
    missing = [part for part in _NEEDED if part not in lines]
    if missing:
        raise ValueError(f"there is no file that ends in _{missing[0]}.txt")
    indicator = lines["graph_indicator"].ravel()
    classes = lines["graph_labels"].ravel()
    if indicator.size and not 0 < indicator.min() <= indicator.max() <= classes.size:
        raise ValueError(f"graph_indicator names other graphs than 1 to {classes.size}")
    if (np.diff(indicator) < 0).any():
        raise ValueError("graph_indicator does not list the nodes graph by graph")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(indicator - 1, minlength=classes.size))])
    return _labelled(
        lines["A"].reshape(-1, 2).T - 1,
        offsets,
        lines["node_labels"].ravel() if "node_labels" in lines else None,
        lines["edge_labels"].ravel() if "edge_labels" in lines else None,
        classes,
    )


def _labelled(
    edges: np.ndarray,
    offsets: Sequence[int] | np.ndarray,
    node_labels: Sequence[int] | np.ndarray | None,
    edge_labels: np.ndarray | None,
    classes: np.ndarray,
) -> GraphSet:
    names, codes = np.unique(classes, return_inverse=True)
    graphs = GraphSet.from_edges(
        edges,
        offsets,
        node_labels,
        edge_labels,
        codes,
        class_names=[str(name) for name in names.tolist()],
        layout="columns",
    )
    loops = bool((edges[0] == edges[1]).any())
    return replace(graphs, ignored=("self-loops",)) if loops else graphs


def _numbers(data: bytes, part: str) -> np.ndarray:
    """Return the integers of a text: two on each line of A, by comma, and one of any other part."""
    rows = [line.split() for line in data.replace(b",", b" ").splitlines()]
    rows = [row for row in rows if row]
    width = 2 if part == "A" else 1
    if any(len(row) != width for row in rows):
        place = next(i for i, row in enumerate(rows) if len(row) != width)
        raise ValueError(
            f"row {place + 1} of {part} has {len(rows[place])} numbers, expected {width}"
        )
    return np.array([int(word) for row in rows for word in row], dtype=np.int64)


def without_copies(graphs: GraphSet) -> GraphSet:
    """Return the first of graphs that are isomorphic with their node labels; no splits."""
    firsts = duplicates(replace(graphs, edge_labels=None))
    return graphs.select(np.flatnonzero(firsts == np.arange(graphs.num_graphs)))
