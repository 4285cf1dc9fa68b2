"""The rounds of colour refinement as partitions, of which each looks at what the last one moved.

`zoo_graphs.colour_refinement` gives all nodes a new colour in each round, O(m) a round, and a path
of n nodes takes n/2 rounds. Where only the classes are asked for, a round need look at no more than
the neighbours of nodes whose class has changed. Of the parts into which a class falls the largest
keeps its number (Hopcroft 1971; Cardon and Crochemore 1982), so that a node moves at most log2(n)
times: all rounds together take O(m log n) time and O(n + m) memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from zoo_graphs.colour_refinement import Neighbourhood, mix, neighbourhoods
from zoo_graphs.graph_set import GraphSet


class Round(NamedTuple):
    """What one round made of the partition.

    `classes` (n,) int64 numbers the nodes' classes, the same for all graphs; it is changed by the
    next round, so copy what is to be kept. `moved` are the nodes whose class has a new number,
    `before` their old ones (both empty in the last round), and `total` is the number of classes.
    """

    classes: np.ndarray
    moved: np.ndarray
    before: np.ndarray
    total: int


def refinement_rounds(graphs: GraphSet, *, edge_labels: bool = True) -> Iterator[Round]:
    """Yield rounds 0, 1, ... of colour refinement, up to the first that splits no class.

    In round 0, which numbers the node labels, every node counts as moved, from class 0. Labels and
    directions of edges count as they do in `zoo_graphs.colour_refinement.colour_rounds`.
    """
    ways = neighbourhoods(graphs, edge_labels)
    labels = graphs.node_labels
    if labels is None:
        labels = np.zeros(graphs.num_nodes, dtype=np.int64)
    partition = _Partition(np.unique(labels, return_inverse=True)[1].reshape(-1))
    moved = np.arange(graphs.num_nodes)
    yield Round(partition.classes, moved, np.zeros_like(moved), partition.count)
    while True:
        moved, before = partition.split(*_arriving(ways, partition.classes, moved))
        yield Round(partition.classes, moved, before, partition.count)
        if not moved.size:
            return


def stable_classes(graphs: GraphSet) -> np.ndarray:
    """Return the classes of the stable colouring, (n,) int64 from 0, the same for all graphs."""
    last = deque(refinement_rounds(graphs), maxlen=1).pop()
    return last.classes


def _arriving(
    ways: list[Neighbourhood], classes: np.ndarray, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes with moved neighbours, ascending, and their sums of images over these.

    Nodes of one class have as many neighbours in each class of the round before. They have so in
    all parts of it if they have so in all but one, which may be the part that kept its number.
    """
    nodes, images = [], []
    # In a directed graph an edge's tail looks at its head along one way, so that the tails to look
    # at are found along the other.
    for (salt, *_), (_, indptr, others, labels) in zip(ways, reversed(ways), strict=True):
        counts = indptr[moved + 1] - indptr[moved]
        lines = _runs(indptr[moved], counts)
        seen = np.repeat(mix(classes[moved].view(np.uint64), salt), counts)
        nodes.append(others[lines])
        images.append(seen if labels is None else mix(seen + labels[lines], salt))
    every = np.concatenate(nodes)
    order = np.argsort(every, kind="stable")
    every = every[order]
    starts = np.flatnonzero(np.diff(every, prepend=-1))
    return every[starts], np.add.reduceat(np.concatenate(images)[order], starts)


class _Partition:
    """Classes of nodes, each a run of one order of all nodes, so that its members are at hand."""

    def __init__(self, classes: np.ndarray) -> None:
        self.classes = classes
        self.count = int(classes.max(initial=-1)) + 1
        self._sizes = np.bincount(classes, minlength=classes.size)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._order = np.argsort(classes, kind="stable")
        self._place = np.argsort(self._order)
        self._marked = np.zeros(classes.size, dtype=bool)

    def split(self, reached: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Split classes by the sums of their nodes, those not reached being one more part.

        Return the nodes that have a new number, and their old ones.
        """
        if not reached.size:
            return reached, reached
        order = np.lexsort((sums, self.classes[reached]))
        reached, sums = reached[order], sums[order]
        before = self.classes[reached]
        opens = np.ones(reached.size, dtype=bool)
        opens[1:] = (before[1:] != before[:-1]) | (sums[1:] != sums[:-1])
        heads = np.flatnonzero(opens)
        sizes, of = np.diff(heads, append=reached.size), before[heads]
        firsts = np.flatnonzero(np.diff(of, prepend=-1))
        old, inside = of[firsts], np.add.reduceat(sizes, firsts)
        rests = self._sizes[old] - inside
        starts = self._to_the_end(reached, np.repeat(self._starts[old] + rests, inside))[heads]
        # The largest part keeps the number. What was not reached is renamed only where it is
        # smaller than that, and takes no longer to look up.
        largest = np.lexsort((-sizes, of))[firsts]
        keeps = sizes[largest] > rests
        renamed = np.ones(sizes.size, dtype=bool)
        renamed[largest[keeps]] = False
        leaves = keeps & (rests > 0)
        rest_sizes, rest_starts = rests[leaves], self._starts[old[leaves]]
        names = of.copy()
        names[renamed] = self._new_names(int(np.count_nonzero(renamed)))
        rest_names = self._new_names(rest_sizes.size)
        self._sizes[old] = rests
        self._sizes[names], self._starts[names] = sizes, starts
        self._sizes[rest_names], self._starts[rest_names] = rest_sizes, rest_starts
        leaving = np.repeat(renamed, sizes)
        moved = np.concatenate([reached[leaving], self._order[_runs(rest_starts, rest_sizes)]])
        was = self.classes[moved]
        self.classes[moved] = np.concatenate(
            [np.repeat(names, sizes)[leaving], np.repeat(rest_names, rest_sizes)]
        )
        return moved, was

    def _to_the_end(self, reached: np.ndarray, tails: np.ndarray) -> np.ndarray:
        """Put nodes, sorted by class, at the end of their classes' runs; return their places.

        `tails` is, for each of them, where the end of its class that they will take begins.
        """
        steps = np.flatnonzero(np.diff(tails, prepend=-1))
        places = _runs(tails[steps], np.diff(steps, append=reached.size))
        self._marked[reached] = True
        evicted = self._order[places]
        evicted = evicted[~self._marked[evicted]]
        self._marked[reached] = False
        holes = self._place[reached]
        holes = holes[holes < tails]
        self._order[holes], self._place[evicted] = evicted, holes
        self._order[places], self._place[reached] = reached, places
        return places

    def _new_names(self, count: int) -> np.ndarray:
        names = self.count + np.arange(count)
        self.count += count
        return names


def _runs(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return starts[0], starts[0] + 1, ..., so many as lengths[0] says, then those of the next."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if ends.size else 0)
