"""What a test says of graphs, from one round at a time: memory does not grow with the rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
from zoo_graphs.colour_refinement import distinct
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stable_colours import refinement_rounds

from zoo_wl_tutorial.refinement.rounds import classes_of, colour_stream, until_stable
from zoo_wl_tutorial.refinement.variants import (
    Variant,
    check_rounds,
    check_sizes,
    tuple_counts,
    variant_named,
)


@dataclass(frozen=True)
class Comparison:
    """Two graphs under a rule (`variant`).

    `counts` is how many colours each graph has, round by round. `round` is the first in which the
    histograms differ, or None, and `colours` are those of both graphs in that round, (n^k,) each,
    the tuples in lexicographic order. `sizes` are the graphs' numbers of nodes.
    """

    variant: Variant
    sizes: tuple[int, int]
    counts: tuple[list[int], list[int]]
    round: int | None
    colours: tuple[np.ndarray, np.ndarray] | None

    def nodes(self, graph: int, colour: int) -> list[int]:
        """Return the first tuple of a graph that has a colour of `colours`."""
        assert self.colours is not None
        place = np.flatnonzero(self.colours[graph] == colour)[0]
        shape = (self.sizes[graph],) * self.variant.k
        return [int(index) for index in np.unravel_index(place, shape)]


def compare(
    graphs: GraphSet,
    variant: str,
    rounds: int | None = None,
    *,
    exact: bool = False,
    max_nodes: int | None = None,
) -> Comparison:
    """Compare the two graphs of a set, until no class splits any more or after so many rounds.

    Takes and raises what `zoo_wl_tutorial.refinement.rounds.refine` does.
    """
    rule = variant_named(variant)
    last = None if rounds is None else check_rounds(rounds) + 1
    stream = colour_stream(graphs, rule, exact=exact, max_nodes=max_nodes, rounds=rounds)
    ends = np.cumsum(tuple_counts(graphs, rule)).tolist()
    colours = None
    counts: tuple[list[int], list[int]] = ([], [])
    first: int | None = None
    if rule.k == 1 and not exact:
        for number, (both, apart) in enumerate(islice(_counted(graphs), last)):
            for known, count in zip(counts, both, strict=True):
                known.append(count)
            first = number if first is None and apart else first
        if first is not None:
            colours = np.split(next(islice(stream, first, None)), ends[:1])
    else:
        for number, one in enumerate(islice(until_stable(stream), last)):
            ours, theirs = (np.sort(part) for part in np.split(one, ends[:1]))
            counts[0].append(distinct(ours))
            counts[1].append(distinct(theirs))
            if first is None and not np.array_equal(ours, theirs):
                first, colours = number, np.split(one, ends[:1])
    sizes = int(graphs.sizes[0]), int(graphs.sizes[1])
    found = None if colours is None else (colours[0], colours[1])
    return Comparison(rule, sizes, counts, first, found)


def _counted(graphs: GraphSet) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield, for two graphs under 1-WL, the numbers of their classes, and whether these differ.

    Graphs that differ in one round differ in all that follow, so that only classes which the round
    has changed are looked at.
    """
    graph = graphs.graph_of_node
    sizes = np.zeros((2, graphs.num_nodes), dtype=np.int64)
    counts, apart = np.zeros(2, dtype=np.int64), False
    for number, step in enumerate(refinement_rounds(graphs)):
        after = step.classes[step.moved]
        changed = np.unique(np.concatenate([step.before, after]))
        counts -= np.count_nonzero(sizes[:, changed], axis=1)
        if number:
            np.subtract.at(sizes, (graph[step.moved], step.before), 1)
        np.add.at(sizes, (graph[step.moved], after), 1)
        counts += np.count_nonzero(sizes[:, changed], axis=1)
        apart = apart or not np.array_equal(sizes[0, changed], sizes[1, changed])
        yield (int(counts[0]), int(counts[1])), apart


def first_differences(
    graphs: GraphSet, variant: str, *, max_nodes: int | None = None
) -> np.ndarray:
    """Return, for the pairs of graphs 2i and 2i + 1, the first round in which they differ, or -1.

    The result is (P,) int64. Raises what `zoo_wl_tutorial.refinement.rounds.refine` does.
    """
    rule = variant_named(variant)
    check_sizes(graphs, rule, max_nodes)
    found = np.full(graphs.num_graphs // 2, -1, dtype=np.int64)
    if rule.k == 1:
        pair, side = np.divmod(graphs.graph_of_node, 2)
        for number, step in enumerate(refinement_rounds(graphs)):
            keys = step.classes[step.moved] * max(found.size, 1) + pair[step.moved]
            known, place = np.unique(keys, return_inverse=True)
            balance = np.bincount(place, 1.0 - 2 * side[step.moved], known.size)
            apart = known[balance != 0] % max(found.size, 1)
            found[apart[found[apart] < 0]] = number
            if (found >= 0).all():
                break
        return found
    bounds = np.concatenate([[0], np.cumsum(tuple_counts(graphs, rule))]).tolist()
    spans = list(pairwise(bounds))
    for number, colours in enumerate(
        until_stable(colour_stream(graphs, rule, max_nodes=max_nodes))
    ):
        for i in np.flatnonzero(found < 0).tolist():
            (a, b), (c, d) = spans[2 * i], spans[2 * i + 1]
            if not np.array_equal(np.sort(colours[a:b]), np.sort(colours[c:d])):
                found[i] = number
        if (found >= 0).all():
            break
    return found


def rounds_needed(graphs: GraphSet, variant: str, *, edge_labels: bool = True) -> int:
    """Return the last round of a test in which a class of the whole set splits, or 0.

    Takes and raises what `zoo_wl_tutorial.refinement.rounds.refine` does.
    """
    rule = variant_named(variant)
    check_sizes(graphs, rule)
    if rule.k == 1:
        steps = sum(1 for _ in refinement_rounds(graphs, edge_labels=edge_labels))
    else:
        steps = sum(1 for _ in until_stable(colour_stream(graphs, rule, edge_labels=edge_labels)))
    return steps - 2


def classes(
    graphs: GraphSet,
    variant: str,
    rounds: int | None = None,
    *,
    exact: bool = False,
    max_nodes: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which graphs a test finds equivalent, and how many colours each has at the end.

    The classes (g,) int64 are numbered by first occurrence; the counts are (g,) int64. Takes and
    raises what `zoo_wl_tutorial.refinement.rounds.refine` does.
    """
    rule = variant_named(variant)
    last = None if rounds is None else check_rounds(rounds) + 1
    stream = colour_stream(graphs, rule, exact=exact, max_nodes=max_nodes, rounds=rounds)
    colours = np.empty(0)
    if rule.k == 1 and not exact:
        for step in islice(refinement_rounds(graphs), last):
            colours = step.classes
    else:
        for one in islice(until_stable(stream), last):
            colours = one
    offsets = np.concatenate([[0], np.cumsum(tuple_counts(graphs, rule))])
    counts = [distinct(colours[low:high]) for low, high in pairwise(offsets.tolist())]
    return classes_of(colours, offsets), np.array(counts, dtype=np.int64)
