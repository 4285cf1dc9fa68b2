"""A `GraphSet` of what a person has: one graph or many, whose labels matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput, notice
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import files
from zoo_graphs.reading.dropped import Dropped
from zoo_graphs.reading.labelled import with_labels
from zoo_graphs.reading.labels import Labels, Naming, check_labels, rows_as_labels
from zoo_graphs.reading.opening import open_one
from zoo_graphs.reading.source import (
    ABSENT,
    EDGE_ATTRIBUTES,
    WEIGHTS,
    Column,
    Ids,
    Source,
    check_ids,
    first,
)
from zoo_graphs.tudataset import read_folder, read_zip

ACCEPTED = (
    "a NetworkX or igraph graph, a PyTorch Geometric Data or Batch, a .graphml, .gml, .gexf, .net, "
    ".adjlist, .g6 or .s6 file, an edge list (.txt, .csv, .tsv, .edges, .edgelist), an .npz with "
    "edges, an adjacency matrix, edges as an array, list or dictionary, a folder or .zip in the TU "
    "layout, or a list of these"
)


def read_graphs(
    *sources: Any,
    node_label: str | None = "label",
    edge_label: str | None = "label",
    label_names: Sequence[str] = (),
    edge_label_names: Sequence[str] = (),
    labels: Labels | None = None,
    ids: Ids | None = None,
    directed: bool | None = None,
    header: bool | None = None,
) -> GraphSet:
    """Read one graph or many from what a person has.

    Each source is one of

    - what `zoo_graphs.reading.read_graph` takes as one graph: a NetworkX or igraph graph, a path to
      a file, edges, an adjacency matrix, ...; a `Graph`, without its features and classes;
    - a PyTorch Geometric `Data` (labels are `x`, and `edge_attr` or `edge_type`: one column of
      integers, one-hot, or rows of integers) or `Batch`;
    - a path to .g6 or .s6, one graph on each line, or to a folder or .zip in the TU layout;
    - a `GraphSet`; a pair (edges, node labels) or (edges, node labels, edge labels), where labels
      are arrays, or dictionaries by node and by edge, as in GraKeL;
    - a list, tuple, array of objects, Series or generator of these.

    Node ids are names, so that their numbers do not matter, unless the source says how many nodes
    there are (`num_nodes`, labels) or `ids` is "positions". An edge list is of undirected edges
    unless `directed`; where a matrix is not symmetric, or a `Data` has an edge without its
    reverse, the graph is directed unless `directed` is False.

    Labels are those of the node attribute `node_label` and the edge attribute `edge_label` (None:
    none are read), on all nodes (edges) or none. One that is told, other than "label", must be
    there. `label_names` and `edge_label_names` list what the labels 0, 1, ... are called: then
    graphs without labels are refused, names become these numbers, and numbers are refused unless
    `labels` is "codes", which says that they are these numbers. Without names integers from 0 are
    their own numbers, and everything else becomes a number that differs from all others and is the
    same everywhere (see `zoo_graphs.reading.labels`).

    Self-loops, repeated edges, edge weights and attributes that are not read are dropped: a notice
    says so, and `GraphSet.ignored` lists them.

    Raises `BadInput` when a source is none of these, a file is missing or malformed, labels are
    missing, NaN or unknown, or a graph has no nodes.
    """
    reader = SetReader(
        Naming("node", tuple(label_names), check_labels(labels), node_label),
        Naming("edge", tuple(edge_label_names), labels if edge_label_names else None, edge_label),
        check_ids(ids),
        directed,
        header,
    )
    return reader.whole(reader.open(sources))


class SetReader:
    """Reads with one set of options, and keeps count of what is dropped."""

    def __init__(
        self,
        node: Naming,
        edge: Naming,
        ids: Ids | None = None,
        directed: bool | None = None,
        header: bool | None = None,
    ) -> None:
        self.node, self.edge = node, edge
        self.ids, self.directed, self.header = ids, directed, header
        self.dropped = Dropped()
        self.classes: list[Any] = []

    def whole(self, opened: Sequence[Source | GraphSet]) -> GraphSet:
        """Return all graphs as one set, and say what was dropped."""
        if not opened:
            raise BadInput(f"No graph was given; give {ACCEPTED}.")
        sets = [
            self._named(one) if isinstance(one, GraphSet) else self._to_set(one) for one in opened
        ]
        graphs = sets[0] if len(sets) == 1 else GraphSet.concatenate(sets)
        empty = np.flatnonzero(graphs.sizes == 0)
        if empty.size:
            raise BadInput(
                f"Graph {empty[0]} has no nodes, so there is nothing to colour; give graphs with "
                "one node at least."
            )
        self.dropped.tell_sets()
        ignored = dict.fromkeys([*graphs.ignored, *self.dropped.names])
        return replace(graphs, ignored=tuple(ignored))

    def open(self, sources: Iterable[Any]) -> list[Source | GraphSet]:
        """Return the graphs and sets that sources hold."""
        return [one for source in sources for one in self._read(source)]

    def _read(self, source: Any) -> Iterator[Source | GraphSet]:
        if isinstance(source, GraphSet):
            yield source
        elif isinstance(source, str | PathLike):
            yield from self._from_path(Path(source).expanduser())
        elif (labelled := with_labels(source, self.ids, self.header)) is not None:
            yield labelled
        elif (one := self._one(source)) is not None:
            yield one
        elif isinstance(source, Iterable) and not isinstance(source, bytes | Mapping):
            for item in source:
                if isinstance(item, int | float | np.number):
                    raise BadInput(
                        f"A {type(source).__name__} of numbers cannot be read as graphs; give "
                        f"{ACCEPTED}."
                    )
                yield from self._read(item)
        else:
            raise BadInput(f"A {type(source).__name__} cannot be read as a graph; give {ACCEPTED}.")

    def _one(self, source: Any) -> Source | None:
        return open_one(source, self.ids, None, self.header, self.node.names)

    def _from_path(self, path: Path) -> Sequence[Source | GraphSet]:
        with files.reading(path, ACCEPTED):
            if path.is_dir() or path.name.endswith("_A.txt") or path.suffix.lower() == ".zip":
                read = read_zip if path.suffix.lower() == ".zip" else read_folder
                graphs = read(path, path.stem)
                if graphs.ignored:
                    notice(f"The {' and '.join(graphs.ignored)} of {path.name} were dropped.")
                return [graphs]
            if files.kind_of(path) in files.GRAPH6:
                return files.read_graph6(path)
            return [files.from_file(path, self.ids, None, self.header, self.node.names)]

    def _named(self, graphs: GraphSet) -> GraphSet:
        """Return a set with its labels numbered as these options say."""
        parts: dict[str, Any] = {}
        for naming, key in ((self.node, "node"), (self.edge, "edge")):
            values, names = getattr(graphs, f"{key}_labels"), getattr(graphs, f"{key}_label_names")
            if naming.attribute is None:
                values, names = None, ()
            elif values is None and getattr(graphs, f"num_{key}s"):
                self._refuse_unlabelled(naming, graphs.name, ())
            elif values is not None and naming.needed and names != naming.names:
                given = [names[code] for code in values] if names else values
                values, names = naming.codes(given, graphs.name), naming.names
            parts |= {f"{key}_labels": values, f"{key}_label_names": tuple(names)}
        return replace(graphs, **parts)

    def label_columns(self, opened: Sequence[Source | GraphSet], naming: Naming) -> list[Column]:
        """Return the labels of one kind, of all graphs that have them."""
        columns = []
        for one in opened:
            if isinstance(one, Source):
                there, usual = (
                    (one.nodes, one.node_label)
                    if naming.what == "node"
                    else (one.edges, one.edge_label)
                )
                key = _label_key(naming.attribute, there, usual)
                columns += [] if key is None else [there[key]]
            else:
                columns.append([0])
        return columns

    def _to_set(self, source: Source) -> GraphSet:
        used: list[str] = []
        node = self._codes(self.node, source, source.nodes, source.node_label, used)
        edge = self._codes(self.edge, source, source.edges, source.edge_label, used)
        keys = [key for key in (*WEIGHTS, EDGE_ATTRIBUTES) if key in source.edges]
        weights = [key for key in keys if key not in used and _is_weight(source.edges[key])]
        self.dropped.weighted += sum(_weighted(source.edges[key]) for key in weights)
        directed = source.directed if self.directed is None else self.directed
        if directed is None:
            directed = _one_way(source, edge)
        self.dropped.of_ends(source, directed)
        told = [attribute for attribute in source.nodes if attribute not in used]
        self.dropped.unread("node", told)
        self.dropped.unread("edge", [k for k in source.edges if k not in (*used, *weights)])
        if source.graph_classes is not None:
            self.classes.extend(source.graph_classes)
        else:
            count = 1 if source.offsets is None else source.offsets.size - 1
            self.classes.extend([ABSENT] * count)
        return GraphSet.from_edges(
            source.ends,
            [0, source.num_nodes] if source.offsets is None else source.offsets,
            node,
            edge,
            node_label_names=self.node.names if node is not None else (),
            edge_label_names=self.edge.names if edge is not None else (),
            directed=bool(directed),
            name=source.name,
            layout="columns",
        )

    def _codes(
        self,
        naming: Naming,
        source: Source,
        columns: Mapping[str, Column],
        usual: Sequence[str],
        used: list[str],
    ) -> np.ndarray | None:
        """Return the numbers of a graph's node or edge labels, or None where it has none."""
        told = naming.attribute
        if told is None:
            used += [key for key in (*usual, "label") if key in columns]
            return None
        key = _label_key(told, columns, usual)
        size = source.num_nodes if naming.what == "node" else source.ends.shape[1]
        if key is None:
            if size:
                self._refuse_unlabelled(naming, source.name, columns)
            return None
        column = columns[key]
        if isinstance(column, list):
            gone = [value is ABSENT for value in column]
            if any(gone):
                raise BadInput(
                    f"Some {naming.what}s have the attribute {key!r} and {naming.what} "
                    f"{gone.index(True)} has not; set it for every {naming.what}, or for none."
                )
        else:
            found = rows_as_labels(np.asarray(column), f"{key} of {naming.what}")
            if found is None:
                if naming.what == "edge" and np.ndim(column) and np.size(column) == len(column):
                    return None  # fractions in one column are weights
                raise BadInput(
                    f"The {'features' if naming.what == 'node' else 'edge attributes'} {key} are "
                    "neither one column of integers nor one-hot, so they are no labels; give "
                    f"labels as {key}, or set {key} to None."
                )
            column = found
        used.append(key)
        return naming.codes(column, source.name)

    def _refuse_unlabelled(self, naming: Naming, name: str, columns: Iterable[str]) -> None:
        """Raise `BadInput` where labels are needed, or were told, and are not there."""
        there = ", ".join(map(repr, columns)) or "none"
        told = naming.attribute
        if naming.needed:
            known = f": {', '.join(naming.names[:12])}" if naming.names else ""
            raise BadInput(
                f"The {naming.what}s of {name} have no labels ({told!r}; their attributes: {there})"
                f", and labels are needed here{known}; set them, or say {naming.what}_label=..."
            )
        if told != "label":
            raise BadInput(
                f"The {naming.what}s of {name} have no attribute {told!r}; their attributes: "
                f"{there}."
            )


def _label_key(told: str | None, columns: Mapping[str, Column], usual: Sequence[str]) -> str | None:
    """Return the attribute that has the labels: the one told, or the usual one of its kind."""
    if told == "label":
        return "label" if "label" in columns else first(columns, usual)
    return told if told in columns else None


def _is_weight(column: Column) -> bool:
    """Tell whether an attribute can be weights: numbers, one for each edge."""
    if isinstance(column, list):
        return all(value is ABSENT or not isinstance(value, str) for value in column)
    return np.size(column) == len(column) and np.asarray(column).dtype.kind in "biuf"


def _weighted(column: Column) -> int:
    """Return how many edges have a weight, unless all weights are 1."""
    values = column if isinstance(column, list) else np.ravel(column).tolist()
    there = [value for value in values if value is not ABSENT and value is not None]
    return 0 if all(value == 1 for value in there) else len(there)


def _one_way(source: Source, labels: np.ndarray | None) -> bool:
    """Tell whether an edge is there without its reverse, or with another label than its reverse."""
    n = max(source.num_nodes, 1)
    u, v = source.ends
    there, back = np.unique(u * n + v), np.unique(v * n + u)
    if labels is not None and np.array_equal(there, back):
        there = np.unique(np.stack([u, v, labels]), axis=1)
        back = np.unique(np.stack([v, u, labels]), axis=1)
    return not np.array_equal(there, back)
