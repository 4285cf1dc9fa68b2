"""Exact isomorphism of small labelled graphs: colours first, then NetworkX where they agree."""

from __future__ import annotations

import numpy as np

from zoo_core.errors import BadInput
from zoo_graphs.colour_refinement import refine_colours
from zoo_graphs.graph_set import GraphSet


def are_isomorphic(graphs: GraphSet, first: int, second: int) -> bool:
    """Tell whether two graphs of a set are isomorphic, labels of nodes and edges included.

    Exponential in the worst case: for graphs of some dozens of nodes.

    Raises:
        BadInput: NetworkX is needed and not installed.
    """
    pair = graphs.select([first, second])
    return duplicates(pair)[1] == 0


def duplicates(graphs: GraphSet) -> np.ndarray:
    """Return, for each graph, the index of the first graph that is isomorphic to it, (g,) int64.

    Graphs whose stable colours (1-WL) differ are not isomorphic; only the others are compared, with
    colours as labels that an isomorphism must keep.

    Raises:
        BadInput: NetworkX is needed and not installed.
    """
    stable = refine_colours(graphs)[-1]
    bounds = graphs.offsets
    groups: dict[bytes, list[int]] = {}
    found = np.arange(graphs.num_graphs)
    for i in range(graphs.num_graphs):
        key = np.sort(stable[bounds[i] : bounds[i + 1]]).tobytes()
        firsts = groups.setdefault(key, [])
        for candidate in firsts:
            if _exactly(graphs, stable, candidate, i):
                found[i] = candidate
                break
        else:
            firsts.append(i)
    return found


def _exactly(graphs: GraphSet, stable: np.ndarray, first: int, second: int) -> bool:
    try:
        import networkx as nx
    except ImportError as error:
        raise BadInput(
            "Exact isomorphism needs NetworkX; install it with `pip install networkx`."
        ) from error
    made = []
    for i in (first, second):
        one = graphs.select([i])
        graph = nx.DiGraph() if graphs.directed else nx.Graph()
        colours = stable[graphs.offsets[i] : graphs.offsets[i + 1]]
        graph.add_nodes_from((v, {"colour": int(c)}) for v, c in enumerate(colours))
        labels = np.zeros(one.num_edges, int) if one.edge_labels is None else one.edge_labels
        graph.add_edges_from(
            (u, v, {"label": label})
            for (u, v), label in zip(one.edges.T.tolist(), labels.tolist(), strict=True)
        )
        made.append(graph)
    same_colour = nx.isomorphism.categorical_node_match("colour", None)
    same_label = nx.isomorphism.categorical_edge_match("label", None)
    return bool(nx.is_isomorphic(*made, node_match=same_colour, edge_match=same_label))
