"""Reading what a person wants to train on: a labelled graph, or a set of labelled graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput, notice
from zoo_graphs.graph import SPLITS, Graph, Symmetrize
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.integrity import check_fold
from zoo_graphs.reading import files
from zoo_graphs.reading.classes import classes_of, tell_untrained
from zoo_graphs.reading.labels import Labels, Naming, check_labels, text_names
from zoo_graphs.reading.node_view import read_graph
from zoo_graphs.reading.opening import depth
from zoo_graphs.reading.set_view import SetReader
from zoo_graphs.reading.source import ABSENT, Ids, Source, check_ids
from zoo_graphs.splits import random_masks, stratified_masks
from zoo_graphs.stratified import FOLDS, stratified_split
from zoo_graphs.tudataset import read_one_file, without_copies


def read_training_graph(
    source: Any,
    features: Any = None,
    *,
    fold: int = 0,
    folds: int | None = None,
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
) -> Graph:
    """Read a labelled graph to train on, from whatever `read_graph` takes.

    Classes are those that `read_graph` reads, or the third part of (edges, features, classes). For
    the other options see `read_graph`.

    A source with masks for several splits has one chosen by `fold`, and `Graph.folds` says how many
    there are. Otherwise `folds` splits are made, stratified by class (`stratified_masks`), and
    `fold` is one of them; without `folds` there is a random 60/20/20 split, drawn with `fold` as
    its seed. A source with masks for one split keeps it.

    Raises `BadInput` as `read_graph` does, when the graph has no labels or those of one class only,
    and for a `fold` that is none, or that the source's own masks make void.
    """
    number = check_fold(fold, None)
    graph = read_graph(
        source,
        features,
        symmetrize=symmetrize,
        featureless=featureless,
        label=label,
        weight=weight,
        missing_weight=missing_weight,
        signed=signed,
        ids=ids,
        header=header,
        features_header=features_header,
        class_names=class_names,
        fold=number,
    )
    if graph.labels is None:
        raise BadInput(
            f"{graph.name} has no labels to train on; add an array 'labels', or the node attribute "
            "'label', or name what holds them: label=..."
        )
    if graph.num_classes < 2:
        raise BadInput(
            f"{graph.name} has labels of one class only (-1 is no class), so there is nothing to "
            "learn; label the nodes of two classes at least."
        )
    return split_nodes(graph, number, folds)


def split_nodes(graph: Graph, fold: int, folds: int | None) -> Graph:
    """Return a labelled graph with the masks of one split, as `read_training_graph` says."""
    folds = check_folds(folds)
    labelled = _labelled(graph)
    if graph.folds is not None and folds not in (None, graph.folds):
        raise BadInput(
            f"{graph.name} brings {graph.folds} splits of its own, not {folds}; leave folds out."
        )
    if graph.folds is None and folds is not None:
        assert graph.labels is not None
        if graph.masks:
            notice(f"The split that {graph.name} brings was set aside for {folds} folds.")
        labels = graph.labels[labelled]
        _check_folds(np.bincount(labels, minlength=graph.num_classes), folds, graph, "nodes")
        made = stratified_masks(labels, check_fold(fold, folds), folds)
    elif graph.masks:
        if fold and graph.folds is None:
            raise BadInput(
                f"{graph.name} brings its own split, so fold={fold} would change nothing; leave "
                "fold out, or the masks."
            )
        made = {}
    else:
        made = random_masks(labelled.size, fold)
    masks = dict(graph.masks) if not made else {}
    for split, mask in made.items():
        masks[split] = np.zeros(graph.num_nodes, dtype=bool)
        masks[split][labelled[mask]] = True
    for split in SPLITS:
        if not masks.get(split, np.zeros(1)).any():
            raise BadInput(
                f"{graph.name} has no {split} nodes; give the masks train_mask, val_mask and "
                "test_mask, each with a node at least, or leave all of them out."
            )
    assert graph.labels is not None
    tell_untrained(graph.labels[masks["train"]], graph.class_names, "node")
    return replace(graph, masks=masks)


def _labelled(graph: Graph) -> np.ndarray:
    """Return the nodes that have a class, ascending."""
    if graph.unlabelled is None:
        return np.arange(graph.num_nodes)
    return np.flatnonzero(~graph.unlabelled)


def read_training_graphs(
    source: Any,
    classes: Any = None,
    *,
    fold: int = 0,
    folds: int | None = None,
    cleaned: bool = False,
    class_names: Sequence[str] = (),
    node_label: str | None = "label",
    edge_label: str | None = "label",
    label_names: Sequence[str] = (),
    edge_label_names: Sequence[str] = (),
    labels: Labels | None = None,
    ids: Ids | None = None,
    directed: bool | None = None,
    header: bool | None = None,
) -> GraphSet:
    """Read labelled graphs to train on, with one split of stratified cross-validation.

    `source` is a folder or .zip in the TU layout (`NAME_A.txt`, `NAME_graph_indicator.txt`,
    `NAME_graph_labels.txt` and, where there are any, `NAME_node_labels.txt` and
    `NAME_edge_labels.txt`; attributes are not read), or a .txt in the one-file format, or whatever
    `read_graphs` takes, with a class for each graph: as `classes` (g,), as the second part of a
    pair (graphs, classes), as `y` of PyTorch Geometric, as the attribute "y", "label" or "class" of
    a NetworkX graph, or those of a `GraphSet`. Classes are called as they are written; None and NaN
    are no class, and such graphs are left out with a notice. `class_names` says what classes there
    are, for another part of known data.

    The other options are those of `read_graphs`, except that labels that are all texts are numbered
    in alphabetical order, and the set keeps their names.

    With `folds`, `fold` is one of so many parts for testing; without, see
    `zoo_graphs.tudataset.load`, as for `cleaned`, which drops isomorphic copies.

    Raises `BadInput` when there is no such file, it is malformed, graphs have no classes, or a
    class has fewer graphs than folds.
    """
    folds = check_folds(folds)
    number = check_fold(fold, folds)
    pair = classes is None and isinstance(source, list | tuple) and len(source) == 2
    if pair and _are_classes(source[1]):
        source, classes = source
    reader = SetReader(
        Naming("node", tuple(label_names), check_labels(labels), node_label),
        Naming("edge", tuple(edge_label_names), labels if edge_label_names else None, edge_label),
        check_ids(ids),
        directed,
        header,
    )
    opened = _open(source) or reader.open([source])
    for key in ("node", "edge"):
        naming: Naming = getattr(reader, key)
        if not naming.needed:
            names = text_names(reader.label_columns(opened, naming))
            setattr(reader, key, replace(naming, names=names))
    graphs = _with_classes(reader.whole(opened), opened, reader.classes, classes, class_names)
    assert graphs.labels is not None
    counts = np.bincount(graphs.labels, minlength=graphs.num_classes)
    if (counts > 0).sum() < 2:
        raise BadInput(
            f"{graphs.name} has graphs of one class only, so there is nothing to learn; give two "
            "classes or more."
        )
    _check_folds(counts, folds or FOLDS, graphs, "graphs")
    if cleaned:
        graphs = without_copies(graphs)
    assert graphs.labels is not None
    splits = stratified_split(graphs.labels, number, folds or FOLDS)
    tell_untrained(graphs.labels[splits["train"]], graphs.class_names, "graph")
    return replace(graphs, splits=splits)


def _with_classes(
    graphs: GraphSet,
    opened: Sequence[Source | GraphSet],
    own: Sequence[Any],
    told: Any,
    class_names: Sequence[str],
) -> GraphSet:
    """Return the graphs that have a class, with their classes: those told, or the source's own."""
    values = told
    if values is None and isinstance(opened[0], GraphSet) and len(opened) == 1:
        if opened[0].labels is not None:
            values = [opened[0].class_names[code] for code in opened[0].labels.tolist()]
            class_names = class_names or opened[0].class_names
    elif values is None:
        values = list(own)
        bare = [i for i, value in enumerate(values) if value is ABSENT]
        if len(bare) == len(values):
            values = None
        elif bare:
            raise BadInput(f"Graph {bare[0]} has no class, and others have; set it, or to None.")
    if values is None:
        raise BadInput(
            f"{graphs.name} has no classes to train on; give (graphs, classes), one class for each "
            "graph."
        )
    found = classes_of(values, graphs.num_graphs, class_names, negative=True, what="graph")
    graphs = replace(graphs, labels=found.codes, class_names=found.names)
    if found.unlabelled.any():
        notice(f"{int(found.unlabelled.sum())} graphs without a class were left out.")
        graphs = graphs.select(~found.unlabelled)
    return graphs


def check_folds(folds: Any) -> int | None:
    """Return a number of folds, or None for none; raises `BadInput` for what is none."""
    if folds is None:
        return None
    number = int(folds) if isinstance(folds, str) and folds.strip().isdecimal() else folds
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 2:
        raise BadInput(f"folds={folds!r} is no number of folds; give an integer from 2.")
    return int(number)


def _check_folds(counts: np.ndarray, folds: int, data: Graph | GraphSet, what: str) -> None:
    there = counts[counts > 0]
    if there.size < 2 or there.min() < folds:
        raise BadInput(
            f"{data.name} has {counts.tolist()} {what} of its classes, expected two classes or "
            f"more with at least {folds} {what} each; add some, or ask for fewer folds."
        )


def _open(source: Any) -> list[Source | GraphSet] | None:
    """Return the graphs of a .txt, which is in the one-file format here, and no edge list."""
    if not isinstance(source, str | PathLike) or Path(source).suffix.lower() != ".txt":
        return None
    place = Path(source).expanduser()
    if place.name.endswith("_A.txt"):
        return None
    with files.reading(place, "a folder or .zip in the TU layout, or a one-file .txt"):
        return [read_one_file(place, place.stem)]


def _are_classes(values: Any) -> bool:
    """Tell whether something is one class for each graph."""
    if hasattr(values, "edge_index") or hasattr(values, "nodes") or isinstance(values, str):
        return False
    if len(getattr(values, "shape", ())) == 2 and values.shape[1] == 1:
        values = np.asarray(values)[:, 0]
    if hasattr(values, "tolist"):
        values = values.tolist()
    kinds = (str, int, float, type(None), np.generic)
    return depth(values) == 1 and all(isinstance(value, kinds) for value in values)
