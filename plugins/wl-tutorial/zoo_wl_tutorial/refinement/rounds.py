"""Running a test: rounds until nothing splits any more, and what the colours say of two graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from zoo_graphs.colour_refinement import distinct, refine_colours
from zoo_graphs.graph_set import GraphSet

from zoo_wl_tutorial.refinement import exact as exact_mode
from zoo_wl_tutorial.refinement import tuples
from zoo_wl_tutorial.refinement.variants import Variant, check_sizes, tuple_counts, variant_named

_TOGETHER = 1_000_000  # tuples; their colours and what is computed from them stay in the cache


@dataclass(frozen=True)
class Refinement:
    """The colours of all k-tuples of g graphs under a rule (`variant`), round by round.

    `colours` are c_0, c_1, ...: for each round an (N,) array, graph by graph, the tuples of a graph
    in lexicographic order; uint64 hashes, or numbers in the exact mode. Colours are shared by all
    graphs. `offsets` (g + 1,) is where each graph's tuples start, and `sizes` (g,) the graphs'
    numbers of nodes.
    """

    variant: Variant
    colours: Sequence[np.ndarray]
    offsets: np.ndarray
    sizes: np.ndarray

    @property
    def rounds(self) -> int:
        """The number of rounds after c_0."""
        return len(self.colours) - 1

    def flat(self, graph: int, round_: int = -1) -> np.ndarray:
        """Return a graph's colours in one round, (n^k,)."""
        return self.colours[round_][self.offsets[graph] : self.offsets[graph + 1]]

    def of(self, graph: int, round_: int = -1) -> np.ndarray:
        """Return a graph's colours in one round, shape (n,) * k."""
        return self.flat(graph, round_).reshape((int(self.sizes[graph]),) * self.variant.k)

    def counts(self, graph: int) -> list[int]:
        """Return how many colours a graph has in each round."""
        return [distinct(self.flat(graph, round_)) for round_ in range(len(self.colours))]

    def first_difference(self, first: int, second: int) -> int | None:
        """Return the first round in which two graphs' histograms differ, or None."""
        for round_ in range(len(self.colours)):
            ours, theirs = (np.sort(self.flat(i, round_)) for i in (first, second))
            if not np.array_equal(ours, theirs):
                return round_
        return None

    def classes(self) -> np.ndarray:
        """Return the graphs' equivalence classes after the last round, (g,), by first occurrence.

        Colours tell those of all earlier rounds, so that the last histogram says it all.
        """
        known: dict[bytes, int] = {}
        found = []
        for graph in range(self.sizes.size):
            key = np.sort(self.flat(graph)).tobytes()
            found.append(known.setdefault(key, len(known)))
        return np.array(found, dtype=np.int64)


def refine(
    graphs: GraphSet,
    variant: str,
    rounds: int | None = None,
    *,
    exact: bool = False,
    edge_labels: bool = True,
    max_nodes: int | None = None,
) -> Refinement:
    """Run a test on all graphs of a set at once; they share their colours, an empty one has none.

    `variant` is "1-wl" (colour refinement), "2-wl" or "3-wl" (oblivious), "2-fwl" or "3-fwl"
    (folklore). Without `rounds` it runs until no class of the whole set splits: the last round is
    the one that shows it, with as many colours as the one before. `exact` numbers sorted rows and
    does not hash, which is for small graphs. `edge_labels` says whether the edges' labels are used,
    `max_nodes` how large a graph may be (None: the variant's own limit).

    Raises `BadInput` for an unknown variant, or graphs too large for it.
    """
    rule = variant_named(variant)
    check_sizes(graphs, rule, max_nodes)
    if not edge_labels and graphs.edge_labels is not None:
        graphs = replace(graphs, edge_labels=None)
    offsets = np.concatenate([[0], np.cumsum(tuple_counts(graphs, rule))])
    if exact:
        exact_mode.check_exact(graphs, rule)
        colours = _until_stable(
            exact_mode.first_colours(graphs, rule),
            lambda before: exact_mode.next_colours(graphs, before, rule),
            rounds,
        )
    elif rule.k == 1:
        colours = refine_colours(graphs, rounds)
    else:
        colours = _hashed(graphs, rule, offsets, rounds)
    return Refinement(rule, colours, offsets, graphs.sizes)


def _hashed(
    graphs: GraphSet, rule: Variant, offsets: np.ndarray, rounds: int | None
) -> list[np.ndarray]:
    """Refine tuples; graphs of one size together, as many as the memory allows."""
    groups = []
    for n in np.unique(graphs.sizes[graphs.sizes > 0]).tolist():
        members = np.flatnonzero(graphs.sizes == n)
        groups += np.array_split(members, -(-members.size * n**rule.k // _TOGETHER))
    places = [
        offsets[members][:, None] + np.arange(graphs.sizes[members[0]] ** rule.k)
        for members in groups
    ]
    shapes = [(len(members), *(int(graphs.sizes[members[0]]),) * rule.k) for members in groups]

    def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
        whole = np.empty(int(offsets[-1]), dtype=np.uint64)
        for place, part in zip(places, parts, strict=True):
            whole[place] = part.reshape(place.shape)
        return whole

    def following(before: np.ndarray) -> np.ndarray:
        return joined(
            [
                tuples.step(before[place].reshape(shape), rule)
                for place, shape in zip(places, shapes, strict=True)
            ]
        )

    first = joined([tuples.atomic_types(graphs, members, rule.k) for members in groups])
    return _until_stable(first, following, rounds)


def _until_stable(
    first: np.ndarray, following: Callable[[np.ndarray], np.ndarray], rounds: int | None
) -> list[np.ndarray]:
    colours = [first]
    known = distinct(first)
    while rounds is None or len(colours) <= rounds:
        colours.append(following(colours[-1]))
        if rounds is None:
            count = distinct(colours[-1])
            if count == known:
                break
            known = count
    return colours
