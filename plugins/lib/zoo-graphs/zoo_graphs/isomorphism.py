"""Exact isomorphism of small labelled graphs, by individualisation and refinement.

McKay's search in its plainest form: refine colours; where a class has several nodes, give one of
the first graph's and each of the second graph's in turn a colour of its own, and go on. Where every
class is a single node the only possible map is checked edge by edge, so that the answer is exact
whatever the colours are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stable_colours import stable_classes


def are_isomorphic(graphs: GraphSet, first: int, second: int) -> bool:
    """Tell whether two graphs of a set are isomorphic, labels of nodes and edges included.

    Exponential in the worst case: for graphs of some dozens of nodes.
    """
    return bool(duplicates(graphs.select([first, second]))[1] == 0)


def duplicates(graphs: GraphSet) -> np.ndarray:
    """Return, for each graph, the index of the first graph that is isomorphic to it, (g,) int64.

    Graphs whose stable colours (1-WL) differ are not isomorphic; only the others are compared.
    """
    stable = stable_classes(graphs)
    bounds = graphs.offsets
    groups: dict[bytes, list[int]] = {}
    found = np.arange(graphs.num_graphs)
    for i in range(graphs.num_graphs):
        key = np.sort(stable[bounds[i] : bounds[i + 1]]).tobytes()
        firsts = groups.setdefault(key, [])
        for candidate in firsts:
            if _search(graphs.select([candidate, i])):
                found[i] = candidate
                break
        else:
            firsts.append(i)
    return found


def _search(pair: GraphSet) -> bool:
    """Tell whether the two graphs of a set are isomorphic with their node labels."""
    codes = stable_classes(pair)
    ours, theirs = np.split(codes, [pair.offsets[1]])
    sizes = np.bincount(ours, minlength=codes.max(initial=-1) + 1)
    if not np.array_equal(sizes, np.bincount(theirs, minlength=sizes.size)):
        return False
    several = np.flatnonzero(sizes > 1)
    if not several.size:
        return _is_isomorphism(pair, np.argsort(ours), np.argsort(theirs))
    smallest = several[np.argmin(sizes[several])]
    node = int(np.flatnonzero(ours == smallest)[0])
    for other in np.flatnonzero(theirs == smallest).tolist():
        labels = codes.copy()
        labels[[node, ours.size + other]] = sizes.size
        if _search(replace(pair, node_labels=labels)):
            return True
    return False


def _is_isomorphism(pair: GraphSet, ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Tell whether ours[i] -> theirs[i] keeps edges and their labels; colours keep nodes' own."""
    first, second = pair.adjacency(0), pair.adjacency(1)
    return np.array_equal(first[np.ix_(ours, ours)], second[np.ix_(theirs, theirs)])
