"""Rounds as partitions: those of the hashed colours, in time that does not grow with the rounds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.colour_refinement import colour_rounds, distinct
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stable_colours import refinement_rounds, stable_classes


def by_first(colours):
    """Colours as numbers by first occurrence: equal for equal partitions."""
    known: dict[int, int] = {}
    return [known.setdefault(colour, len(known)) for colour in colours.tolist()]


@st.composite
def graphs(draw):
    """One random graph, or two in a union, with or without labels and directions."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    nodes, directed = draw(st.integers(0, 14)), draw(st.booleans())
    adjacent = rng.random((nodes, nodes)) < draw(st.sampled_from([0.1, 0.2, 0.5]))
    np.fill_diagonal(adjacent, False)
    edges = np.stack((adjacent if directed else np.triu(adjacent)).nonzero())
    return GraphSet.from_edges(
        edges,
        [0, nodes],
        rng.integers(-1, 2, nodes) if draw(st.booleans()) else None,
        rng.integers(0, 2, edges.shape[1]) if draw(st.booleans()) else None,
        directed=directed,
        layout="columns",
    )


@given(one=graphs(), edge_labels=st.booleans())
def test_partitions_are_those_of_the_colours(one, edge_labels):
    counts, place = [], np.zeros(one.num_nodes, dtype=np.int64)
    steps = refinement_rounds(one, edge_labels=edge_labels)
    for step, colours in zip(steps, colour_rounds(one, edge_labels=edge_labels), strict=False):
        assert by_first(step.classes) == by_first(colours)
        assert step.total == distinct(colours) == len(set(step.classes.tolist()))
        assert np.array_equal(place[step.moved], step.before)
        place[step.moved] = step.classes[step.moved]
        assert np.array_equal(place, step.classes)
        counts.append(step.total)
    # It ends with the first round that splits nothing.
    assert counts[-1] == counts[-2] and len(set(counts)) == len(counts) - 1
    assert by_first(stable_classes(one)) == by_first(place) or not edge_labels


def test_a_node_moves_a_few_times_only():
    """On a path of n nodes n/2 rounds move no more than n log n nodes."""
    nodes = 1_000
    ends = np.arange(nodes - 1)
    path = GraphSet.from_edges(np.stack([ends, ends + 1]), [0, nodes], layout="columns")
    moves = [step.moved.size for step in refinement_rounds(path)]
    assert len(moves) == nodes // 2 + 1
    assert sum(moves) <= nodes * np.log2(nodes)
